import type { Parts } from '../engine/segment.ts'
import type { Segments, Wanted } from './store.ts'

/** Reads parts of segments. What is asked for in one turn is one read of the store, since a far one bills and delays each. */
export type PartReader = (segment: string, names: readonly string[]) => Promise<Parts>

const NOTHING: Parts = new Map()

/** A reader for one question: it must not outlive it, since requests may not wait for each other's reads everywhere. */
export function partReader(store: Pick<Segments, 'parts'>, collection: string): PartReader {
  let gathered = new Map<string, string[]>()
  let reply: Promise<ReadonlyMap<string, Parts>> | undefined

  async function readGathered(): Promise<ReadonlyMap<string, Parts>> {
    await Promise.resolve()
    const wanted = [...gathered].map(([segment, names]): Wanted => ({ segment, names }))
    gathered = new Map()
    reply = undefined
    return store.parts(collection, wanted)
  }

  return async (segment, names) => {
    gathered.set(segment, [...(gathered.get(segment) ?? []), ...names])
    reply ??= readGathered()
    return (await reply).get(segment) ?? NOTHING
  }
}
