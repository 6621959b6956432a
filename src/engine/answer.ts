import type { Dimension } from '../dimension.ts'
import { type Metric, numberMetricParts } from '../metric.ts'
import type { Filter, Query } from '../query.ts'
import { compareSpan, type Span, spanOf } from '../range.ts'
import type { MetricValue, Report, ReportRow } from '../report.ts'
import { bucketLabels, unitFor } from './buckets.ts'
import type { Days } from './days.ts'
import { gaps } from './gaps.ts'
import type { LabelContext } from './groups.ts'
import { changeOf, type Denominators, measure } from './measure.ts'
import { firstRows } from './report-order.ts'
import { resolved } from './resolved-query.ts'
import { type AnswerContext, type Summed, type Summing, sumUp } from './sum-up.ts'

/** Answers a query from the columns of days. Throws `invalid_query` if it comes to more groups than the limit. */
export async function answer(query: Query, days: Days, context: AnswerContext): Promise<Report> {
  const { definition, now } = context
  const { timezone } = definition
  const since = days.all[0]?.date
  const span = spanOf(query.dateRange, { now, timezone, since, trim: query.include.trim })
  const asked = withUnit(query, span)
  const series = await seriesOf(asked, span, days, context)
  const rows = series.rows()
  const page = firstRows(asked, rows)
  const { comparison } = query.include
  const before = comparison && compareSpan(span, comparison, query.dateRange, timezone)
  const results = before ? compare(asked, page, series, await seriesOf(asked, before, days, context)) : page
  return {
    results,
    meta: {
      metrics: Object.fromEntries(
        query.metrics.map((metric) => [metric, { method: methodOf(metric, series) }]),
      ),
      visitors: span.firstDate === span.lastDate ? 'distinct' : 'sum_of_daily_visitors',
      other: series.folded,
      ...gaps(span, days),
      ...(query.include.timeLabels && { time_labels: series.labels }),
      ...(query.include.totalRows && { total_rows: rows.length }),
    },
    query: resolved(asked, span, timezone),
  }
}

/** Whatever is folded, sums stay exact; numbers that were are not known. */
function methodOf(metric: Metric, { folded }: Series): 'exact' | 'partial' {
  const of = numberMetricParts(metric)?.of
  return of !== undefined && folded.includes(of) ? 'partial' : 'exact'
}

/** `time` alone takes the unit that suits the range. */
function withUnit(query: Query, span: Span): Query {
  const dimensions = query.dimensions.map(
    (one): Dimension => (one.kind === 'time' && one.unit === 'auto' ? { ...one, unit: unitFor(span) } : one),
  )
  return { ...query, dimensions }
}

/** The groups of a query over one range. */
interface Series {
  rows(): ReportRow[]
  /** The metrics of a group, also of one that is not there. */
  metricsOf(labels: readonly string[]): readonly MetricValue[]
  /** Of the dimension of time, where they are told or compared. */
  readonly labels: readonly string[]
  /** Dimensions that have `(other)`. */
  readonly folded: readonly string[]
}

async function seriesOf(query: Query, span: Span, days: Days, context: AnswerContext): Promise<Series> {
  const { definition } = context
  const { metrics, dimensions } = query
  const { timeLabels, comparison } = query.include
  const labelContext: LabelContext = {
    timezone: definition.timezone,
    labelZone: query.timezone,
    firstDate: span.firstDate,
  }
  const add = (part: Partial<Summing>): Promise<Summed> =>
    sumUp({ metrics, dimensions, filters: query.filters, ...part }, span, days, context, labelContext)
  const { totals, folded } = await add({})
  const share = metrics.includes('percentage')
    ? await add({ metrics: ['visitors'], dimensions: [] })
    : undefined
  const filters = query.filters.filter((filter) => !isOfConversion(filter))
  const people = metrics.includes('conversion_rate')
    ? await add({ metrics: ['visitors'], dimensions: [], filters })
    : undefined
  const goalAt = dimensions.findIndex(({ kind }) => kind === 'goal')
  const groups = metrics.includes('group_conversion_rate')
    ? await add({
        metrics: ['visitors'],
        dimensions: dimensions.filter(({ kind }) => kind !== 'goal'),
        filters,
      })
    : undefined

  const [visitors, peopleOfAll] = [visitorsOf(share, []), visitorsOf(people, [])]
  function metricsAt(group: number | undefined, labels: readonly string[]): readonly MetricValue[] {
    const others = groups && labels.filter((_, i) => i !== goalAt)
    const peopleOfGroup = others ? visitorsOf(groups, others) : 0
    const of: Denominators = { visitors, people: peopleOfAll, peopleOfGroup }
    return metrics.map((metric) => measure(metric, totals, group, of))
  }
  const time = dimensions.find((one) => one.kind === 'time')
  const all = dimensions.length === 0 ? [[]] : totals.labels
  return {
    rows: () => all.map((labels, group) => ({ dimensions: labels, metrics: metricsAt(group, labels) })),
    metricsOf: (labels) => metricsAt(totals.find(labels), labels),
    labels: time && (timeLabels || comparison) ? bucketLabels(time, span, labelContext) : [],
    folded,
  }
}

function visitorsOf(summed: Summed | undefined, labels: readonly string[]): number {
  const group = summed?.totals.find(labels)
  return group === undefined ? 0 : (summed?.totals.sum('visitors', group) ?? 0)
}

/** Filters that a conversion rate's denominator does without. */
function isOfConversion(filter: Filter): boolean {
  return filter.is === 'clauses' && (filter.dimension.kind === 'goal' || filter.dimension.kind === 'prop')
}

/** Puts beside each row the same of an earlier range: buckets of time by their number, as far as there are as many, all else by name. */
function compare(
  { metrics, dimensions }: Query,
  rows: readonly ReportRow[],
  now: Series,
  before: Series,
): readonly ReportRow[] {
  const timeAt = dimensions.findIndex(({ kind }) => kind === 'time')
  const bucketOf = new Map(now.labels.map((label, i) => [label, i]))
  return rows.map((row) => {
    const bucket = timeAt < 0 ? '' : before.labels[bucketOf.get(row.dimensions[timeAt] as string) ?? -1]
    if (bucket === undefined) return row
    const labels = row.dimensions.map((label, i) => (i === timeAt ? bucket : label))
    const values = before.metricsOf(labels)
    const change = metrics.map((metric, i) => changeOf(metric, row.metrics[i] ?? null, values[i] ?? null))
    return { ...row, comparison: { dimensions: labels, metrics: values, change } }
  })
}
