import type { RedisPort, RedisReply } from '../../src/store/redis/port.ts'
import { COMMAND_MS, tellable, type UpstashOptions, withFlags } from './upstash-dialect.ts'

/** Upstash's REST API by `fetch` alone, for Workers: one command is one request, which is never repeated or redirected. */
export function upstashRest({ url, token }: UpstashOptions): RedisPort {
  return {
    async send(command): Promise<RedisReply> {
      const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(withFlags(command).map(String)),
        redirect: 'manual',
        signal: AbortSignal.timeout(COMMAND_MS),
      })
      const { result, error } = readAnswer(await response.text())
      if (response.ok && result !== undefined) return result
      throw new Error(typeof error === 'string' ? tellable(error) : `HTTP ${response.status} without a reply`)
    },
    async close(): Promise<void> {},
  }
}

interface Answer {
  readonly result?: RedisReply
  readonly error?: unknown
}

/** Empty for what is no answer of Upstash's: the parser's own error would quote it. */
function readAnswer(text: string): Answer {
  try {
    return (JSON.parse(text) as Answer | null) ?? {}
  } catch {
    return {}
  }
}
