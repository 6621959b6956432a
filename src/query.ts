import type { Dimension } from './dimension.ts'
import type { Metric } from './metric.ts'

/** A question to a collection, read and found sound: metrics by dimensions over a range, filtered. */
export interface Query {
  readonly metrics: readonly Metric[]
  readonly dimensions: readonly Dimension[]
  readonly dateRange: DateRange
  /** IANA zone of the labels of hours and minutes; the collection's unless said. */
  readonly timezone: string
  /** All of them must hold. */
  readonly filters: readonly Filter[]
  readonly orderBy: readonly Order[]
  readonly include: Include
  readonly limit: number
  readonly offset: number
}

/** A word as `7d`, or two dates or date-times, both inclusive. */
export type DateRange = string | readonly [from: string, to: string]

export type Order = readonly [name: string, direction: 'asc' | 'desc']

export interface Include {
  readonly timeLabels: boolean
  readonly totalRows: boolean
  /** A relative range ends now instead of at the end of its last day, month or year. */
  readonly trim: boolean
  readonly comparison: Comparison | undefined
}

export type Comparison = 'previous_period' | 'year_over_year'

/** Limits of a query, named in `docs/query.md`. */
export const queryLimits = {
  /** Of a range. */
  days: 36_600,
  /** Of time, that one series may have. */
  labels: 10_000,
  dimensions: 10,
  filters: 200,
  clauses: 1000,
  clauseLength: 2048,
  depth: 16,
  rows: 10_000,
  /** Different combinations of values that one query may come to, before they are ordered and cut. */
  groups: 1_000_000,
  /** Different numbers of all groups together that percentiles and averages are told of. */
  values: 2_000_000,
} as const

export type Filter =
  | Clauses
  | { readonly is: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly is: 'not'; readonly filter: Filter }
  /** The visit has, or has not, an event that matches. */
  | { readonly is: 'has_done' | 'has_not_done'; readonly filter: Filter }

/** Any of the clauses matches the dimension's value, or with `isNegated` none does. */
export interface Clauses {
  readonly is: 'clauses'
  readonly dimension: Dimension
  readonly match: 'equal' | 'contain' | 'pattern'
  readonly isNegated: boolean
  readonly clauses: readonly string[]
  readonly caseSensitive: boolean
}

/** The dimensions that a filter looks at. */
export function leavesOf(filter: Filter): readonly Dimension[] {
  if (filter.is === 'clauses') return [filter.dimension]
  return 'filters' in filter ? filter.filters.flatMap(leavesOf) : leavesOf(filter.filter)
}
