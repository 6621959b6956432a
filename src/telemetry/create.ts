import { type FamilyName, type JournalState, type Samples, series, type Telemetry } from '../telemetry.ts'
import { createCounts } from './counts.ts'
import { type SharedDocuments, type State, share } from './shared.ts'

/** What a process tells of itself. */
export interface Vitals {
  /** Tells processes apart. */
  readonly process: string
  readonly values: Readonly<Partial<Record<FamilyName, number>>>
}

export interface TelemetryOptions {
  readonly documents: SharedDocuments
  /** ms since 1970. */
  readonly now: () => number
  readonly newId: () => string
  readonly vitals?: (() => Vitals) | undefined
}

/** What a process says of itself holds for so long, and a collection's journal, ms. */
const PROCESS_MS = 300_000
const JOURNAL_MS = 3_600_000

/** Batches that may wait for a store that is away; what is counted meanwhile goes into a later one. */
const WAITING_LIMIT = 4

export function createTelemetry({ documents, now, newId, vitals }: TelemetryOptions): Telemetry {
  const counts = createCounts()
  /** Handed on, but perhaps not arrived: they go out again under their ids, and so count once. */
  const waiting = new Map<string, Samples>()
  let journals = new Map<string, State>()
  let heardAt = -Infinity

  function ownStates(): ReadonlyMap<string, State> {
    if (!vitals) return new Map()
    const { process, values } = vitals()
    const samples = Object.fromEntries(
      Object.entries(values).map(([family, value]) => [series(family as FamilyName, { process }), value]),
    )
    return new Map([[process, { until: now() + PROCESS_MS, samples }]])
  }

  async function flush(): Promise<Samples> {
    if (waiting.size < WAITING_LIMIT && !counts.isEmpty()) waiting.set(newId(), counts.take())
    const batches = new Map(waiting)
    const states = new Map([...journals, ...ownStates()])
    journals = new Map()
    heardAt = now()
    const all = await share(documents, batches, states, now())
    for (const id of batches.keys()) waiting.delete(id)
    return all
  }

  return {
    ...counts,
    journal(collection, state): void {
      journals.set(`journal ${collection}`, {
        until: now() + JOURNAL_MS,
        samples: journalSamples(collection, state),
      })
    },
    flush,
    async handOn(): Promise<void> {
      // However the clock is set.
      const isOld = Math.abs(now() - heardAt) >= PROCESS_MS / 2
      if (isOld || journals.size > 0 || waiting.size > 0 || !counts.isEmpty()) await flush()
    },
    async read(): Promise<Samples> {
      try {
        return new Map([...(await flush()), [series('skerry_store_up'), 1]])
      } catch {
        const own = [...ownStates().values()].flatMap(({ samples }) => Object.entries(samples))
        return new Map([...own, [series('skerry_store_up'), 0]])
      }
    },
  }
}

/** A journal's state by its series. */
function journalSamples(
  collection: string,
  { events, lagMs }: JournalState,
): Readonly<Record<string, number>> {
  return {
    [series('skerry_journal_events', { collection })]: events,
    [series('skerry_seal_lag_seconds', { collection })]: lagMs / 1000,
  }
}
