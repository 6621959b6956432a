/** What is measured, under the names that a scraper sees: kind, unit where it has one, meaning. `docs/metrics.md` has it too. */
export const families = {
  skerry_beacons: ['counter', '', 'Beacons answered'],
  skerry_events: ['counter', '', 'Events of beacons that were answered with success'],
  skerry_requests: ['counter', '', 'Requests answered'],
  skerry_request_duration_seconds: ['histogram', 'seconds', 'Time until the reply is there'],
  skerry_commit_duration_seconds: ['histogram', 'seconds', 'Time that the store takes to append'],
  skerry_commit_failures: ['counter', '', 'Appends that the store did not acknowledge'],
  skerry_store_up: ['gauge', '', '1 if the store could be read for this answer'],
  skerry_queue_beacons: ['gauge', '', 'Beacons that wait for a commit'],
  skerry_queue_bytes: ['gauge', 'bytes', 'Text of the beacons that wait for a commit'],
  skerry_journal_events: ['gauge', '', 'Events that are in no segment yet'],
  skerry_seal_lag_seconds: ['gauge', 'seconds', 'Since when the oldest day that could be sealed is over'],
  skerry_cache_bytes: ['gauge', 'bytes', 'Columns of segments that are kept in memory'],
  process_resident_memory_bytes: ['gauge', 'bytes', 'Memory of the process'],
  process_cpu_seconds: ['counter', 'seconds', 'Processor time of the process'],
  process_start_time_seconds: ['gauge', 'seconds', 'When the process started, since 1970'],
} as const satisfies Readonly<Record<string, readonly [kind: Kind, unit: string, help: string]>>

type Kind = 'counter' | 'gauge' | 'histogram'

export type FamilyName = keyof typeof families

/** Upper bounds of a histogram's buckets, s. The last bucket has none. */
export const bounds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** Collections that are counted by name; further ones are `(other)`. */
export const COLLECTIONS_LIMIT = 100

/** What a label says of a request without collection, or to no route. */
export const NONE = '(none)'

/**
 * Sums by the series they belong to: a family with its labels, as `skerry_events{collection="a",outcome="accepted"}`.
 * Of a histogram each bucket is a series of its own, with `#` and its index after it (what is in no earlier one), and
 * `#sum`.
 */
export type Samples = ReadonlyMap<string, number>

/** The name of a series. */
export function series(family: FamilyName, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? family : `${family}{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))
}

/** Adds to the sum of a series. */
export function add(samples: Map<string, number>, name: string, value: number): void {
  samples.set(name, (samples.get(name) ?? 0) + value)
}

/** Counts what happens, in memory only: an event costs a few additions. */
export interface Counts {
  /** Counts by collection and outcome. Only collections that there are may be told. */
  tally(family: FamilyName): (collection: string, outcome: string, times: number) => void
  /** Counts one to a series. */
  count(series: string): void
  /** A histogram of times. Told in ms. */
  timer(family: FamilyName, labels?: Readonly<Record<string, string>>): (ms: number) => void
  /** Whether nothing was counted since it was taken. */
  isEmpty(): boolean
  /** What was counted since this was last asked. */
  take(): Samples
}

/** How a collection's journal stands. */
export interface JournalState {
  /** Events that are in no segment yet. */
  readonly events: number
  /** For how long the oldest day has been over whose events are not all in a segment; ms, 0 if there is none. */
  readonly lagMs: number
}

/** What a process counts, and what it knows of those that share its store. */
export interface Telemetry extends Counts {
  /** How a journal stands now. */
  journal(collection: string, state: JournalState): void
  /** Hands on what was counted, so that other processes know. Rejects if the store does; then it is handed on later. */
  flush(): Promise<Samples>
  /** The same, but where there is nothing new it is enough to be heard of now and then. */
  handOn(): Promise<void>
  /** What all have counted so far. While the store is away, only what this process knows of itself. */
  read(): Promise<Samples>
}
