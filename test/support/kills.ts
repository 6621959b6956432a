import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Event } from '../../src/event.ts'
import { startChild } from './child.ts'
import { readLines } from './kill-lines.ts'

const script = fileURLToPath(new URL('seal-child.ts', import.meta.url))

/** What processes told before they were killed. */
export interface Told {
  readonly sent: Map<string, Event>
  readonly acknowledged: Set<string>
  /** Pages that were erased, those whose erasure has an unknown outcome, and those that others kept from it. */
  readonly erased: Set<string>
  readonly unknown: Set<string>
  readonly refused: Set<string>
  readonly faults: unknown[]
  kills: number
  segments: number
  seals: number
  /** Why the store was not available, when it was not. */
  readonly unavailable: string[]
}

export function nothingTold(): Told {
  return {
    sent: new Map(),
    acknowledged: new Set(),
    erased: new Set(),
    unknown: new Set(),
    refused: new Set(),
    faults: [],
    kills: 0,
    segments: 0,
    seals: 0,
    unavailable: [],
  }
}

export interface Victims {
  readonly kind: 'sqlite' | 'redis'
  /** A folder, or a URL. */
  readonly place: string
  readonly collection: string
  /** Numbers from 0 to 1, the same each time. */
  readonly random: () => number
}

/** Starts a process and kills it 20 to 400 ms after it first acknowledged something. */
export function killOne(victims: Victims, told: Told): Promise<void> {
  const ms = 20 + 380 * victims.random()
  return killAfter(victims, told, () => new Promise((resolve) => setTimeout(resolve, ms)))
}

/** Starts a process and kills it once something is done, beginning with its first acknowledgement. */
export async function killAfter(
  { kind, place, collection }: Victims,
  told: Told,
  work: () => Promise<void>,
): Promise<void> {
  const run = `r${told.kills++}`
  const child = startChild(process.execPath, [script, kind, place, collection, run], {
    NODE_NO_WARNINGS: '1',
  })
  const closed = once(child.process, 'close')
  try {
    await child.until(/^a /m)
    await work()
  } finally {
    child.signal('SIGKILL')
    await closed
    await child.stop()
  }
  note(told, child.output())
}

function note(told: Told, output: string): void {
  for (const { kind, value } of readLines(output)) {
    const text = String(value)
    if (kind === 's') told.sent.set((value as Event).id, value as Event)
    else if (kind === 'a') told.acknowledged.add(text)
    else if (kind === 'e') told.unknown.add(text)
    else if (kind === 'c') told.refused.add(text)
    else if (kind === 'x') told.erased.add(String((value as readonly unknown[])[0]))
    else if (kind === 'g') told.segments++
    else if (kind === 'k') told.seals++
    else if (kind === 'u') told.unavailable.push(text)
    else told.faults.push(value)
  }
  for (const page of [...told.erased, ...told.refused]) told.unknown.delete(page)
}

/** Mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
