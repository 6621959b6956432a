import { quote, SkerryError } from '../errors.ts'
import { isDateRange } from '../range.ts'
import type { MetricValue } from '../report.ts'
import { addDays, addMonths, dateOf } from '../zone.ts'
import { filtersOf } from './plausible-v1-filters.ts'
import { type Answer, type Question, wrong } from './question.ts'

/** Plausible's Stats API v1, `GET /api/v1/stats/realtime/visitors`: visitors of the last 5 minutes. */
export const realtimeVisitors: Answer = async ({ ask }) => {
  const { results } = await ask({ metrics: ['visitors'], date_range: 'realtime' })
  return results[0]?.metrics[0] ?? 0
}

/** `GET /api/v1/stats/aggregate` */
export const aggregate: Answer = async (question) => {
  const metrics = metricsOf(question)
  const compare = question.params.get('compare')
  if (compare !== null && compare !== 'previous_period') throw wrong('compare', 'previous_period')
  const include = compare === null ? {} : { comparison: compare }
  const { results } = await question.ask({ ...basics(question), metrics, include })
  const [row] = results
  const entries = metrics.map((metric, i) => {
    const value = row?.metrics[i] ?? null
    if (!row?.comparison) return [metric, { value }]
    return [
      metric,
      {
        value,
        comparison_value: row.comparison.metrics[i] ?? null,
        change: row.comparison.change[i] ?? null,
      },
    ]
  })
  return { results: Object.fromEntries(entries) }
}

/** `GET /api/v1/stats/timeseries`: every bucket of the period, also those that hold nothing. */
export const timeseries: Answer = async (question) => {
  const metrics = metricsOf(question)
  const { meta, results } = await question.ask({
    ...basics(question),
    metrics: metrics.map((metric) => (metric === 'conversion_rate' ? 'group_conversion_rate' : metric)),
    dimensions: [`time:${intervalOf(question)}`],
    include: { time_labels: true },
  })
  const rows = new Map(results.map((row) => [row.dimensions[0], row.metrics]))
  const at = (label: string): readonly MetricValue[] => rows.get(label) ?? metrics.map(emptyOf)
  return {
    results: (meta.time_labels ?? []).map((date) => ({ date, ...labelled(metrics, at(date)) })),
  }
}

/** `GET /api/v1/stats/breakdown` */
export const breakdown: Answer = async (question) => {
  const { params } = question
  const property = params.get('property') ?? ''
  if (!/^(?:event|visit):./s.test(property)) throw wrong('property', 'a property such as event:page')
  const limit = wholeNumber(params, 'limit', 100, BREAKDOWN_LIMIT)
  const page = wholeNumber(params, 'page', 1, Number.MAX_SAFE_INTEGER / BREAKDOWN_LIMIT)
  const metrics = metricsOf(question)
  const rate = /^event:(?:goal$|props:)/.test(property) ? 'conversion_rate' : 'group_conversion_rate'
  const dimensions = COARSER.has(property) ? [COARSER.get(property), property] : [property]
  // Another metric has to lead where the only one is time_on_page, which leads nowhere.
  const all = metrics.every((metric) => metric === 'time_on_page') ? [...metrics, 'visitors'] : metrics
  const asked = all.map((metric) => (metric === 'conversion_rate' ? rate : metric))
  const { filters, ...rest } = basics(question)
  const { results } = await question.ask({
    ...rest,
    metrics: asked,
    dimensions,
    filters: WITHOUT_BLANKS.has(property) ? [...filters, ['is_not', property, ['(not set)']]] : filters,
    order_by: [
      [asked.find((metric) => metric !== 'time_on_page'), 'desc'],
      ...dimensions.map((one) => [one, 'asc']),
    ],
    pagination: { limit, offset: (page - 1) * limit },
  })
  const keys = dimensions.map((name) => String(name).replace(/^event:props:|^event:|^visit:/, ''))
  return {
    results: results.map((row) => ({ ...labelled(keys, row.dimensions), ...labelled(metrics, row.metrics) })),
  }
}

