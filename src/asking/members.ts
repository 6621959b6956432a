import { quote } from '../errors.ts'
import type { Within } from '../funnel.ts'
import type { DateRange } from '../query.ts'
import { isDateRange } from '../range.ts'
import type { Faults } from './faults.ts'

/** The members of a question that are known by name are read; others are faults. */
export function refuseUnknown(
  input: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  faults: Faults,
): void {
  for (const name of Object.keys(input))
    if (!known.has(name)) faults.add(`/${name}`, `There is no "${quote(name)}" in a query.`)
}

export function readDateRange(value: unknown, faults: Faults): DateRange {
  if (isDateRange(value)) return value
  faults.add(
    '/date_range',
    'must be day, 24h, 7d, 28d, 30d, 91d, month, 6mo, 12mo, year, all, realtime, or [from, to] of dates or date-times, the earlier first',
  )
  return 'day'
}

export function readWithin(value: unknown, faults: Faults): Within {
  if (value !== 'visit' && value !== 'visitor' && value !== undefined)
    faults.add('/within', 'must be "visit" or "visitor"')
  return value === 'visitor' ? 'visitor' : 'visit'
}

/** A whole number of a member; `usual` where there is none. */
export function readWhole(
  value: unknown,
  pointer: string,
  { min, max, usual }: { readonly min: number; readonly max: number; readonly usual: number },
  faults: Faults,
): number {
  if (value === undefined) return usual
  if (isWhole(value, min, max)) return value
  faults.add(pointer, `must be a whole number from ${min} to ${max}`)
  return usual
}

export function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}
