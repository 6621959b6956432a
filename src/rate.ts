import { type HalfSipKey, halfSipHash } from './half-siphash.ts'
import type { Random } from './key.ts'

/** How often one client may send: a bucket holds `burst` tokens, `perSecond` of them come back each second. */
export interface Rate {
  readonly perSecond: number
  /** Not less than `perSecond`. */
  readonly burst: number
}

export const DEFAULT_RATE: Rate = { perSecond: 50, burst: 500 }

/** Seconds in which an empty bucket is full again. */
export function windowOf({ perSecond, burst }: Rate): number {
  return Math.ceil(burst / perSecond)
}

/** Counts the requests of clients. */
export interface Limiter {
  readonly rate: Rate
  /** Takes a token of a client: 0 if there was one, else the ms until there is. */
  take(client: string): number | Promise<number>
}

export interface LimiterOptions {
  /** A clock that never goes back, ms. */
  readonly clock: () => number
  readonly random: Random
}

/** Slots in each of two rows; a slot's number is half of a hash of 32 bits. */
const SLOTS = 65_536

/**
 * A token bucket for every client, in 1 MB however many there are. A bucket is one time, at which it is full again
 * (the "theoretical arrival time" of GCRA, ITU-T I.371), and no client is remembered: its time stands in two
 * slots that a keyed hash chooses, and the earlier one counts (a count-min sketch with conservative update:
 * Estan and Varghese, 2002). A slot is never earlier than the time of any client in it, so nobody gets more than
 * its bucket holds; less it gets only while both its slots are also those of others at the limit.
 */
export function createLimiter(rate: Rate, { clock, random }: LimiterOptions): Limiter {
  const key = toKey(random(8))
  const slots = new Float64Array(2 * SLOTS)
  const interval = 1000 / rate.perSecond
  const reach = (rate.burst - 1) * interval
  function take(client: string): number {
    const hash = halfSipHash(key, client)
    const a = hash & (SLOTS - 1)
    const b = SLOTS + (hash >>> 16)
    const [atA, atB] = [slots[a] as number, slots[b] as number]
    const now = clock()
    const full = Math.max(now, Math.min(atA, atB))
    const wait = full - reach - now
    if (wait > 0) return wait
    const next = full + interval
    if (atA < next) slots[a] = next
    if (atB < next) slots[b] = next
    return 0
  }
  return { rate, take }
}

function toKey(bytes: Uint8Array): HalfSipKey {
  const words = new DataView(bytes.buffer, bytes.byteOffset, 8)
  return [words.getInt32(0), words.getInt32(4)]
}
