import type { CollectionDefinition, Goal } from '../collection.ts'
import type { Dimension } from '../dimension.ts'
import { SkerryError } from '../errors.ts'
import { type Metric, revenueMetrics } from '../metric.ts'
import { type Clauses, type Filter, type Query, queryLimits } from '../query.ts'
import { compareSpan, type Span, spanOf } from '../range.ts'
import type { MetricValue, Report, ReportMeta, ReportRow } from '../report.ts'
import { isoIn, nextDate, startOfDay } from '../zone.ts'
import { isFolded } from './axis.ts'
import { bucketLabels, unitFor } from './buckets.ts'
import type { ColumnName, Day, DaySource } from './day.ts'
import { isSlot, type LabelContext, timeLabel } from './groups.ts'
import { changeOf, type Denominators, measure, numberOf, sumsOfMetric } from './measure.ts'
import { type Breathe, columnsOf, type Scan, scanDay } from './scan.ts'
import { narrowed, summaryOf } from './summary.ts'
import { type SumName, type SumTable, SumTotals } from './sums.ts'

/** Days to answer from, and what is known of those that are not there. */
export interface Days {
  /** In order of date. */
  readonly all: readonly DaySource[]
  /** Days from which events were erased. */
  readonly erased: readonly string[]
  /** Days before this one are past the retention. */
  readonly droppedBefore: string | undefined
}

export interface AnswerContext {
  readonly definition: CollectionDefinition
  readonly now: number
  readonly breathe: Breathe
}

/** Answers a query from the columns of days. Throws `invalid_query` if it comes to more groups than the limit. */
export async function answer(query: Query, days: Days, context: AnswerContext): Promise<Report> {
  const { definition, now } = context
  const { timezone } = definition
  const since = days.all[0]?.date
  const span = spanOf(query.dateRange, { now, timezone, since, trim: query.include.trim })
  const asked = withUnit(query, span)
  const series = await seriesOf(asked, span, days, context)
  const rows = sortRows(asked, series.rows())
  const page = rows.slice(query.offset, query.offset + query.limit)
  const { comparison } = query.include
  const before = comparison && compareSpan(span, comparison, query.dateRange, timezone)
  const results = before ? compare(asked, page, series, await seriesOf(asked, before, days, context)) : page
  return {
    results,
    meta: {
      metrics: Object.fromEntries(query.metrics.map((metric) => [metric, { method: 'exact' as const }])),
      visitors: span.firstDate === span.lastDate ? 'distinct' : 'sum_of_daily_visitors',
      other: series.folded,
      ...gaps(span, days),
      ...(query.include.timeLabels && { time_labels: series.labels }),
      ...(query.include.totalRows && { total_rows: rows.length }),
    },
    query: resolved(asked, span, timezone),
  }
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
  /** Of the dimension of time. */
  readonly labels: readonly string[]
  /** Dimensions that have `(other)`. */
  readonly folded: readonly string[]
}

