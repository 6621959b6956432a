import { Redis } from 'ioredis'
import type { RedisPort, RedisReply } from '../../src/store/redis/port.ts'

/** A reply that takes longer is given up: its outcome is unknown, like that of a lost connection. */
const COMMAND_MS = 1200
const RECONNECT_MS = 500

/**
 * ioredis, set so that it never repeats a command by itself (its defaults do, and counts double) and
 * never keeps one waiting: a command fails at once while there is no connection, and in time when the
 * server stops answering. It goes on connecting for ever, so a server that comes back is used again.
 */
export function ioredis(url: string): RedisPort {
  const client = new Redis(url, {
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_MS,
    connectTimeout: COMMAND_MS,
    socketTimeout: 2000,
    retryStrategy: (attempt) => Math.min(attempt * 50, RECONNECT_MS),
    protocol: 2,
  })
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
    async close(): Promise<void> {
      client.disconnect()
    },
  }
}
