import { kinds } from './day.ts'
import { intersect } from './filter.ts'
import { groupRows } from './groups.ts'
import { asked, createTally, type Facts, type Pass, tableOf, visitCounter } from './pass.ts'
import { countedRows, kindsOf } from './visit.ts'

/** Events that match; and where events are asked by, the visits and visitors that have them. */
export function rowsPass({ day, scan, visits: visitMask, rows: rowMask, byEvents }: Facts): Pass | undefined {
  const sums = asked(scan, byEvents ? ['visitors', 'visits', 'pageviews', 'events'] : ['pageviews', 'events'])
  if (sums.length === 0) return undefined
  const groups = groupRows(day, scan.dimensions, scan)
  const of = groups.of ?? new Uint8Array(day.rows)
  const tally = createTally(groups.size)
  const { pageviews, events } = tally
  const { first, named } = day
  const kind = kindsOf(day)
  const passes = intersect(countedRows(day), rowMask)
  const countVisit = byEvents ? visitCounter(day, tally) : undefined

  function lookAt(visit: number): void {
    const end = first[visit + 1] as number
    const count = visit < named ? countVisit : undefined
    for (let row = first[visit] as number; row < end; row++) {
      if (passes[row] === 0) continue
      const group = of[row] as number
      events[group] = (events[group] as number) + 1
      if (kind[row] === kinds.pageview) pageviews[group] = (pageviews[group] as number) + 1
      if (count) count(visit, group)
    }
  }

  return {
    look(from, to): void {
      for (let visit = from; visit < to; visit++) if (!visitMask || visitMask[visit] === 1) lookAt(visit)
    },
    table: () => tableOf(groups, tally, sums),
  }
}
