import type { Metric } from '../metric.ts'
import type { Query } from '../query.ts'
import type { MetricValue, ReportRow } from '../report.ts'
import { numberOf } from './measure.ts'

/** The page of rows that is asked for, in the order that is asked for; else by time, then by the first metric, the largest first. Names decide between equals. */
export function firstRows(
  { orderBy, dimensions, metrics, offset, limit }: Query,
  rows: ReportRow[],
): readonly ReportRow[] {
  const time = dimensions.find(({ kind }) => kind === 'time')
  const standard = [...(time ? [[time.name, 'asc'] as const] : []), [metrics[0] as string, 'desc'] as const]
  const keys = (orderBy.length > 0 ? orderBy : standard).map(
    ([name, direction]): Key => ({
      sign: direction === 'asc' ? 1 : -1,
      metric: metrics.indexOf(name as Metric),
      dimension: dimensions.findIndex((one) => one.name === name),
    }),
  )
  const compareKeys = (a: ReportRow, b: ReportRow): number => {
    for (const { sign, metric, dimension } of keys) {
      const order =
        dimension >= 0
          ? compareTexts(a.dimensions[dimension], b.dimensions[dimension])
          : rankOf(a.metrics[metric]) - rankOf(b.metrics[metric])
      if (order !== 0 && !Number.isNaN(order)) return order * sign
    }
    return compareLabels(a.dimensions, b.dimensions)
  }
  const [first] = keys
  const most = offset + limit
  const isLong = first && first.metric >= 0 && rows.length > 4 * most
  return (isLong ? topRows(rows, most, first) : rows).sort(compareKeys).slice(offset, most)
}

/** The rows that may be among the first `most`: those whose first metric is no worse than the last of these has. */
function topRows(rows: ReportRow[], most: number, { metric, sign }: Key): ReportRow[] {
  const ranks = Float64Array.from(rows, ({ metrics }) => rankOf(metrics[metric]) * sign)
  const worst = ranks.slice().sort()[most - 1] as number
  return rows.filter((_, i) => (ranks[i] as number) <= worst)
}

/** What rows are ordered by: a metric or a dimension, by its place; -1 for the other. */
interface Key {
  readonly sign: 1 | -1
  readonly metric: number
  readonly dimension: number
}

/** What is not a number comes before all numbers. */
function rankOf(value: MetricValue | undefined): number {
  return numberOf(value ?? null) ?? Number.NEGATIVE_INFINITY
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareTexts(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}
