import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { type RedisGroup, readRedisGroup } from '../../src/redis-group.ts'
import type { RedisPort, RedisReply } from '../../src/store/redis/port.ts'

/** A reply that takes longer is given up: its outcome is unknown, like that of a lost connection. */
const COMMAND_MS = 1200
const RECONNECT_MS = 500

/** A Cluster is asked so often who its masters are, beside whenever one is not where it was; ms. */
const REFRESH_MS = 1000

const reconnect = (attempt: number): number => Math.min(attempt * 50, RECONNECT_MS)

const options = {
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_MS,
  connectTimeout: COMMAND_MS,
  socketTimeout: 2000,
  protocol: 2,
  // A master that has become a replica takes no writes: whoever is the master now is looked for, and nothing is repeated.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

/**
 * ioredis, set so that it never repeats a command by itself (its defaults do, and counts double) and
 * never keeps one waiting: a command fails at once while there is no connection, and in time when the
 * server stops answering. It goes on connecting for ever, so a server that comes back is used again.
 * `url`: of a server, or of a group of them as `readRedisGroup` reads it.
 */
export function ioredis(url: string): RedisPort {
  const client = connect(url)
  // Every failure reaches whoever sent a command; without a listener it would also be printed.
  client.on('error', () => {})
  /** The very first commands come before the connection does: they wait for it as long as for a reply. */
  let connecting: Promise<unknown> | undefined = Promise.race([
    new Promise((resolve) => client.once('ready', resolve)),
    new Promise((resolve) => setTimeout(resolve, COMMAND_MS).unref()),
  ]).then(() => {
    connecting = undefined
  })
  return {
    async send([name, ...args]): Promise<RedisReply> {
      if (connecting) await connecting
      return client.call(name, ...args) as Promise<RedisReply>
    },
    async each([name, ...args]): Promise<readonly RedisReply[]> {
      if (connecting) await connecting
      const servers = client instanceof Cluster ? client.nodes('master') : [client]
      return Promise.all(servers.map((server) => server.call(name, ...args) as Promise<RedisReply>))
    },
    async close(): Promise<void> {
      client.disconnect()
    },
  }
}

function connect(url: string): Redis | Cluster {
  const group = readRedisGroup(url)
  const one = { ...options, enableOfflineQueue: false, retryStrategy: reconnect }
  if (!group) return new Redis(url, one)
  return group.kind === 'cluster' ? connectCluster(group) : new Redis({ ...one, ...sentinelOptions(group) })
}

function connectCluster(group: RedisGroup): Cluster {
  return new Cluster([...group.hosts], {
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnect,
    slotsRefreshTimeout: COMMAND_MS,
    slotsRefreshInterval: REFRESH_MS,
    // What a node that went away may have done is not done again elsewhere.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    redisOptions: { ...options, ...credentials(group) },
  })
}

function sentinelOptions(group: RedisGroup) {
  return {
    sentinels: [...group.hosts],
    name: group.master ?? '',
    db: group.database,
    sentinelCommandTimeout: COMMAND_MS,
    sentinelRetryStrategy: reconnect,
    enableTLSForSentinelMode: group.isEncrypted,
    ...credentials(group),
  } satisfies RedisOptions
}

function credentials({ username, password, isEncrypted }: RedisGroup) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isEncrypted && { tls: {} }),
  } satisfies RedisOptions
}
