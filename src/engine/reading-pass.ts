import { type Day, kinds } from './day.ts'
import { groupRows } from './groups.ts'
import {
  add,
  asked,
  cellOf,
  createTally,
  type Facts,
  type Pass,
  passing,
  STRIDE,
  type Tally,
  tableOf,
} from './pass.ts'
import { kindsOf } from './visit.ts'

/** How pages were read: engaged time of each visit, and the deepest scroll of each visit and page. */
export function readingPass({ day, scan, visits: visitMask, rows: rowMask }: Facts): Pass | undefined {
  const sums = asked(scan, ['engaged', 'readers', 'depths', 'readings'])
  if (sums.length === 0) return undefined
  const groups = groupRows(day, scan.dimensions, scan)
  const tally = createTally(groups.size, sums)
  const { first } = day
  const kind = kindsOf(day)
  const look = readRow(day, tally, sums.includes('engaged'))
  const { of } = groups

  function lookAt(visit: number): void {
    for (let row = first[visit] as number; row < (first[visit + 1] as number); row++) {
      if (kind[row] === kinds.engagement && (!rowMask || rowMask[row] === 1))
        look(row, visit, of ? (of[row] as number) : 0)
    }
  }

  const visits = passing(visitMask)
  return {
    visits,
    look(from, to): void {
      for (let i = from; i < to; i++) lookAt(visits ? (visits[i] as number) : i)
    },
    table: () => tableOf(groups, tally, sums),
  }
}

/** Looks at one engagement event. Rows come visit by visit, so what is remembered is of one visit only. */
function readRow(
  day: Day,
  { cells, engaged }: Tally,
  wantsTime: boolean,
): (row: number, visit: number, group: number) => void {
  const readDepth = depthReader(day, cells)
  return (row, visit, group) => {
    readDepth(row, visit, group)
    const ms = wantsTime ? (day.ms?.[row] ?? 0) : 0
    if (ms === 0) return
    const at = group * STRIDE
    add(engaged, group, ms - 1)
    if (cells[at + cellOf.lastVisit] !== visit + 1) add(cells, at + cellOf.readers, 1)
    cells[at + cellOf.lastVisit] = visit + 1
  }
}

/** A visit's deepest scroll of a page grows in steps, as its events come. */
function depthReader(day: Day, cells: Uint32Array): (row: number, visit: number, group: number) => void {
  const column = day.column('depth')
  if (!column) return () => {}
  const percents = Float64Array.from(column.values, Number)
  const page = day.column('page')?.codes
  const deepest = new Map<string, number>()
  let current = -1
  return (row, visit, group) => {
    const code = column.codes[row] as number
    if (code === 0) return
    if (visit !== current) deepest.clear()
    current = visit
    const key = `${group} ${page?.[row] ?? 0}`
    const before = deepest.get(key)
    const depth = Math.max(before ?? 0, percents[code] as number)
    deepest.set(key, depth)
    add(cells, group * STRIDE + cellOf.depths, depth - (before ?? 0))
    if (before === undefined) add(cells, group * STRIDE + cellOf.readings, 1)
  }
}
