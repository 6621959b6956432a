import { blankOf, readDimension } from '../dimension.ts'
import { problemDocument, type SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import type { Comparison } from '../query.ts'
import { compareSpan, spanOf } from '../range.ts'
import { json, type Reply } from '../reply.ts'
import type { MetricValue } from '../report.ts'
import { type Answer, type Question, wrong } from './question.ts'
import { ANY_CASE, DIMENSIONS, filtersOf } from './umami-filters.ts'

type Range = readonly [from: string, to: string]

/** Umami, `GET /api/websites/:id/stats`: the totals of a range, and of the one before it. */
export const umamiStats: Answer = async (question) => {
  const { results } = await question.ask({
    metrics: ['pageviews', 'visitors', 'visits', 'bounces', 'total_visit_duration'],
    date_range: rangeOf(question),
    filters: filtersOf(question),
    include: { comparison: comparisonOf(question) ?? 'previous_period' },
  })
  const totals = ([pageviews, visitors, visits, bounces, totaltime]: readonly MetricValue[]) => ({
    ...{ pageviews, visitors, visits, bounces, totaltime },
  })
  return { ...totals(results[0]?.metrics ?? []), comparison: totals(results[0]?.comparison?.metrics ?? []) }
}

/** `GET /api/websites/:id/pageviews`: page views and visitors over time, and those of another range where it is asked. */
export const umamiPageviews: Answer = async (question) => {
  const range = rangeOf(question)
  const comparison = comparisonOf(question)
  const series = await seriesOf(question, range)
  if (!comparison) return series
  const { timezone } = question.definition
  const context = { now: question.now, timezone, since: undefined, trim: false }
  const { from, to } = compareSpan(spanOf(range, context), comparison, range, timezone)
  const before: Range = [isoOf(from), isoOf(to - 1)]
  return {
    ...{ ...series, startDate: range[0], endDate: range[1] },
    compare: { ...(await seriesOf(question, before)), startDate: before[0], endDate: before[1] },
  }
}

/** `GET /api/websites/:id/metrics?type=`: the most frequent values, by visitors; of events by how often they happened. */
export const umamiMetrics: Answer = async (question) => {
  const { params, definition } = question
  const type = params.get('type') ?? ''
  const name = DIMENSIONS.get(type)
  const dimension = name === undefined ? undefined : readDimension(name, definition)
  if (name === undefined || !dimension) throw wrong('type', [...DIMENSIONS.keys()].join(', '))
  const blank = blankOf(dimension)
  const isVisitors = VISITOR_TYPES.has(type)
  const search = params.get('search')
  const { results } = await question.ask({
    metrics: [type === 'event' ? 'events' : 'visitors'],
    date_range: rangeOf(question),
    dimensions: [name],
    filters: [
      ...filtersOf(question),
      ...(isVisitors || type === 'channel' ? [] : [['is_not', name, [blank]]]),
      ...(type === 'event' ? NO_PAGEVIEWS : []),
      ...(search ? [['contains', name, [search], ANY_CASE]] : []),
    ],
    pagination: { limit: wholeNumber(params, 'limit', 500, 1), offset: wholeNumber(params, 'offset', 0, 0) },
  })
  return results.map(({ dimensions: [label = ''], metrics: [y] }) => {
    if (isVisitors && label === blank) return { x: null, y }
    return { x: type === 'channel' ? channelOf(label) : label, y }
  })
}

/** `GET /api/websites/:id/events/series`: events by name over time, page views left out. */
export const umamiEventSeries: Answer = async (question) => {
  const range = rangeOf(question)
  const { results } = await question.ask({
    ...timed(question, range),
    metrics: ['events'],
    dimensions: [`time:${unitOf(question, range)}`, 'event:name'],
    filters: [...filtersOf(question), ...NO_PAGEVIEWS],
  })
  return results.map(({ dimensions: [t, x], metrics: [y] }) => ({ x, t, y }))
}

/** `GET /api/websites/:id/active`: visitors of the last 5 minutes. */
export const umamiActive: Answer = async ({ ask }) => {
  const { results } = await ask({ metrics: ['visitors'], date_range: 'realtime' })
  return { visitors: results[0]?.metrics[0] ?? 0 }
}

/** An error as Umami tells it: 401 for whatever is wrong with key or website, 400 for a bad question. */
export function umamiError(error: SkerryError): Reply {
  const [status, code] = STATUSES.get(error.code) ?? [error.status, error.code.replaceAll('_', '-')]
  const faults = error.faults.slice(0, 1).map(({ pointer, detail }) => `${pointer}: ${detail}`)
  const message = status === 500 ? String(problemDocument(error).title) : (faults[0] ?? error.message)
  return json({ error: { message, code, status } }, status, { ...error.headers, ...PRIVATE })
}

const STATUSES: ReadonlyMap<string, readonly [status: number, code: string]> = new Map([
  ['unauthorized', [401, 'unauthorized']],
  ['forbidden', [401, 'unauthorized']],
  ['unknown_collection', [404, 'not-found']],
  ['invalid_query', [400, 'bad-request']],
  ['key_in_url', [400, 'bad-request']],
  ['internal', [500, 'server-error']],
  ['damaged', [500, 'server-error']],
  ['unavailable', [503, 'service-unavailable']],
  ['overloaded', [503, 'service-unavailable']],
])

/** Facts of visitors: those of whom one is not known are told too, under null. */
const VISITOR_TYPES: ReadonlySet<string> = new Set([
  'browser',
  'os',
  'device',
  'screen',
  'language',
  'country',
  'region',
  'city',
])

const NO_PAGEVIEWS = [['is_not', 'event:name', ['pageview']]]

function wholeNumber(params: URLSearchParams, name: string, usual: number, least: number): number {
  const text = params.get(name) ?? String(usual)
  const number = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (number < least) throw wrong(name, `a whole number from ${least}`)
  return number
}

/** Later instants have more digits of the year than dates can tell here. */
const LAST_INSTANT = Date.UTC(9999, 11, 31)

function rangeOf({ params }: Question): Range {
  const from = instantOf(params, 'startAt', 'startDate')
  const to = instantOf(params, 'endAt', 'endDate')
  if (to < from) throw wrong('endAt', 'later than startAt')
  return [isoOf(from), isoOf(to)]
}

function instantOf(params: URLSearchParams, inMs: string, asDate: string): number {
  const [ms, date] = [params.get(inMs), params.get(asDate)]
  const instant = ms === null ? Date.parse(date ?? '') : /^\d{1,15}$/.test(ms) ? Number(ms) : Number.NaN
  if (instant >= 0 && instant <= LAST_INSTANT) return instant
  throw wrong(ms === null && date !== null ? asDate : inMs, ms === null ? 'a date' : 'ms since 1970')
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString()
}

function comparisonOf({ params }: Question): Comparison | undefined {
  const compare = params.get('compare')
  if (compare === null) return undefined
  if (compare === 'prev') return 'previous_period'
  if (compare === 'yoy') return 'year_over_year'
  throw wrong('compare', 'prev or yoy')
}

const UNITS = ['minute', 'hour', 'day', 'month']
const MINUTE_MS = 60_000

/** The unit that is asked, or the finest that suits the range, if that is coarser. */
function unitOf({ params }: Question, [from, to]: Range): string {
  const asked = params.get('unit') ?? 'minute'
  if (!UNITS.includes(asked)) throw wrong('unit', UNITS.join(', '))
  const minutes = (Date.parse(to) - Date.parse(from)) / MINUTE_MS
  const finest = minutes <= 60 ? 0 : minutes <= 48 * 60 ? 1 : minutes <= 184 * 24 * 60 ? 2 : 3
  return UNITS[Math.max(finest, UNITS.indexOf(asked))] as string
}

function timed({ params }: Question, date_range: Range): Readonly<Record<string, unknown>> {
  const timezone = params.get('timezone')
  return { date_range, ...(timezone !== null && { timezone }) }
}

async function seriesOf(question: Question, range: Range) {
  const { results } = await question.ask({
    ...timed(question, range),
    metrics: ['pageviews', 'visitors'],
    dimensions: [`time:${unitOf(question, range)}`],
    filters: filtersOf(question),
  })
  const points = (metric: number) =>
    results.map(({ dimensions: [x], metrics }) => ({ x, y: metrics[metric] })).filter(({ y }) => y !== 0)
  return { pageviews: points(0), sessions: points(1) }
}

/** `Organic Search` is organicSearch there. */
function channelOf(label: string): string {
  const [first = '', ...others] = label.split(' ')
  return [first.toLowerCase(), ...others].join('')
}
