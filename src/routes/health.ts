import type { Layer } from '../context.ts'
import type { Durability } from '../durability.ts'
import { PRIVATE } from '../headers.ts'
import { json, type Reply } from '../reply.ts'

export interface HealthOptions {
  /** Writes to the store and reads it back within 3 s; rejects if it cannot. */
  readonly probe: () => Promise<Durability>
  /** ms since whenever; nobody sets it back, so that no result outlives its time. */
  readonly clock: () => number
}

/** A probe's result serves for this long, so that health checks cannot load a store. */
const FRESH_MS = 900

interface Readiness {
  readonly at: number
  readonly durability: Durability | undefined
}

/** 200 while the process lives, whatever the store does. */
export function live(): Layer {
  return async function live(): Promise<Reply> {
    return json({ status: 'live' }, 200, PRIVATE)
  }
}

/** 200 while the store takes writes, with the durability of what is acknowledged; else 503. */
export function ready({ probe, clock }: HealthOptions): Layer {
  let last: Readiness | undefined
  return async function ready(): Promise<Reply> {
    if (!last || clock() - last.at > FRESH_MS) {
      const durability = await probe().catch(() => undefined)
      last = { at: clock(), durability }
    }
    const { durability } = last
    if (durability) return json({ status: 'ready', durability }, 200, PRIVATE)
    return json({ status: 'not ready', code: 'unavailable' }, 503, { ...PRIVATE, 'Retry-After': '1' })
  }
}