async function seriesOf(query: Query, span: Span, days: Days, context: AnswerContext): Promise<Series> {
  const { definition } = context
  const { metrics, dimensions } = query
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
    labels: time ? bucketLabels(time, span, labelContext) : [],
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

interface Summing {
  readonly metrics: readonly Metric[]
  readonly dimensions: readonly Dimension[]
  readonly filters: readonly Filter[]
}

interface Summed {
  readonly totals: SumTotals
  readonly folded: readonly string[]
}

/** Days that are read at once: a store that is far away then gives them in one reply. */
const DAYS_AT_ONCE = 16

/** Adds up groups over all days of a range. */
async function sumUp(
  summing: Summing,
  span: Span,
  days: Days,
  { definition, breathe }: AnswerContext,
  labelContext: LabelContext,
): Promise<Summed> {
  const totals = new SumTotals(queryLimits.groups, tooManyGroups)
  const folded = new Set<string>()
  const scans = scansOf(summing, definition.goals, labelContext)
  const wanted = days.all.filter(({ date }) => date >= span.firstDate && date <= span.lastDate)
  for (let i = 0; i < wanted.length; i += DAYS_AT_ONCE) {
    const batch = wanted.slice(i, i + DAYS_AT_ONCE)
    const ready = await Promise.all(
      batch.map((source) => readyDay(source, scans, withinDay(source, span, definition.timezone), breathe)),
    )
    for (const day of ready) {
      for (const table of await day.tables()) totals.add(table)
      for (const dimension of summing.dimensions)
        if (isFolded(dimension, day.folded)) folded.add(dimension.name)
      await breathe()
    }
  }
  return { totals, folded: [...folded] }
}

/** A day that has been read, as far as the scans need it. */
interface ReadyDay {
  readonly folded: ReadonlySet<ColumnName>
  tables(): Promise<readonly SumTable[]>
}

async function readyDay(
  source: DaySource,
  scans: readonly LabelledScan[],
  within: Scan['within'],
  breathe: Breathe,
): Promise<ReadyDay> {
  const summary = await readSummary(source, scans, within)
  if (summary) return { folded: new Set(), tables: async () => summary }
  const day = await source.load(columnsOfAll(scans, within))
  return { folded: day.folded, tables: () => scanAll(day, scans, within, breathe) }
}

async function scanAll(
  day: Day,
  scans: readonly LabelledScan[],
  within: Scan['within'],
  breathe: Breathe,
): Promise<readonly SumTable[]> {
  const tables: SumTable[] = []
  for (const { scan, relabel } of scans)
    tables.push(...(await scanDay(day, { ...scan, within }, breathe)).map(relabel))
  return tables
}

/** What a day's summary says to the scans; undefined where it must be scanned. */
async function readSummary(
  source: DaySource,
  [only, ...others]: readonly LabelledScan[],
  within: Scan['within'],
): Promise<readonly SumTable[] | undefined> {
  const name = only && others.length === 0 ? summaryOf({ ...only.scan, within }) : undefined
  const tables = name === undefined ? undefined : await source.summary(name)
  if (!only || !tables) return undefined
  const { scan } = only
  const kept = narrowed(tables, scan)
  if (!scan.dimensions.some(({ kind }) => kind === 'time')) return kept
  return kept.map((table) => ({
    ...table,
    labels: table.labels.map((labels) => withTime(labels, source.date, scan)),
  }))
}

/** Puts the day's label where days, weeks or months are asked for beside the summary's dimension. */
function withTime(labels: readonly string[], date: string, scan: Scan): readonly string[] {
  const at = scan.dimensions.findIndex((one) => one.kind === 'time' && !isSlot(one))
  const dimension = scan.dimensions[at]
  if (dimension?.kind !== 'time') return labels
  return [...labels.slice(0, at), timeLabel(date, dimension.unit, scan), ...labels.slice(at)]
}

function tooManyGroups(): never {
  const detail = `The query comes to more than ${queryLimits.groups} rows. Ask for fewer dimensions, or filter.`
  throw new SkerryError('invalid_query', { faults: [{ pointer: '/dimensions', detail }] })
}

function columnsOfAll(
  scans: readonly { readonly scan: Scan }[],
  within: Scan['within'],
): ReadonlySet<string> {
  return new Set(scans.flatMap(({ scan }) => [...columnsOf({ ...scan, within })]))
}

/** A day of which only a part is in the range is looked at by time. */
function withinDay({ date }: DaySource, { from, to, isWhole }: Span, timezone: string): Scan['within'] {
  const isInside =
    isWhole || (startOfDay(date, timezone) >= from && startOfDay(nextDate(date), timezone) <= to)
  return isInside ? undefined : { from, to }
}

interface LabelledScan {
  readonly scan: Scan
  readonly relabel: (table: SumTable) => SumTable
}

/** The scans that a query needs of each day: one, or one for each goal. */
function scansOf(
  { metrics, dimensions, filters }: Summing,
  goals: readonly Goal[],
  context: LabelContext,
): readonly LabelledScan[] {
  const scan: Scan = {
    ...context,
    sums: new Set<SumName>(metrics.flatMap((metric) => sumsOfMetric[metric])),
    wantsTakings: metrics.some((metric) => revenueMetrics.has(metric)),
    dimensions: dimensions.filter(({ kind }) => kind !== 'goal'),
    filters: withDoors(filters, dimensions),
    goals,
  }
  const goalAt = dimensions.findIndex(({ kind }) => kind === 'goal')
  if (goalAt < 0) return [{ scan, relabel: (table) => table }]
  return goals.map((goal) => ({
    scan: { ...scan, goal },
    relabel: (table) => ({
      ...table,
      labels: table.labels.map((labels) => [...labels.slice(0, goalAt), goal.name, ...labels.slice(goalAt)]),
    }),
  }))
}

/** A filter on hosts also holds for the hosts at which visits enter and leave, where those are asked for. */
function withDoors(filters: readonly Filter[], dimensions: readonly Dimension[]): readonly Filter[] {
  const doors = new Set(dimensions.flatMap((one) => (one.kind === 'door' ? [one.field.split('_')[0]] : [])))
  const hosts = filters.filter(
    (filter): filter is Clauses =>
      filter.is === 'clauses' && filter.dimension.kind === 'event' && filter.dimension.field === 'hostname',
  )
  const added = hosts.flatMap((filter): Filter[] =>
    [...doors].map((door) => ({
      ...filter,
      dimension: {
        kind: 'door',
        name: '',
        field: door === 'entry' ? 'entry_page_hostname' : 'exit_page_hostname',
      },
    })),
  )
  return [...filters, ...added]
}

/** As asked; else by time, then by the first metric, the largest first. Names decide between equals. */
function sortRows({ orderBy, dimensions, metrics }: Query, rows: ReportRow[]): ReportRow[] {
  const time = dimensions.find(({ kind }) => kind === 'time')
  const standard = [...(time ? [[time.name, 'asc'] as const] : []), [metrics[0] as string, 'desc'] as const]
  const keys = (orderBy.length > 0 ? orderBy : standard).map(([name, direction]) => ({
    sign: direction === 'asc' ? 1 : -1,
    metric: metrics.indexOf(name as Metric),
    dimension: dimensions.findIndex((one) => one.name === name),
  }))
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
  return rows.sort(compareKeys)
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

/** What part of the range has no data, and from which of its days events were erased. */
function gaps(
  { firstDate, lastDate }: Span,
  { all, erased, droppedBefore = '' }: Days,
): Pick<ReportMeta, 'no_data' | 'erased'> {
  const there = new Set(all.map(({ date }) => date))
  const gone = new Set(erased)
  return {
    no_data: stretches(firstDate, lastDate, (date) => !there.has(date)),
    erased: stretches(firstDate, lastDate, (date) => gone.has(date) || date < droppedBefore),
  }
}

/** The stretches of days of a range for which something holds, both ends inclusive. */
function stretches(
  firstDate: string,
  lastDate: string,
  holds: (date: string) => boolean,
): readonly (readonly [from: string, to: string])[] {
  const ranges: [string, string][] = []
  for (let date = firstDate; date <= lastDate; date = nextDate(date)) {
    if (!holds(date)) continue
    const last = ranges.at(-1)
    if (last && nextDate(last[1]) === date) last[1] = date
    else ranges.push([date, date])
  }
  return ranges
}

/** The query as it was understood. */
function resolved(query: Query, { from, to }: Span, timezone: string): Readonly<Record<string, unknown>> {
  return {
    metrics: query.metrics,
    dimensions: query.dimensions.map((one) =>
      one.kind === 'time' && one.name === 'time' ? `time:${one.unit}` : one.name,
    ),
    date_range: [isoIn(from, timezone), isoIn(to - 1, timezone)],
    timezone: query.timezone,
    filters: query.filters.map(shownFilter),
    order_by: query.orderBy,
    include: {
      time_labels: query.include.timeLabels,
      total_rows: query.include.totalRows,
      trim_relative_date_range: query.include.trim,
      ...(query.include.comparison && { comparison: query.include.comparison }),
    },
    pagination: { limit: query.limit, offset: query.offset },
  }
}

const OPERATORS = { equal: 'is', contain: 'contains', pattern: 'matches' } as const

function shownFilter(filter: Filter): readonly unknown[] {
  if (filter.is !== 'clauses')
    return [filter.is, 'filters' in filter ? filter.filters.map(shownFilter) : shownFilter(filter.filter)]
  const { match, isNegated, dimension, clauses, caseSensitive } = filter
  const operator = OPERATORS[match] + (isNegated ? '_not' : '')
  return [operator, dimension.name, clauses, ...(caseSensitive ? [] : [{ case_sensitive: false }])]
}
