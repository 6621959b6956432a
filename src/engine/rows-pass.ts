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
  tableOf,
  visitCounter,
} from './pass.ts'
import { rowWeights } from './visit.ts'

/** Events that match; and where events are asked by, the visits and visitors that have them. */
export function rowsPass({ day, scan, visits: visitMask, rows: rowMask, byEvents }: Facts): Pass | undefined {
  const sums = asked(scan, byEvents ? ['visitors', 'visits', 'pageviews', 'events'] : ['pageviews', 'events'])
  if (sums.length === 0) return undefined
  const groups = groupRows(day, scan.dimensions, scan)
  const of = groups.of ?? new Uint16Array(day.rows)
  const tally = createTally(groups.size, sums)
  const { cells } = tally
  const { first, named } = day
  const weights = rowMask ? masked(rowWeights(day), rowMask) : rowWeights(day)
  const countVisit = byEvents ? visitCounter(day, tally) : undefined

  function lookAt(visit: number): void {
    const end = first[visit + 1] as number
    const count = visit < named ? countVisit : undefined
    for (let row = first[visit] as number; row < end; row++) {
      const weight = weights[row] as number
      if (weight === 0) continue
      const group = of[row] as number
      add(cells, group * STRIDE + cellOf.events, 1)
      if (weight === 2) add(cells, group * STRIDE + cellOf.pageviews, 1)
      if (count) count(visit, group)
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

function masked(weights: Uint8Array, mask: Uint8Array): Uint8Array {
  const result = new Uint8Array(weights.length)
  for (let row = 0; row < result.length; row++) result[row] = (weights[row] as number) * (mask[row] as number)
  return result
}
