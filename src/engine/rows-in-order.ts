import type { Goal } from '../collection.ts'
import type { Within } from '../funnel.ts'
import type { Filter } from '../query.ts'
import type { ColumnName, Day } from './day.ts'
import { kinds } from './day.ts'
import { columnsOfFilter, masksOf, rowsOf } from './filter.ts'
import type { Scan } from './scan.ts'
import { kindsOf } from './visit.ts'

/** The columns that events in a row are read from. */
export function columnsOfPaths(filters: readonly Filter[], within: Scan['within']): Set<ColumnName> {
  return new Set(['name', 'interactive', ...(within ? ['time'] : []), ...filters.flatMap(columnsOfFilter)])
}

/** Where the rows of each visit begin, or of each visitor, those of nobody left out; and where the last ones end. */
export function beginnings({ first, named, visitorOf }: Day, within: Within): Uint32Array {
  if (within === 'visit') return first.subarray(0, named + 1)
  const rows = new Uint32Array(named + 1)
  let count = 0
  for (let visit = 0; visit < named; visit++)
    if (visit === 0 || visitorOf[visit] !== visitorOf[visit - 1]) rows[count++] = first[visit] as number
  rows[count] = first[named] as number
  return rows.subarray(0, count + 1)
}

/** 1 for each event, engagement left out, that lies in the range and that the filters let through. */
export function eventsThat(
  filters: readonly Filter[],
  day: Day,
  goals: readonly Goal[],
  within?: Scan['within'],
): Uint8Array {
  const result = rowsOf(masksOf(filters, day, { goals, byEntry: false }), day)
  const kind = kindsOf(day)
  const { from, to } = within ?? { from: -Infinity, to: Infinity }
  for (let row = 0; row < result.length; row++) {
    const time = day.start + (day.time[row] ?? 0)
    if (time < from || time >= to || kind[row] === kinds.engagement) result[row] = 0
  }
  return result
}
