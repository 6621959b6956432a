import type { Dimension, TimeUnit } from '../dimension.ts'
import { SkerryError } from '../errors.ts'
import { queryLimits } from '../query.ts'
import type { Span } from '../range.ts'
import { daysBetween, nextDate, startOfDay } from '../zone.ts'
import { type LabelContext, timeLabel } from './groups.ts'
import { slotsOf } from './slots.ts'

const HOUR_MS = 3_600_000

/** The unit that suits a range: hours up to 48 h, days up to 40 days, weeks up to 52, then months. */
export function unitFor({ from, to, firstDate, lastDate, isWhole }: Span): TimeUnit {
  const days = daysBetween(firstDate, lastDate) + 1
  if (isWhole ? days <= 2 : to - from <= 48 * HOUR_MS) return 'hour'
  if (days <= 40) return 'day'
  return days <= 52 * 7 ? 'week' : 'month'
}

/** All labels of a series over a range, in order; also those of buckets that hold nothing. Throws `invalid_query` for too many. */
export function bucketLabels(
  dimension: Dimension & { readonly kind: 'time' },
  span: Span,
  context: LabelContext,
): readonly string[] {
  const labels = new Set<string>()
  if (daysBetween(span.firstDate, span.lastDate) * slotsOfDay(dimension) > queryLimits.labels) throw tooMany()
  if (span.from >= span.to) return []
  for (let date = span.firstDate; date <= span.lastDate; date = nextDate(date)) {
    if (dimension.unit !== 'hour' && dimension.unit !== 'minute')
      labels.add(timeLabel(date, dimension.unit, context))
    else for (const label of slotLabels(date, dimension.unit, span, context)) labels.add(label)
  }
  return [...labels]
}

function slotsOfDay({ unit }: Dimension & { readonly kind: 'time' }): number {
  return unit === 'minute' ? 1440 : unit === 'hour' ? 24 : 1
}

function tooMany(): SkerryError {
  const detail = `The range has more than ${queryLimits.labels} time labels. Ask for longer ones, or a shorter range.`
  return new SkerryError('invalid_query', { faults: [{ pointer: '/date_range', detail }] })
}

function slotLabels(
  date: string,
  unit: 'hour' | 'minute',
  { from, to }: Span,
  { timezone, labelZone }: LabelContext,
): readonly string[] {
  const { ofMinute, labels } = slotsOf(date, timezone, labelZone, unit)
  const start = startOfDay(date, timezone)
  const begin = Math.max(0, Math.floor((from - start) / 60_000))
  const end = Math.min(ofMinute.length - 1, Math.floor((to - 1 - start) / 60_000))
  const slots = new Set(ofMinute.subarray(begin, end + 1))
  return [...slots].map((slot) => labels[slot] as string)
}
