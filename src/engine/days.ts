import type { Span } from '../range.ts'
import { nextDate, startOfDay } from '../zone.ts'
import type { DaySource } from './day.ts'
import type { Scan } from './scan.ts'

/** Days to answer from, and what is known of those that are not there. */
export interface Days {
  /** In order of date. */
  readonly all: readonly DaySource[]
  /** Days from which events were erased. */
  readonly erased: readonly string[]
  /** Days before this one are past the retention. */
  readonly droppedBefore: string | undefined
}

/** Days that are read at once: a store that is far away then gives them in one reply. */
const DAYS_AT_ONCE = 16

/** Reads the days of a range, and hands them over in their order. */
export async function readDays<T>(
  { firstDate, lastDate }: Span,
  { all }: Days,
  read: (source: DaySource) => Promise<T>,
  take: (ready: T) => Promise<void>,
): Promise<void> {
  const wanted = all.filter(({ date }) => date >= firstDate && date <= lastDate)
  for (let i = 0; i < wanted.length; i += DAYS_AT_ONCE) {
    const ready = await Promise.all(wanted.slice(i, i + DAYS_AT_ONCE).map(read))
    for (const one of ready) await take(one)
  }
}

/** A day of which only a part is in the range is looked at by time. */
export function withinDay(
  { date }: DaySource,
  { from, to, isWhole }: Span,
  timezone: string,
): Scan['within'] {
  const isInside =
    isWhole || (startOfDay(date, timezone) >= from && startOfDay(nextDate(date), timezone) <= to)
  return isInside ? undefined : { from, to }
}
