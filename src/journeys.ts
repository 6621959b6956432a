import type { PathMeta, Unit, Within } from './funnel.ts'
import type { DateRange, Filter } from './query.ts'

/** A question for the ways that are taken most often. */
export interface Journeys {
  /** What a way is made of: the pages that were viewed, or the names of events. */
  readonly of: 'page' | 'event'
  /** A way begins with the first event that these let through, or ends with it; without either it begins with the first event. */
  readonly from: readonly Filter[] | undefined
  readonly to: readonly Filter[] | undefined
  /** The longest way. */
  readonly steps: number
  readonly within: Within
  readonly dateRange: DateRange
  /** What all events must pass. */
  readonly filters: readonly Filter[]
  readonly limit: number
}

/** Limits of journeys, named in `docs/query.md`. */
export const journeyLimits = {
  steps: 10,
  rows: 1000,
  /** Different ways, and their beginnings, that one question may come to before they are cut. */
  ways: 500_000,
} as const

/** The answer, as clients see it. */
export interface JourneysReport {
  /** The most frequent first; names decide between equals. */
  readonly results: readonly Journey[]
  readonly meta: JourneysMeta
  readonly query: Readonly<Record<string, unknown>>
}

export interface Journey extends Partial<Readonly<Record<Unit, number>>> {
  readonly path: readonly string[]
  /** Of all that took any way. */
  readonly percentage: number
}

/** With how many took any way. */
export interface JourneysMeta extends PathMeta {
  readonly totals: Partial<Readonly<Record<Unit, number>>>
  /** Different ways. */
  readonly total_rows: number
  readonly other: readonly string[]
}
