import { Redis } from '@upstash/redis/cloudflare'
import type { RedisPort, RedisReply } from '../../src/store/redis/port.ts'
import { COMMAND_MS, tellable, type UpstashOptions, withFlags } from './upstash-dialect.ts'

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
    async send(command): Promise<RedisReply> {
      const [name, ...args] = withFlags(command)
      try {
        return await client.exec<RedisReply>([name, ...args])
      } catch (error) {
        throw new Error(tellable(error instanceof Error ? error.message : String(error)))
      }
    },
    async close(): Promise<void> {},
  }
}
