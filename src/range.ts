import * as z from 'zod/mini'
import type { TimeRange } from './collection.ts'
import type { DateRange } from './query.ts'
import { nextDate, startOfDay } from './zone.ts'

const DATE = /^\d{4}-\d\d-\d\d$/
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/

const moment = z
  .string()
  .check(z.refine(isMoment, 'must be a date (YYYY-MM-DD) or a date-time with an offset'))

/** The query parameters of a range: dates (whole days, both inclusive) or date-times (both inclusive). */
export const rangeSchema = z.strictObject({ from: z.optional(moment), to: z.optional(moment) })

/** The instants of a range; dates are days of the time zone. */
export function toTimeRange({ from, to }: z.infer<typeof rangeSchema>, timezone: string): TimeRange {
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
