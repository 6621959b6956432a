import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readQuery } from '../../src/asking/query-reader.ts'
import { firstRows } from '../../src/engine/report-order.ts'
import type { ReportRow } from '../../src/report.ts'
import { definition } from '../support/event.ts'

const own = definition()

const queryOf = (orderBy: readonly unknown[], limit: number, offset: number) =>
  readQuery(
    {
      metrics: ['visitors', 'scroll_depth'],
      dimensions: ['event:page'],
      date_range: 'day',
      order_by: orderBy,
      pagination: { limit, offset },
    },
    own,
  )

/** Few different values, so that many rows are equal in the first metric; `null` comes before all numbers. */
const rows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.option(fc.integer({ min: 0, max: 3 }))), {
    maxLength: 120,
  })
  .map((list): ReportRow[] =>
    list.map(([visitors, depth], i) => ({ dimensions: [`/${(i * 37) % 120}`], metrics: [visitors, depth] })),
  )

const metricNames = ['visitors', 'scroll_depth']
const order = fc.constantFrom(
  [],
  ['visitors', 'asc'],
  ['visitors', 'desc'],
  ['scroll_depth', 'asc'],
  ['scroll_depth', 'desc'],
  ['event:page', 'desc'],
)

test('a page of rows is what a sort of all of them would have there', () => {
  fc.assert(
    fc.property(
      rows,
      order,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      (all, by, limit, offset) => {
        const [name = 'visitors', direction = 'desc'] = by
        const sign = direction === 'asc' ? 1 : -1
        const metric = metricNames.indexOf(name)
        const keyOf = (row: ReportRow) =>
          metric < 0 ? (row.dimensions[0] ?? '') : Number(row.metrics[metric] ?? -1)
        const byName = (a: ReportRow, b: ReportRow) =>
          (a.dimensions[0] ?? '') < (b.dimensions[0] ?? '') ? -1 : 1
        const sorted = all.toSorted((a, b) => {
          const [left, right] = [keyOf(a), keyOf(b)]
          return left === right ? byName(a, b) : (left < right ? -1 : 1) * sign
        })
        const found = firstRows(queryOf(by.length > 0 ? [by] : [], limit, offset), [...all])
        expect(found).toEqual(sorted.slice(offset, offset + limit))
      },
    ),
    { numRuns: 2000 },
  )
})
