import { Redis } from '@upstash/redis/cloudflare'
import type { RedisPort, RedisReply } from '../../src/store/redis/port.ts'

/** A reply that takes longer is given up: its outcome is unknown, like that of a lost connection. */
const COMMAND_MS = 1200

/** Upstash locks the whole database for a script unless it promises to touch only its KEYS, as ours do. */
const KEYS_ONLY = '#!lua flags=allow-key-locking\n'

export interface UpstashOptions {
  readonly url: string
  readonly token: string
}

/**
 * @upstash/redis, set so that one command is one request and its reply comes as it is. By default it
 * sends again after a lost reply (counts double), parses replies as JSON (a page named `null` is lost),
 * joins commands, and tells its maker what it runs on. Its errors hold the whole command, with what
 * visitors sent: only their first part is let out.
 */
export function upstash({ url, token }: UpstashOptions): RedisPort {
  const client = new Redis({
    url,
    token,
    retry: { retries: 0 },
    signal: () => AbortSignal.timeout(COMMAND_MS),
    automaticDeserialization: false,
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
  })
  return {
    async send([name, ...args]): Promise<RedisReply> {
      const [first, ...others] = args
      const flagged = name === 'EVAL' ? [`${KEYS_ONLY}${first}`, ...others] : args
      try {
        return await client.exec<RedisReply>([name, ...flagged])
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        throw new Error(message.split(', command was')[0])
      }
    },
    async close(): Promise<void> {},
  }
}
