import type { Log } from './log.ts'
import { type Limiter, windowOf } from './rate.ts'
import type { Salts } from './salt.ts'
import { sipHash } from './siphash.ts'

/**
 * Counts a request with those that other processes or isolates see; false where they are too many. The name of
 * who sent it is made on demand. May reject, and must not take long.
 */
export type SharedCount = (name: () => Promise<string>) => Promise<boolean>

export interface SharedLimiterOptions {
  readonly count: SharedCount
  readonly salts: Salts
  /** ms since 1970. */
  readonly now: () => number
  readonly log: Log
}

/** A count that fails is told of at most this often, ms. */
const TELL_EVERY_MS = 60_000

/** No collection's name, so that the secret serves nothing else. */
const NOBODY = ''

/**
 * Counts a client by itself first, and then together with others, where it goes by a hash under a secret of the
 * day, never by its address. A shared count that fails turns nobody away: the other one holds.
 */
export function sharedLimiter(own: Limiter, { count, salts, now, log }: SharedLimiterOptions): Limiter {
  let toldAt = -Infinity
  async function nameOf(client: string): Promise<string> {
    const date = new Date(now()).toISOString().slice(0, 10)
    const secret = (await salts.of(NOBODY, [date])).get(date)
    if (!secret) throw new TypeError('no secret')
    return sipHash(secret, client)
  }
  function tell(error: unknown): void {
    if (now() - toldAt < TELL_EVERY_MS) return
    toldAt = now()
    const detail = error instanceof Error ? error.name : typeof error
    log({ level: 'warn', event: 'rates counted alone', detail })
  }
  return {
    rate: own.rate,
    async take(client): Promise<number> {
      const wait = await own.take(client)
      if (wait > 0) return wait
      try {
        return (await count(() => nameOf(client))) ? 0 : windowOf(own.rate) * 1000
      } catch (error) {
        tell(error)
        return 0
      }
    },
  }
}
