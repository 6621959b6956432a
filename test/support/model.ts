import type { CollectionDefinition } from '../../src/collection.ts'
import { blankOf, type Dimension, isProperty, readDimension, type TimeUnit } from '../../src/dimension.ts'
import type { Event, TextField } from '../../src/event.ts'
import type { Metric, NamedMetric } from '../../src/metric.ts'
import { compilePattern } from '../../src/pattern.ts'
import type { Clauses, Filter, Query } from '../../src/query.ts'
import type { MetricValue, Money, ReportRow } from '../../src/report.ts'
import { dateOf, localTime, nextDate, startOfDay } from '../../src/zone.ts'

/**
 * What queries mean, written down by definition: slow, without columns, and by another mind than the engine's.
 * Whatever the engine answers must be the same.
 */
export function answer(
  events: readonly Event[],
  definition: CollectionDefinition,
  query: Query,
  now: number,
): { results: ReportRow[]; totalRows: number; timeLabels: string[] } {
  const kept = firstOfEachId(events)
  const range = rangeOf(query, kept, definition.timezone, now)
  const unit = unitOf(query, range)
  const asked: Asked = { definition, query, visits: visitsOf(kept, definition.timezone), range, unit }
  const { rows } = tableOf(asked)
  const results = rows.sort(orderOf(query)).slice(query.offset, query.offset + query.limit)
  return {
    results: query.include.comparison ? results.map(comparedWith(before(asked), asked)) : results,
    totalRows: rows.length,
    timeLabels: timeLabelsOf(asked),
  }
}

/** Rows as JSON, without the wording of amounts of money. */
export function withoutWords(rows: readonly ReportRow[]): unknown {
  return JSON.parse(
    JSON.stringify(rows, (key, value) => (key === 'short' || key === 'long' ? undefined : value)),
  )
}

/** From `from` up to, not including, `to`. `isOfDays`: it was asked for in whole days, and not cut. */
export interface Range {
  readonly from: number
  readonly to: number
  readonly isOfDays?: boolean | undefined
  /** It was asked for in whole days, and cut at the present. */
  readonly isCut?: boolean | undefined
}

interface Asked {
  readonly definition: CollectionDefinition
  readonly query: Query
  readonly visits: readonly Visit[]
  readonly range: Range
  readonly unit: TimeUnit | undefined
}

/** Events of one visitor on one day, in order of time; an event of nobody is alone. */
export interface Visit {
  readonly id: string
  readonly visitor: string | undefined
  readonly events: readonly Event[]
}

