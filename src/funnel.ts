import type { DateRange, Filter } from './query.ts'
import type { ReportMeta } from './report.ts'

/** Whose events are looked at in a row: those of a visit, or all of a visitor's day. */
export type Within = 'visit' | 'visitor'

/** A question of how many come from one step to the next. */
export interface Funnel {
  /** Filters of each step: an event that they let through takes it. */
  readonly steps: readonly (readonly Filter[])[]
  readonly within: Within
  readonly dateRange: DateRange
  /** What all events must pass. */
  readonly filters: readonly Filter[]
}

/** Limits of funnels, named in `docs/query.md`. */
export const funnelLimits = { steps: 10 } as const

/** The answer to a funnel, as clients see it. */
export interface FunnelReport {
  readonly results: readonly FunnelStep[]
  readonly meta: PathMeta
  readonly query: Readonly<Record<string, unknown>>
}

/** How many took a step, after all those before it. */
export interface FunnelStep extends Partial<Readonly<Record<Unit, number>>> {
  /** From 1. */
  readonly step: number
  /** How many took the step before and not this one. */
  readonly dropped: number
  /** Percent of those who took the step before, and the first. */
  readonly step_rate: number
  readonly conversion_rate: number
}

/** What is counted: visits, or visitors of a day. */
export type Unit = 'visits' | 'visitors'

export function unitOf(within: Within): Unit {
  return within === 'visit' ? 'visits' : 'visitors'
}

export type PathMeta = Pick<ReportMeta, 'visitors' | 'no_data' | 'erased'>
