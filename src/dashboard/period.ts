import type { Comparison, DateRange } from '../query.ts'
import { compareSpan, type Span, spanOf } from '../range.ts'
import { addDays, addMonths, dateOf, daysBetween } from '../zone.ts'
import { type Interval, intervals } from './view.ts'

/** Periods that have a name and a key, in the order of the menu. */
export const periodWords = [
  ['day', 'd'],
  ['yesterday', 'e'],
  ['24h', 'h'],
  ['7d', 'w'],
  ['28d', 'f'],
  ['30d', 't'],
  ['91d', 'n'],
  ['month', 'm'],
  ['last_month', 'p'],
  ['year', 'y'],
  ['12mo', 'l'],
  ['all', 'a'],
] as const
export type PeriodWord = (typeof periodWords)[number][0]

/** A range and a clock. */
export interface Period {
  readonly range: DateRange
  readonly timezone: string
  readonly now: number
}

/** The range of a word of the menu: some are not words of a query. */
export function rangeOf(word: PeriodWord, now: number, timezone: string): DateRange {
  const today = dateOf(now, timezone)
  if (word === 'yesterday') return [addDays(today, -1), addDays(today, -1)]
  if (word !== 'last_month') return word
  const first = `${today.slice(0, 7)}-01`
  return [addMonths(first, -1), addDays(first, -1)]
}

/** Whether two ranges are written alike. */
export function isSameRange(a: DateRange, b: DateRange): boolean {
  return String(a) === String(b)
}

/** The whole span of a period, also what of it is yet to come. */
export function wholeSpan({ range, timezone, now }: Period): Span {
  return spanOf(range, { now, timezone, since: undefined, trim: false })
}

/** The span it is compared with; `toDate`: only as long as the period lasts so far. Undefined: there is none. */
export function spanBefore(period: Period, comparison: Comparison, toDate: boolean): Span | undefined {
  const { range, timezone, now } = period
  if (range === 'all' || range === 'realtime') return undefined
  const span = spanOf(range, { now, timezone, since: undefined, trim: toDate })
  return compareSpan(span, comparison, range, timezone)
}

/** The period before or after one, as long; undefined: there is none, or it would begin in the future. */
export function shiftedRange(period: Period, direction: -1 | 1): DateRange | undefined {
  const { range, timezone, now } = period
  if (range === 'all' || range === 'realtime' || range === '24h') return undefined
  const { firstDate, lastDate } = wholeSpan(period)
  const [first, last] = shiftedDates(firstDate, lastDate, direction)
  return first > dateOf(now, timezone) ? undefined : [first, last]
}

function shiftedDates(first: string, last: string, direction: -1 | 1): readonly [string, string] {
  const months = wholeMonths(first, last)
  if (months > 0) {
    const start = addMonths(first, direction * months)
    return [start, addDays(addMonths(start, months), -1)]
  }
  const days = direction * (daysBetween(first, last) + 1)
  return [addDays(first, days), addDays(last, days)]
}

/** How many whole calendar months a range is; 0 if it is not. */
function wholeMonths(first: string, last: string): number {
  const after = addDays(last, 1)
  if (!first.endsWith('-01') || !after.endsWith('-01')) return 0
  const [years = 0, months = 0] = [0, 5].map((at) => Number(after.slice(at, at === 0 ? 4 : 7)))
  return (years - Number(first.slice(0, 4))) * 12 + months - Number(first.slice(5, 7))
}

/** Intervals that suit a period, the usual one first. The length of `all` is not known before it is asked. */
export function intervalsOf(period: Period): readonly Interval[] {
  if (period.range === 'all') return ['day', 'week', 'month']
  const { firstDate, lastDate } = wholeSpan(period)
  const days = daysBetween(firstDate, lastDate) + 1
  if (days <= 2) return ['hour']
  if (days <= 7) return ['day', 'hour']
  if (days <= 31) return ['day', 'week']
  if (days <= 92) return ['day', 'week', 'month']
  return days <= 400 ? ['month', 'day', 'week'] : ['month', 'week']
}

/** The interval after one, of those that suit the period. */
export function nextInterval(choices: readonly Interval[], current: Interval): Interval {
  const sorted = intervals.filter((one) => choices.includes(one))
  return sorted[(sorted.indexOf(current) + 1) % sorted.length] ?? current
}
