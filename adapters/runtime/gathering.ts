import { unavailable } from '../../src/errors.ts'

export interface GatheringOptions<T> {
  /** Sends items on, all or none; gives up by itself. */
  readonly send: (items: readonly T[]) => Promise<void>
  /** ms since 1970. */
  readonly now: () => number
}

/** So long items wait at most for the call before, ms: on a long way calls overlap. */
export const WAIT_MS = 250

/** Whoever goes along with another request's call gives it up after this time, ms; a call alone gives up a bit earlier. */
export const COMPANION_MS = 2_800

/** More items are a call of their own, and as many close a gathering. */
const MANY = 100

interface Group<T> {
  readonly items: T[]
  /** Whoever leads it has set out or is lost by then; ms since 1970. */
  readonly until: number
  readonly sent: Promise<void>
}

/**
 * Lets requests of one isolate share calls: while a call is on its way items gather, and the request that
 * began the gathering takes them all along. Where nothing is on its way nothing waits. A request that waits
 * for another's I/O has a timer of its own, without which workerd takes it for hung. Each must be seen through
 * with `waitUntil` though its client leaves: others may wait for it.
 */
export function gathering<T>({ send, now }: GatheringOptions<T>): (items: readonly T[]) => Promise<void> {
  let flight: { readonly landed: Promise<void>; readonly until: number } | undefined
  let group: Group<T> | undefined

  async function fly(items: readonly T[]): Promise<void> {
    const call = send(items)
    const own = { landed: call.catch(() => {}), until: now() + COMPANION_MS }
    flight = own
    try {
      await call
    } finally {
      if (flight === own) flight = undefined
    }
  }

  async function lead(items: readonly T[], before: Promise<void>): Promise<void> {
    await within(before, WAIT_MS).catch(() => {})
    if (group?.items === items) group = undefined
    await fly(items)
  }

  function begin(first: readonly T[], before: Promise<void>): Promise<void> {
    const items = [...first]
    const sent = lead(items, before)
    group = { items, sent, until: now() + 2 * WAIT_MS }
    return sent
  }

  return function add(items): Promise<void> {
    if (items.length > MANY) return send(items)
    if (group && group.items.length < MANY && now() < group.until) {
      group.items.push(...items)
      return within(group.sent, COMPANION_MS)
    }
    return flight && now() < flight.until ? begin(items, flight.landed) : fly(items)
  }
}

/**
 * What was promised, within this time in ms; else `unavailable`. What follows an `await` runs in the request that
 * awaits, other callbacks where the promise is kept: there `clearTimeout` would end a timer of another request.
 */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let stop = (): void => {}
  const late = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable(new Error('late'))), ms)
    stop = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    stop()
  }
}