/** The site that a URL asks about. Throws `invalid_query` if it names none. */
export function siteOfParams(params: URLSearchParams): string {
  const site = params.get('site_id')
  if (site) return site
  throw wrong('site_id', 'the site to ask')
}

const BREAKDOWN_LIMIT = 1000

const METRICS: ReadonlySet<string> = new Set([
  'visitors',
  'visits',
  'pageviews',
  'views_per_visit',
  'bounce_rate',
  'visit_duration',
  'events',
  'conversion_rate',
  'time_on_page',
])

/** Versions are told with what they are versions of. */
const COARSER: ReadonlyMap<string, string> = new Map([
  ['visit:browser_version', 'visit:browser'],
  ['visit:os_version', 'visit:os'],
])

/** Properties of which a breakdown leaves out the visits that have none. */
const WITHOUT_BLANKS: ReadonlySet<string> = new Set(
  'country region city utm_medium utm_source utm_campaign utm_content utm_term entry_page exit_page'
    .split(' ')
    .map((name) => `visit:${name}`),
)

function metricsOf({ params }: Question): readonly string[] {
  const metrics = (params.get('metrics') ?? 'visitors').split(',').map((name) => name.trim())
  const unknown = metrics.find((name) => !METRICS.has(name))
  if (unknown !== undefined)
    throw new SkerryError('invalid_query', { detail: `There is no metric "${quote(unknown)}".` })
  if (new Set(metrics).size < metrics.length) throw wrong('metrics', 'a list that names each metric once')
  return metrics
}

/** What Plausible tells of a bucket that holds nothing. */
function emptyOf(metric: string): MetricValue {
  return metric === 'visit_duration' || metric === 'time_on_page' ? null : 0
}

function labelled(names: readonly string[], values: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]))
}

function wholeNumber(params: URLSearchParams, name: string, usual: number, most: number): number {
  const text = params.get(name) ?? String(usual)
  const number = /^\d{1,16}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > most) throw wrong(name, `a whole number from 1 to ${Math.floor(most)}`)
  return number
}

function basics(question: Question): { date_range: readonly string[]; filters: readonly unknown[] } {
  const { params, definition } = question
  return { date_range: rangeOf(question), filters: filtersOf(params.get('filters') ?? '', definition.goals) }
}

const PERIODS: ReadonlyMap<string, (date: string) => readonly [from: string, to: string]> = new Map([
  ['day', (date) => [date, date]],
  ['7d', (date) => [addDays(date, -6), date]],
  ['30d', (date) => [addDays(date, -30), date]],
  ['month', (date) => months(date, 1)],
  ['6mo', (date) => months(date, 6)],
  ['12mo', (date) => months(date, 12)],
])

/** So many whole calendar months, of which the last holds the date. */
function months(date: string, count: number): readonly [string, string] {
  const first = `${date.slice(0, 7)}-01`
  return [addMonths(first, 1 - count), addDays(addMonths(first, 1), -1)]
}

function rangeOf({ params, definition, now }: Question): readonly [string, string] {
  const period = params.get('period') ?? '30d'
  const date = params.get('date') ?? dateOf(now, definition.timezone)
  if (period === 'custom') {
    const [from = '', to = '', ...more] = date.split(',').map((one) => one.trim())
    if (more.length > 0 || !isDate(from) || !isDate(to) || from > to)
      throw wrong('date', 'two dates with a comma between them where the period is custom, the earlier first')
    return [from, to]
  }
  const range = PERIODS.get(period)
  if (!range) throw wrong('period', `${[...PERIODS.keys()].join(', ')} or custom`)
  if (!isDate(date)) throw wrong('date', 'a date (YYYY-MM-DD)')
  return range(date)
}

function isDate(text: string): boolean {
  return text.length === 10 && isDateRange([text, text])
}

function intervalOf({ params }: Question): string {
  const period = params.get('period') ?? '30d'
  const interval =
    params.get('interval') ?? (period === 'day' ? 'hour' : period.endsWith('mo') ? 'month' : 'day')
  if (interval === 'date') return 'day'
  if (!INTERVALS.has(interval)) throw wrong('interval', 'day or month')
  return interval
}

const INTERVALS: ReadonlySet<string> = new Set(['hour', 'day', 'month'])
