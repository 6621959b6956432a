import * as z from 'zod/mini'
import type { TimeRange } from './collection.ts'
import { SkerryError } from './errors.ts'
import { type Comparison, type DateRange, queryLimits } from './query.ts'
import { addDays, addMonths, dateOf, daysBetween, nextDate, startOfDay } from './zone.ts'

const DATE = /^\d{4}-\d\d-\d\d$/
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/

/** A date or a date-time with an offset. */
export const moment = z
  .string()
  .check(z.refine(isMoment, 'must be a date (YYYY-MM-DD) or a date-time with an offset'))

/** The instants of a range, both ends inclusive; dates are whole days of the time zone. */
export function toTimeRange(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  timezone: string,
): TimeRange {
  return {
    from: from === undefined ? undefined : DATE.test(from) ? startOfDay(from, timezone) : Date.parse(from),
    to:
      to === undefined ? undefined : DATE.test(to) ? startOfDay(nextDate(to), timezone) : Date.parse(to) + 1,
  }
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && (DATE.test(value) || DATE_TIME.test(value)) && isRealDate(value)
}

/** JavaScript reads 31 February as 3 March. */
function isRealDate(text: string): boolean {
  const date = text.slice(0, 10)
  const instant = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(Date.parse(text)) && new Date(instant).toISOString().startsWith(date)
}

const WORDS: ReadonlySet<unknown> = new Set(['day', '24h', 'month', 'year', 'all', 'realtime'])
const COUNTED = /^(?:[1-9]\d{0,3}d|[1-9]\d{0,2}mo)$/

/** Whether a value is a range that a query may ask for. */
export function isDateRange(value: unknown): value is DateRange {
  if (typeof value === 'string') return WORDS.has(value) || COUNTED.test(value)
  if (!Array.isArray(value) || value.length !== 2) return false
  const [from, to] = value as readonly unknown[]
  if (!isMoment(from) || !isMoment(to)) return false
  return DATE.test(from) === DATE.test(to) && Date.parse(from) <= Date.parse(to)
}

/** A range of a query, come down to instants. */
export interface Span {
  readonly from: number
  /** Not included. */
  readonly to: number
  /** First and last day, in the collection's zone. */
  readonly firstDate: string
  readonly lastDate: string
  /** It begins and ends with its days. */
  readonly isWhole: boolean
}

export interface SpanContext {
  readonly now: number
  /** Of the collection. */
  readonly timezone: string
  /** Day of the collection's first event; undefined while it has none. */
  readonly since: string | undefined
  /** A range that is told by a word ends now, not with its last day. */
  readonly trim: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const REALTIME_MS = 5 * MINUTE_MS

/** The instants of a range. Throws `invalid_query` if it has more days than a query may look at. */
export function spanOf(range: DateRange, context: SpanContext): Span {
  const span = instantsOf(range, context)
  if (daysBetween(span.firstDate, span.lastDate) < queryLimits.days) return span
  const detail = `A range may have ${queryLimits.days} days.`
  throw new SkerryError('invalid_query', { faults: [{ pointer: '/date_range', detail }] })
}

function instantsOf(range: DateRange, context: SpanContext): Span {
  const { now, timezone, trim } = context
  // What happened in this very millisecond is not left out.
  const end = now + 1
  if (range === 'realtime') return between(end - REALTIME_MS, end, timezone)
  if (range === '24h') return between(end - 24 * HOUR_MS, end, timezone)
  if (typeof range !== 'string') {
    const [from, to] = range
    if (DATE.test(from)) return ofDays(from, to, timezone)
    return between(Date.parse(from), Date.parse(to) + 1, timezone)
  }
  const [first, last] = daysOfWord(range, dateOf(now, timezone), context.since)
  const span = ofDays(first, last, timezone)
  return trim && span.to > end ? { ...between(span.from, end, timezone), firstDate: first } : span
}

/** First and last day of a range that is told by a word. */
function daysOfWord(word: string, today: string, since: string | undefined): readonly [string, string] {
  if (word === 'all') return [since !== undefined && since < today ? since : today, today]
  if (word === 'month') return [monthOf(today), addDays(addMonths(monthOf(today), 1), -1)]
  if (word === 'year') return [`${today.slice(0, 4)}-01-01`, `${today.slice(0, 4)}-12-31`]
  if (word.endsWith('mo')) {
    return [addMonths(monthOf(today), -Number.parseInt(word, 10)), addDays(monthOf(today), -1)]
  }
  if (word.endsWith('d')) return [addDays(today, -Number.parseInt(word, 10)), addDays(today, -1)]
  return [today, today]
}

function monthOf(date: string): string {
  return `${date.slice(0, 7)}-01`
}

function ofDays(firstDate: string, lastDate: string, timezone: string): Span {
  const to = startOfDay(nextDate(lastDate), timezone)
  return { from: startOfDay(firstDate, timezone), to, firstDate, lastDate, isWhole: true }
}

function between(from: number, to: number, timezone: string): Span {
  return { from, to, firstDate: dateOf(from, timezone), lastDate: dateOf(to - 1, timezone), isWhole: false }
}

/** The range to compare with: as long and just before, or the same a year earlier. */
export function compareSpan(span: Span, comparison: Comparison, range: DateRange, timezone: string): Span {
  const byDays = span.isWhole || (typeof range === 'string' && range !== '24h')
  if (comparison === 'year_over_year') return shifted(span, (date) => addMonths(date, -12), timezone)
  if (!byDays) return between(span.from - (span.to - span.from), span.from, timezone)
  const days = daysBetween(span.firstDate, span.lastDate) + 1
  return shifted(span, (date) => addDays(date, -days), timezone)
}

function shifted(span: Span, shift: (date: string) => string, timezone: string): Span {
  if (span.isWhole) return ofDays(shift(span.firstDate), shift(span.lastDate), timezone)
  const move = (instant: number): number => {
    const date = dateOf(instant, timezone)
    return startOfDay(shift(date), timezone) + (instant - startOfDay(date, timezone))
  }
  return between(move(span.from), move(span.to - 1) + 1, timezone)
}
