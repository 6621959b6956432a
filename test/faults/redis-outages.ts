import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Network, networkFaults } from './network.ts'
import type { Outage } from './outage.ts'
import { isLong } from './scale.ts'

/** How long outages last, ms: longer than a reply may take, and in the long run than a connection may be silent. */
export const OUTAGES_MS: readonly number[] = isLong ? [2500, 5000, 15_000] : [2500]

/**
 * A Redis that replies once a write is on disk, so that what it acknowledged outlives it. With `everysec` it may hold
 * writes back for up to 2 s while the disk is busy.
 */
export function startDurableRedis(
  again: Parameters<typeof startRedis>[0] = {},
): ReturnType<typeof startRedis> {
  return startRedis({ ...again, settings: ['--appendfsync', 'always'] })
}

/** A Redis and the network before it. */
export interface Remote {
  redis: Awaited<ReturnType<typeof startRedis>>
  readonly network: Network
}

/** All that may befall a store at the other end of a network, by name. */
export const redisOutages: Readonly<Record<string, (remote: Remote) => Outage>> = {
  ...Object.fromEntries(networkFaults.map((fault) => [fault, (remote: Remote) => badNetwork(remote, fault)])),
  SIGSTOP: stopped,
  'SIGKILL and start': killed,
}

function badNetwork({ network }: Remote, fault: (typeof networkFaults)[number]): Outage {
  return { begin: () => network.become(fault), end: () => network.become(undefined) }
}

function stopped({ redis }: Remote): Outage {
  return { begin: () => signalled(redis, 'SIGSTOP'), end: () => redis.child.signal('SIGCONT') }
}

function killed(remote: Remote): Outage {
  return {
    async begin(): Promise<void> {
      await signalled(remote.redis, 'SIGKILL')
      await remote.redis.child.ended
    },
    async end(): Promise<void> {
      const { port, folder } = remote.redis
      remote.redis = await startDurableRedis({ port, folder })
    },
  }
}

/** Signals, and waits until that has surely arrived. */
async function signalled({ child }: RedisServer, signal: NodeJS.Signals): Promise<void> {
  child.signal(signal)
  await new Promise((resolve) => setTimeout(resolve, 50))
}