/** What is counted: an event in its visit, or a whole visit. `atEntry`: page and host are where the visit entered. */
interface Row {
  readonly visit: Visit
  readonly event?: Event
  readonly atEntry?: boolean
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

// ── Events and visits ──

export function firstOfEachId(events: readonly Event[]): Event[] {
  return [...groupBy(events, ({ id }) => id).values()].flatMap((same) => same.slice(0, 1))
}

export function visitsOf(events: readonly Event[], timezone: string): Visit[] {
  const visitors = groupBy(events, ({ id, time, visitor }) =>
    visitor === undefined ? `event ${id}` : `${dateOf(time, timezone)} ${visitor}`,
  )
  return [...visitors].flatMap(([key, own]) => {
    const visits: Event[][] = []
    for (const event of own.sort((a, b) => a.time - b.time)) {
      const open = visits.at(-1)
      const last = open?.at(-1)
      if (open && last && event.time - last.time <= 30 * MINUTE) open.push(event)
      else visits.push([event])
    }
    const visitor = own[0]?.visitor === undefined ? undefined : key
    return visits.map((events, i) => ({ id: `${key} ${i}`, visitor, events }))
  })
}

export const isCounted = ({ name }: Event): boolean => name !== 'engagement'
export const isPageview = ({ name }: Event): boolean => name === 'pageview'
export const isIn = ({ from, to }: Range, time: number): boolean => from <= time && time < to
const entryOf = ({ events }: Visit): Event | undefined => events.find(isPageview)
const exitOf = ({ events }: Visit): Event | undefined => events.findLast(isPageview)
const startOf = ({ events }: Visit): number => Math.min(...events.map(({ time }) => time))
const endOf = ({ events }: Visit): number => Math.max(...events.map(({ time }) => time))

function isBounce({ visit }: Row): boolean {
  const customs = visit.events.filter((event) => isCounted(event) && !isPageview(event))
  return viewsOf({ visit }) === 1 && customs.every(({ interactive }) => interactive === false)
}

function viewsOf({ visit }: Row): number {
  return visit.events.filter(isPageview).length
}

function durationOf({ visit }: Row): number {
  const times = visit.events.filter(isCounted).map(({ time }) => time)
  return Math.max(...times) - Math.min(...times)
}

// ── What is counted for which metric ──

interface Measure {
  readonly rows: readonly Row[]
  readonly value: (rows: readonly Row[], labels: readonly string[]) => MetricValue
}

const measures: Readonly<Record<NamedMetric, (asked: Asked) => Measure>> = {
  visitors: (asked) => ({ rows: visitorRows(asked), value: visitorsOf }),
  visits: (asked) => ({ rows: visitorRows(asked), value: (rows) => distinct(rows, ({ visit }) => visit.id) }),
  pageviews: (asked) => ({ rows: eventRows(asked).filter(({ event }) => isPageview(event)), value: countOf }),
  events: (asked) => ({ rows: eventRows(asked), value: countOf }),
  views_per_visit: (asked) => ({
    rows: wholeVisits(asked),
    value: (rows) => round(ratio(sum(rows, viewsOf), rows.length), 2),
  }),
  bounce_rate: (asked) => ({
    rows: wholeVisits(asked),
    value: (rows) => round(percent(rows.filter(isBounce).length, rows.length), 0),
  }),
  visit_duration: (asked) => ({
    rows: wholeVisits(asked),
    value: (rows) => round(ratio(sum(rows, durationOf), rows.length * 1000), 0),
  }),
  bounces: (asked) => ({
    rows: wholeVisits(asked),
    value: (rows) => rows.filter(isBounce).length,
  }),
  total_visit_duration: (asked) => ({
    rows: wholeVisits(asked),
    value: (rows) => round(sum(rows, durationOf) / 1000, 0),
  }),
  scroll_depth: (asked) => ({
    rows: engagements(asked).filter(({ event }) => event.depth !== undefined),
    value: (rows) => {
      const reads = groupBy(rows, ({ visit, event }) => JSON.stringify([visit.id, event?.page]))
      const depths = [...reads.values()].map((same) =>
        Math.max(...same.map(({ event }) => event?.depth ?? 0)),
      )
      return depths.length === 0 ? null : round(sum(depths, Number) / depths.length, 0)
    },
  }),
  time_on_page: (asked) => ({
    rows: engagements(asked).filter(({ event }) => event.ms !== undefined),
    value: (rows) => {
      const visits = distinct(rows, ({ visit }) => visit.id)
      return visits === 0 ? null : round(sum(rows, ({ event }) => event?.ms ?? 0) / (visits * 1000), 0)
    },
  }),
  percentage: (asked) => {
    const all = visitorsOf(visitorRows(withQuery(asked, { dimensions: [] })))
    return { rows: visitorRows(asked), value: (rows) => round(percent(visitorsOf(rows), all), 2) }
  },
  conversion_rate: (asked) => {
    const all = visitorsOf(visitorRows(withQuery(asked, { dimensions: [], filters: unconverted(asked) })))
    return { rows: visitorRows(asked), value: (rows) => round(percent(visitorsOf(rows), all), 2) }
  },
  group_conversion_rate: (asked) => {
    const isKept = asked.query.dimensions.map(({ kind }) => kind !== 'goal')
    const dimensions = asked.query.dimensions.filter((_, i) => isKept[i])
    const everybody = withQuery(asked, { dimensions, filters: unconverted(asked) })
    const groups = grouped(visitorRows(everybody), everybody)
    const all = (labels: readonly string[]): number =>
      visitorsOf(groups.get(JSON.stringify(labels.filter((_, i) => isKept[i]))) ?? [])
    return {
      rows: visitorRows(asked),
      value: (rows, labels) => round(percent(visitorsOf(rows), all(labels)), 2),
    }
  },
  total_revenue: (asked) => ({ rows: paidRows(asked), value: (rows) => moneyOf(rows, () => 1) }),
  average_revenue: (asked) => ({ rows: paidRows(asked), value: (rows) => moneyOf(rows, countOf) }),
}

function measureOf(metric: Metric, asked: Asked): Measure {
  if (Object.hasOwn(measures, metric)) return measures[metric as NamedMetric](asked)
  const [take = '', name = ''] = metric.slice(0, -1).split('(')
  const dimension = readDimension(name, asked.definition) as Dimension
  return {
    rows: eventRows(asked).filter((row) => !Number.isNaN(numberOf(valueIn(dimension, row)))),
    value: (rows) => {
      const numbers = rows.map((row) => numberOf(valueIn(dimension, row))).sort((a, b) => a - b)
      return numbers.length === 0 ? null : (takeOf(take, numbers) ?? null)
    },
  }
}

/** As people write numbers: no hexadecimals, no blanks, no words. */
function numberOf(text = ''): number {
  return [...text].every((letter) => '0123456789+-.eE'.includes(letter)) && Number.isFinite(Number(text))
    ? Number(text || 'none')
    : Number.NaN
}

/** Of numbers in order. */
function takeOf(take: string, numbers: readonly number[]): number | undefined {
  if (take === 'min') return numbers[0]
  if (take === 'max') return numbers.at(-1)
  const all = sum(numbers, Number)
  if (take === 'sum') return Number(all.toPrecision(12))
  if (take === 'avg') return Number((all / numbers.length).toPrecision(12))
  const percent = Number(take.slice(1))
  return numbers.find((_, i) => 100 * (i + 1) >= percent * numbers.length)
}

const countOf = (rows: readonly Row[]): number => rows.length
const visitorsOf = (rows: readonly Row[]): number => distinct(rows, ({ visit }) => visit.visitor)

type EventRow = Row & { readonly event: Event }

/** Events of the range that the filters let through, engagements too. */
function matching(asked: Asked): EventRow[] {
  return asked.visits
    .flatMap((visit) => visit.events.map((event) => ({ visit, event })))
    .filter((row) => isIn(asked.range, row.event.time) && passes(row, asked))
}

const eventRows = (asked: Asked): EventRow[] => matching(asked).filter(({ event }) => isCounted(event))
const engagements = (asked: Asked): EventRow[] => matching(asked).filter(({ event }) => !isCounted(event))
const paidRows = (asked: Asked): EventRow[] => eventRows(asked).filter(({ event }) => event.revenue)
const convertedRows = (asked: Asked): EventRow[] => eventRows(asked).filter(({ visit }) => visit.visitor)

/** For `visitors` and `visits`: their events where any event is asked for, otherwise the visits. */
function visitorRows(asked: Asked): Row[] {
  if (asked.query.dimensions.some(isOfEvents) || asked.query.filters.some(looksAtEvents))
    return convertedRows(asked)
  return overlapping(asked).filter((row) => passes(row, asked))
}

/** For metrics of visits as wholes. */
function wholeVisits(asked: Asked): Row[] {
  const visits = overlapping(asked).map(({ visit }) => ({ visit, atEntry: true }))
  if (!asked.query.filters.some(looksAtEvents)) return visits.filter((row) => passes(row, asked))
  return visits.filter((row) =>
    row.visit.events.some(
      (event) => isCounted(event) && isIn(asked.range, event.time) && passes({ ...row, event }, asked),
    ),
  )
}

function overlapping({ visits, range }: Asked): Row[] {
  return visits
    .filter(({ visitor, events }) => visitor !== undefined && events.some(isCounted))
    .filter((visit) => startOf(visit) < range.to && endOf(visit) >= range.from)
    .map((visit) => ({ visit }))
}

function withQuery(asked: Asked, changes: Partial<Query>): Asked {
  return { ...asked, query: { ...asked.query, ...changes } }
}

/** The filters without those of the top level that say who has converted. */
function unconverted({ query }: Asked): Filter[] {
  return query.filters.filter(
    (filter) => filter.is !== 'clauses' || !['goal', 'prop'].includes(filter.dimension.kind),
  )
}

/** An amount for each currency, its sum divided. Sums are of decimals, so they are exact. */
function moneyOf(rows: readonly Row[], divisor: (rows: readonly Row[]) => number): MetricValue {
  const currencies = [...groupBy(rows, ({ event }) => event?.revenue?.currency ?? '')]
  const amounts = currencies
    .sort(([a], [b]) => compare(a, b))
    .map(([currency, same]): Money => {
      const millionths = same.reduce(
        (total, { event }) => total + toMillionths(event?.revenue?.amount ?? '0'),
        0n,
      )
      const value = Math.round(Number(millionths) / divisor(same)) / 1e6
      return { value, currency, short: '', long: '' }
    })
  return amounts.length > 1 ? amounts : (amounts[0] ?? null)
}

function toMillionths(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.')
  return BigInt(whole + fraction.padEnd(6, '0'))
}

// ── Dimensions ──

function isOfEvents({ kind }: Dimension): boolean {
  return kind === 'event' || kind === 'prop' || kind === 'goal'
}

/** The value of any dimension but time and goals; undefined where there is none. */
function valueIn(dimension: Dimension, { visit, event, atEntry }: Row): string | undefined {
  if (dimension.kind === 'event') {
    const isOfDoor = atEntry && (dimension.field === 'page' || dimension.field === 'hostname')
    return (isOfDoor ? entryOf(visit) : event)?.[dimension.field as TextField | 'name']
  }
  if (dimension.kind === 'prop') {
    const isAttribute = dimension.isDeclared && Object.hasOwn(event?.attributes ?? {}, dimension.key)
    const values = (isAttribute ? event?.attributes : event?.props) ?? {}
    return Object.hasOwn(values, dimension.key) ? String(values[dimension.key]) : undefined
  }
  if (dimension.kind === 'door') {
    const view = dimension.field.startsWith('entry') ? entryOf(visit) : exitOf(visit)
    return dimension.field.endsWith('hostname') ? view?.hostname : view?.page
  }
  if (dimension.kind !== 'visit') return undefined
  const fact = visit.events[0]?.[dimension.field]
  return fact !== undefined && dimension.inWords && dimension.field === 'country' ? countryName(fact) : fact
}

function countryName(code: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

function goalsOf(event: Event | undefined, { goals }: CollectionDefinition): string[] {
  if (!event) return []
  const reached = goals.filter((goal) =>
    'event' in goal ? goal.event === event.name : isPageview(event) && isLike(event.page ?? '', goal.page),
  )
  return [...new Set(reached.map(({ name }) => name))]
}

function isLike(page: string, wildcards: string): boolean {
  const literals = wildcards.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${literals.join('.*')}$`, 's').test(page)
}

/** The labels under which something counts: none, one, or several. */
function labelsOf(dimension: Dimension, row: Row, asked: Asked): string[] {
  if (dimension.kind === 'goal') return goalsOf(row.event, asked.definition)
  if (dimension.kind === 'event' && row.atEntry && !entryOf(row.visit)) return []
  if (dimension.kind !== 'time') return [valueIn(dimension, row) ?? blankOf(dimension)]
  if (row.event) return [bucketOf(row.event.time, asked)]
  const from = Math.max(startOf(row.visit), asked.range.from)
  const to = Math.min(endOf(row.visit) + 1, asked.range.to)
  return bucketsBetween({ from, to }, asked)
}

/** What falls into each combination of labels, these written as JSON. */
function grouped(rows: readonly Row[], asked: Asked): Map<string, Row[]> {
  const pairs = rows.flatMap((row) => {
    const labels = asked.query.dimensions.map((dimension) => labelsOf(dimension, row, asked))
    const product = labels.reduce<string[][]>(
      (firsts, lasts) => firsts.flatMap((first) => lasts.map((last) => [...first, last])),
      [[]],
    )
    return product.map((combination) => ({ key: JSON.stringify(combination), row }))
  })
  return new Map(
    [...groupBy(pairs, ({ key }) => key)].map(([key, same]) => [key, same.map(({ row }) => row)]),
  )
}

// ── Filters ──

function looksAtEvents(filter: Filter): boolean {
  if (filter.is === 'clauses') return isOfEvents(filter.dimension)
  if (filter.is === 'has_done' || filter.is === 'has_not_done') return false
  return 'filters' in filter ? filter.filters.some(looksAtEvents) : looksAtEvents(filter.filter)
}

function passes(row: Row, { query, definition }: Asked): boolean {
  const isAsked = (door: string): boolean =>
    query.dimensions.some((one) => one.kind === 'door' && one.field.startsWith(door))
  const fitsDoors = (filter: Clauses): boolean =>
    (!isAsked('entry') || isMatch(filter, entryOf(row.visit)?.hostname)) &&
    (!isAsked('exit') || isMatch(filter, exitOf(row.visit)?.hostname))
  return query.filters.every(
    (filter) => holds(filter, row, definition) && (!isOfHost(filter) || fitsDoors(filter)),
  )
}

function isOfHost(filter: Filter): filter is Clauses {
  return filter.is === 'clauses' && filter.dimension.name === 'event:hostname'
}

export function holds(filter: Filter, row: Row, definition: CollectionDefinition): boolean {
  const inner = (one: Filter): boolean => holds(one, row, definition)
  const hasDone = (one: Filter): boolean =>
    row.visit.events.some((event) => isCounted(event) && holds(one, { visit: row.visit, event }, definition))
  switch (filter.is) {
    case 'and':
      return filter.filters.every(inner)
    case 'or':
      return filter.filters.some(inner)
    case 'not':
      return !inner(filter.filter)
    case 'has_done':
      return hasDone(filter.filter)
    case 'has_not_done':
      return !hasDone(filter.filter)
    case 'clauses':
      return filter.dimension.kind === 'goal'
        ? goalsOf(row.event, definition).some((name) => isMatch(filter, name))
        : isMatch(filter, valueIn(filter.dimension, row))
  }
}

function isMatch(filter: Clauses, value: string | undefined): boolean {
  const { dimension, match, isNegated, clauses, caseSensitive } = filter
  if (value === undefined && isProperty(dimension) && match !== 'equal') return false
  const text = value ?? (match === 'equal' ? blankOf(dimension) : '')
  const cased = (one: string): string => (caseSensitive ? one : one.toLowerCase())
  const isAny = clauses.some((clause) => {
    if (match === 'pattern') return compilePattern(clause)(text)
    return match === 'equal' ? cased(text) === cased(clause) : cased(text).includes(cased(clause))
  })
  return isAny !== isNegated
}

// ── Rows ──

interface Table {
  readonly rows: ReportRow[]
  readonly metricsOf: (labels: readonly string[]) => MetricValue[]
}

function tableOf(asked: Asked): Table {
  const columns = asked.query.metrics.map((metric) => {
    const { rows, value } = measureOf(metric, asked)
    return { groups: grouped(rows, asked), value }
  })
  const metricsOf = (labels: readonly string[]): MetricValue[] =>
    columns.map(({ groups, value }) => value(groups.get(JSON.stringify(labels)) ?? [], labels))
  const isWhole = asked.query.dimensions.length === 0
  const keys = new Set([...(isWhole ? ['[]'] : []), ...columns.flatMap(({ groups }) => [...groups.keys()])])
  const combinations = [...keys].map((key) => JSON.parse(key) as string[])
  return {
    rows: combinations.map((labels) => ({ dimensions: labels, metrics: metricsOf(labels) })),
    metricsOf,
  }
}

function orderOf({ metrics, dimensions, orderBy }: Query): (a: ReportRow, b: ReportRow) => number {
  const times = dimensions.filter(({ kind }) => kind === 'time').map(({ name }) => [name, 'asc'] as const)
  const wanted = orderBy.length > 0 ? orderBy : [...times, [metrics[0], 'desc'] as const]
  const cellOf = (row: ReportRow, name: string | undefined): string | number => {
    const i = dimensions.findIndex((one) => one.name === name)
    return row.dimensions[i] ?? amountOf(row.metrics[metrics.indexOf(name as Metric)]) ?? -Infinity
  }
  const names = dimensions.map(({ name }) => [name, 'asc'] as const)
  return (a, b) => {
    for (const [name, direction] of [...wanted, ...names]) {
      const order = compare(cellOf(a, name), cellOf(b, name))
      if (order !== 0) return direction === 'asc' ? order : -order
    }
    return 0
  }
}

function amountOf(value: MetricValue | undefined): number | undefined {
  if (typeof value === 'number') return value
  return value ? ('value' in value ? value : value[0])?.value : undefined
}

// ── Comparison ──

function before(asked: Asked): Asked {
  const { range, definition, query } = asked
  return {
    ...asked,
    range: earlier(range, query.include.comparison === 'year_over_year', definition.timezone),
  }
}

function comparedWith(previous: Asked, asked: Asked): (row: ReportRow) => ReportRow {
  const { metricsOf } = tableOf(previous)
  const buckets = timeLabelsOf(asked)
  const earlierBuckets = timeLabelsOf(previous)
  return (row) => {
    const dimensions = row.dimensions.flatMap((label, i) =>
      asked.query.dimensions[i]?.kind === 'time' ? (earlierBuckets[buckets.indexOf(label)] ?? []) : label,
    )
    // The earlier range has fewer buckets: there is nothing to compare this one with.
    if (dimensions.length < row.dimensions.length) return row
    const metrics = metricsOf(dimensions)
    const change = asked.query.metrics.map((metric, i) => changeOf(metric, row.metrics[i], metrics[i]))
    return { ...row, comparison: { dimensions, metrics, change } }
  }
}

const IN_POINTS: readonly Metric[] = ['bounce_rate', 'percentage', 'conversion_rate', 'group_conversion_rate']

function changeOf(
  metric: Metric,
  now: MetricValue | undefined,
  then: MetricValue | undefined,
): number | null {
  const [current, old] = [amountOf(now), amountOf(then)]
  if (current === undefined || old === undefined || currencyOf(now) !== currencyOf(then)) return null
  if (IN_POINTS.includes(metric)) return round(current - old, 2)
  if (old === 0) return current > 0 ? 100 : 0
  return round(((current - old) / old) * 100, 0)
}

/** Amounts compare where both are of one and the same currency. */
function currencyOf(value: MetricValue | undefined): string | symbol {
  if (value === null || typeof value !== 'object') return 'none'
  return 'currency' in value ? value.currency : Symbol('several')
}

// ── Time ──

function unitOf({ dimensions }: Query, { from, to, isOfDays }: Range): TimeUnit | undefined {
  const time = dimensions.find((one) => one.kind === 'time')
  if (time?.unit !== 'auto') return time?.unit
  const length = isOfDays ? Math.round((to - from) / DAY) * DAY : to - from
  if (length <= 48 * HOUR) return 'hour'
  if (length <= 40 * DAY) return 'day'
  return length <= 52 * 7 * DAY ? 'week' : 'month'
}

function bucketOf(time: number, { definition, query, range, unit }: Asked): string {
  if (unit === 'minute' || unit === 'hour') {
    const [date, clock = ''] = new Date(localTime(time, query.timezone)).toISOString().split('T')
    return unit === 'minute' ? `${date} ${clock.slice(0, 5)}:00` : `${date} ${clock.slice(0, 2)}:00:00`
  }
  const date = dateOf(time, definition.timezone)
  if (unit === 'month') return `${date.slice(0, 7)}-01`
  if (unit === 'day') return date
  const monday = addDays(date, -((new Date(date).getUTCDay() + 6) % 7))
  const first = dateOf(range.from, definition.timezone)
  return monday < first ? first : monday
}

/** The buckets of every instant. No clock's hour begins but at a quarter of an hour of UTC. */
function bucketsBetween({ from, to }: Range, asked: Asked): string[] {
  const { timezone } = asked.definition
  const step = { minute: MINUTE, hour: 15 * MINUTE }[asked.unit as string]
  const next = (time: number): number =>
    step ? (Math.floor(time / step) + 1) * step : startOfDay(nextDate(dateOf(time, timezone)), timezone)
  const labels = new Set<string>()
  for (let time = from; time < to; time = next(time)) labels.add(bucketOf(time, asked))
  return [...labels].sort(compare)
}

function timeLabelsOf(asked: Asked): string[] {
  return asked.unit ? bucketsBetween(asked.range, asked) : []
}

function rangeOf({ dateRange, include }: Query, events: readonly Event[], zone: string, now: number): Range {
  const range = wholeRange(dateRange, events, zone, now)
  const isCut = include.trim && typeof dateRange === 'string' && now + 1 < range.to
  return isCut ? { from: range.from, to: now + 1, isCut: range.isOfDays } : range
}

export function wholeRange(
  asked: Query['dateRange'],
  events: readonly Event[],
  zone: string,
  now: number,
): Range {
  const today = dateOf(now, zone)
  const month = `${today.slice(0, 7)}-01`
  if (typeof asked !== 'string') {
    const [from, to] = asked
    return from.includes('T') ? { from: Date.parse(from), to: Date.parse(to) + 1 } : days(from, to, zone)
  }
  if (asked === '24h') return { from: now + 1 - DAY, to: now + 1 }
  if (asked === 'realtime') return { from: now + 1 - 5 * MINUTE, to: now + 1 }
  if (asked === 'day') return days(today, today, zone)
  if (asked === 'month') return days(month, addDays(addMonths(month, 1), -1), zone)
  if (asked === 'year') return days(`${today.slice(0, 4)}-01-01`, `${today.slice(0, 4)}-12-31`, zone)
  if (asked === 'all') {
    const dates = [today, ...events.map(({ time }) => dateOf(time, zone))].sort(compare)
    return days(dates[0] ?? today, today, zone)
  }
  const count = Number.parseInt(asked, 10)
  if (asked.endsWith('mo')) return days(addMonths(month, -count), addDays(month, -1), zone)
  return days(addDays(today, -count), addDays(today, -1), zone)
}

/** Both inclusive. */
function days(first: string, last: string, zone: string): Range {
  return { from: startOfDay(first, zone), to: startOfDay(nextDate(last), zone), isOfDays: true }
}

function earlier(range: Range, isByYear: boolean, zone: string): Range {
  const { from, to, isOfDays, isCut } = range
  const [first, last] = [dateOf(from, zone), dateOf(to - 1, zone)]
  if (isByYear) {
    if (isOfDays) return days(yearBefore(first), yearBefore(last), zone)
    return { from: instantYearBefore(from, zone), to: instantYearBefore(to - 1, zone) + 1 }
  }
  const count = (Date.parse(nextDate(last)) - Date.parse(first)) / DAY
  // The same part of as many days before.
  if (isCut)
    return {
      from: startOfDay(addDays(first, -count), zone),
      to: sameTime(to - 1, addDays(last, -count), zone) + 1,
    }
  if (!isOfDays) return { from: from - (to - from), to: from }
  return days(addDays(first, -count), addDays(last, -count), zone)
}

function yearBefore(date: string): string {
  return `${Number(date.slice(0, 4)) - 1}${date.slice(4).replace('02-29', '02-28')}`
}

/** As long after the beginning of the same date. */
function instantYearBefore(instant: number, zone: string): number {
  return sameTime(instant, yearBefore(dateOf(instant, zone)), zone)
}

function sameTime(instant: number, date: string, zone: string): number {
  return startOfDay(date, zone) + (instant - startOfDay(dateOf(instant, zone), zone))
}

function addDays(date: string, count: number): string {
  return new Date(Date.parse(date) + count * DAY).toISOString().slice(0, 10)
}

function addMonths(first: string, count: number): string {
  const date = new Date(first)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1)).toISOString().slice(0, 10)
}

// ── Counting ──

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => unknown): number {
  return new Set(items.map(keyOf)).size
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0)
}

/** Nothing of nothing is nothing. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function percent(part: number, whole: number): number {
  return ratio(100 * part, whole)
}

/** Never −0, which JSON does not know. */
function round(value: number, decimals: 0 | 2): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals + 0
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b)
}
