import { OTHER } from '../dimension.ts'
import { add, COLLECTIONS_LIMIT, type Samples } from '../telemetry.ts'

/** Where processes that share a store keep what they count together. */
export interface SharedDocuments {
  documents(kind: string): Promise<ReadonlyMap<string, string>>
  replace(kind: string, name: string, before: string | null, after: string | null): Promise<boolean>
}

/** What one process, or one collection, says of itself; it holds until then, ms since 1970. */
export interface State {
  readonly until: number
  readonly samples: Readonly<Record<string, number>>
}

/** The one document: sums since the store was new, and what holds at the moment, by who says so. */
interface Shared {
  readonly sums: Readonly<Record<string, number>>
  /** Ids of the batches added last, so that none is added twice. */
  readonly recent?: readonly string[]
  readonly states: Readonly<Record<string, State>>
}

/** Those who may say something of themselves at a time; who is heard longest ago gives way. */
const STATES_LIMIT = 200

/** Batches that are known by their ids; one that is sent again after so many others counts twice. */
const RECENT_LIMIT = 200

/** Others may change the document meanwhile: so often it is tried again. */
const ATTEMPTS = 8

/**
 * Adds batches, each but once however often it is sent, and puts states in the place of older ones, by compare and
 * set. Gives what all have counted so far, and what holds now. Rejects if the store does, or if others are always
 * first; then the outcome is unknown.
 */
export async function share(
  documents: SharedDocuments,
  batches: ReadonlyMap<string, Samples>,
  states: ReadonlyMap<string, State>,
  now: number,
): Promise<Samples> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = (await documents.documents('metrics')).get('shared') ?? null
    const shared = before === null ? { sums: {}, states: {} } : (JSON.parse(before) as Shared)
    const { recent = [] } = shared
    const added = [...batches].filter(([id]) => !recent.includes(id))
    const next: Shared = {
      sums: added.reduce((sums, [, batch]) => addUp(sums, batch), shared.sums),
      recent: [...recent, ...added.map(([id]) => id)].slice(-RECENT_LIMIT),
      states: replaceIn(shared.states, states, now),
    }
    if (await documents.replace('metrics', 'shared', before, JSON.stringify(next))) return samplesOf(next)
  }
  throw new Error('others are always first')
}

function addUp(before: Shared['sums'], more: Samples): Shared['sums'] {
  const after = new Map(Object.entries(before))
  const collections = new Set([...after.keys()].map((name) => collectionOf(name)))
  for (const [name, value] of more) {
    const collection = collectionOf(name)
    const isKnown = collections.has(collection) || collections.size <= COLLECTIONS_LIMIT
    collections.add(isKnown ? collection : OTHER)
    add(after, isKnown ? name : name.replace(`collection="${collection}"`, `collection="${OTHER}"`), value)
  }
  return Object.fromEntries(after)
}

function collectionOf(name: string): string {
  return /[{,]collection="([^"]*)"/.exec(name)?.[1] ?? ''
}

function replaceIn(
  before: Shared['states'],
  states: ReadonlyMap<string, State>,
  now: number,
): Shared['states'] {
  const all = [...Object.entries(before).filter(([owner]) => !states.has(owner)), ...states]
  return Object.fromEntries(all.filter(([, { until }]) => until > now).slice(-STATES_LIMIT))
}

function samplesOf({ sums, states }: Shared): Samples {
  const samples = new Map(Object.entries(sums))
  for (const state of Object.values(states))
    for (const [name, value] of Object.entries(state.samples)) samples.set(name, value)
  return samples
}
