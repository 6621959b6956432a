import fc from 'fast-check'
import { readQuery } from '../../src/asking/query-reader.ts'
import type { CollectionDefinition } from '../../src/collection.ts'
import { readDimension } from '../../src/dimension.ts'
import { SkerryError } from '../../src/errors.ts'
import type { Event } from '../../src/event.ts'
import { conversionMetrics, engagementMetrics, metrics, visitMetrics } from '../../src/metric.ts'
import { dateOf, startOfDay } from '../../src/zone.ts'
import { definition } from './event.ts'

/** A collection, what happened in it (each id once), and what is asked of it. */
export interface Case {
  readonly definition: CollectionDefinition
  readonly events: readonly Event[]
  readonly now: number
  readonly document: QueryDocument
}

/** A query as a client sends it; `readQuery` accepts it. */
export interface QueryDocument {
  readonly metrics: readonly string[]
  readonly dimensions: readonly string[]
  readonly date_range: string | readonly [string, string]
  readonly timezone?: string
  readonly filters: readonly unknown[]
  readonly order_by: readonly (readonly [name: string, direction: string])[]
  readonly include: Readonly<Record<string, unknown>>
  readonly pagination?: Readonly<Record<string, number>>
}

/** Where and around which day it happens. */
export interface Place {
  readonly timezone: string
  readonly date: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Days on which the zone's clocks change, and others; Kolkata is half an hour off, Lord Howe changes by half an hour. */
export const places: readonly Place[] = Object.entries({
  UTC: ['2026-01-01', '2024-02-29'],
  'Europe/Berlin': ['2026-03-29', '2026-10-25', '2024-02-29'],
  'America/New_York': ['2026-03-08', '2026-11-01'],
  'Asia/Kolkata': ['2026-06-01', '2025-03-01'],
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
  'Africa/Cairo': ['2026-04-24', '2026-10-29'],
}).flatMap(([timezone, dates]) => dates.map((date) => ({ timezone, date })))

/** How long ago the last event happened. It may be five minutes ahead. */
const leads = often([0, 1, MINUTE, 5 * MINUTE, HOUR], [-1, -4 * MINUTE, 13 * HOUR, DAY, 3 * DAY, 31 * DAY])

/** Everything at once. */
export const cases: fc.Arbitrary<Case> = fc.constantFrom(...places).chain((place) => {
  const own = definitionAt(place)
  return fc
    .record({ events: eventsAt(place), lead: leads, document: documents(own, place) })
    .map(({ events, lead, document }) => {
      const beginning = startOfDay(place.date, place.timezone)
      const last = Math.max(...events.map(({ time }) => time), beginning)
      return { definition: own, events, now: last + lead, document }
    })
})

const attributes = ['plan', 'seats', 'beta']

export function definitionAt({ timezone }: Place): CollectionDefinition {
  return definition({
    timezone,
    attributes,
    goals: [
      { name: 'Signup', event: 'signup' },
      { name: 'Purchase', event: 'purchase' },
      { name: 'Blog', page: '/blog*' },
      { name: 'Any page', page: '*' },
      { name: 'Views', event: 'pageview' },
    ],
  })
}

// ── Events ──

const visitors = [
  '0123456789abcdef',
  'fedcba9876543210',
  '00000000000000aa',
  'ffffffffffffffff',
  '0000000000000001',
]

/** In order of arrival, which is not that of time. Each id once, no two events of one visitor at once. */
export function eventsAt(place: Place): fc.Arbitrary<Event[]> {
  return fc.array(sessionAt(place), { minLength: 1, maxLength: 14, size: 'max' }).map((sessions) => {
    const events = sessions.flat().map((event, i) => ({ ...event, id: `e${i}` }))
    const moments = events.map(({ visitor, id, time }) => `${visitor ?? id} ${time}`)
    return events.filter((_, i) => moments.indexOf(moments[i] ?? '') === i)
  })
}

/** Borders of visits, hours and days are where it goes wrong. */
const minutes = [0, 1, 29, 30, 59, 60, 90, 119, 120, 150, 179, 180, 600, 1380, 1425, 1439]
const offsets = [0, 0, 1, -1, 30_000]
const gaps = [
  ...[1, 1000, 61_000, 5 * MINUTE, 20 * MINUTE],
  ...[30 * MINUTE - 1, 30 * MINUTE, 30 * MINUTE + 1, 40 * MINUTE, HOUR, 5 * HOUR],
]

/** What one visitor, or nobody, does in a row. */
function sessionAt({ timezone, date }: Place): fc.Arbitrary<Event[]> {
  const step = fc.record({ gap: fc.constantFrom(...gaps), fields: fc.oneof(...fields) })
  return fc
    .record({
      visitor: fc.option(fc.constantFrom(...visitors), { freq: 8 }),
      day: often([0, 0, 0, 1, -1, 2, -2], [-7, -30, -31, -365, -366]),
      minute: fc.constantFrom(...minutes),
      offset: fc.constantFrom(...offsets),
      steps: fc.array(step, { minLength: 1, maxLength: 7, size: 'max' }),
    })
    .map(({ visitor, day, minute, offset, steps }) => {
      let time = startOfDay(dateAfter(date, day), timezone) + minute * MINUTE + offset
      return steps.map(({ gap, fields }) => {
        const event = { id: '', time, received: time + 1000, ...(visitor && { visitor }), ...fields }
        time += gap
        return event
      })
    })
}

const one = fc.constantFrom<string[]>
const scalars = {
  plan: one('free', 'pro', 'Pro', ''),
  seats: fc.constantFrom(1, 2.5, 10, '1', '1.0', '-0.1', '.5', 'many', '0x10', '1e3', '1e999', ' 7'),
}
const revenue = fc.record({
  amount: one('0.10', '0.20', '9.99', '1234.5', '19', '0'),
  currency: one('EUR', 'EUR', 'USD'),
})

/** What any event may carry: facts of the visit differ from event to event, so that the first one's must be taken. */
const common = {
  hostname: one('example.com', 'blog.example.com'),
  title: one('Home', 'Blog'),
  source: one('Google', 'google', 'Hacker News'),
  referrer: one('https://news.ycombinator.com/', 'https://google.com/'),
  channel: one('Organic Search', 'Email'),
  utm_source: one('newsletter', 'google'),
  country: one('DE', 'US', 'XX'),
  city: one('Berlin', 'New York'),
  device: one('Mobile', 'Desktop'),
  attributes: fc.record({ ...scalars, beta: fc.boolean() }, { requiredKeys: [] }),
  props: fc.record({ ...scalars, size: one('small', 'large') }, { requiredKeys: [] }),
  revenue,
}
const page = one('/', '/blog', '/Blog', '/blog/one', '/pricing')
const ms = fc.constantFrom(0, 499, 500, 1500, 60_000)
const depth = fc.constantFrom(0, 1, 33, 50, 100)

const fields: readonly fc.Arbitrary<Omit<Event, 'id' | 'time' | 'received' | 'visitor'>>[] = [
  fc.record({ name: one('pageview'), page, ...common }, { requiredKeys: ['name', 'page'] }),
  fc.record(
    { name: one('signup', 'purchase', 'Signup'), page, ...common, interactive: fc.constant(false as const) },
    { requiredKeys: ['name'] },
  ),
  fc.record(
    { name: one('engagement'), page, ...common, ms, depth },
    { requiredKeys: ['name', 'page', 'ms'] },
  ),
  fc.record({ name: one('engagement'), page, ...common, ms, depth }, { requiredKeys: ['name', 'depth'] }),
]

// ── Questions ──

const eventDimensions = [
  ...['event:page', 'page', 'event:name', 'event:title'],
  ...['event:props:plan', 'event:plan', 'props:size', 'beta', 'event:props:seats', 'event:props:never'],
]
/** Not filtered but at the top level or in `has_done`. */
const topDimensions = ['event:goal', 'event:hostname']
const visitDimensions = [
  ...['visit:source', 'source', 'visit:referrer', 'channel', 'visit:utm_source', 'visit:country'],
  ...['visit:country_name', 'visit:city_name', 'visit:device', 'visit:browser'],
  ...['visit:entry_page', 'visit:exit_page', 'visit:entry_page_hostname', 'visit:exit_page_hostname'],
]
/** Asked more often than the others. */
const favourites = ['event:page', 'event:goal', 'event:hostname', 'visit:source', 'visit:country_name']

const ofEntries = ['event:page', 'event:hostname', ...visitDimensions]

const numberMetrics = ['p50', 'p75', 'p95', 'p99', 'p1', 'min', 'max', 'avg', 'sum'].flatMap((take) =>
  ['event:props:seats', 'seats', 'props:plan', 'beta', 'event:props:never'].map((name) => `${take}(${name})`),
)

interface Subject {
  readonly asked: string[]
  readonly others: string[]
}

/** Metrics by dimensions other than time; those that need one another often meet. */
const subjects: fc.Arbitrary<Subject> = fc.oneof(
  {
    weight: 3,
    arbitrary: subject(metrics, [...favourites, ...eventDimensions, ...topDimensions, ...visitDimensions]),
  },
  { weight: 2, arbitrary: subject([...visitMetrics, 'visitors', 'visits', 'percentage'], ofEntries) },
  subject(
    [...conversionMetrics, 'visitors', 'visits', 'events'],
    [...favourites, ...ofEntries],
    ['event:goal'],
  ),
  subject([...numberMetrics, 'visitors', 'events'], [...favourites, ...eventDimensions, 'source']),
  subject([...engagementMetrics, 'visitors', 'pageviews'], [...favourites, ...eventDimensions], ['page']),
)

function subject(
  metrics: readonly string[],
  dimensions: readonly string[],
  always: string[] = [],
): fc.Arbitrary<Subject> {
  const selector = (name: string): unknown => readDimension(name, { attributes })?.name
  return fc.record({
    asked: fc.uniqueArray(one(...metrics), { minLength: 1, maxLength: 5 }),
    others: fc
      .uniqueArray(one(...dimensions), { maxLength: 2, selector })
      .map((others) => [
        ...others.filter((name) => !always.map(selector).includes(selector(name))),
        ...always,
      ]),
  })
}

const someTime = often(
  [undefined, 'time:hour', 'time:day'],
  ['time', 'time:minute', 'time:week', 'time:month'],
)

const include = fc.record(
  { time_labels: fc.boolean(), total_rows: fc.boolean(), trim_relative_date_range: fc.boolean() },
  { requiredKeys: [] },
)
const somePage = fc.record({ limit: fc.integer({ min: 1, max: 5 }), offset: fc.nat(3) })

/** Queries to a collection of `definitionAt`. */
export function documents(own: CollectionDefinition, place: Place): fc.Arbitrary<QueryDocument> {
  return fc
    .record({
      subject: subjects,
      first: often(['visitors', 'events'], [undefined]),
      time: someTime,
      isTimeFirst: fc.boolean(),
      long: rangesAt(place),
      short: shortRangesAt(place),
      timezone: fc.option(one(...places.map(({ timezone }) => timezone)), { freq: 2 }),
      filters: someFilters,
      order: fc.array(fc.tuple(fc.nat(), one('asc', 'desc')), { maxLength: 2 }),
      include,
      comparison: often([undefined], ['previous_period', 'year_over_year']),
      isPaged: often([false], [true]),
      page: somePage,
    })
    .map(({ subject, first, time, isTimeFirst, long, short, timezone, filters, ...rest }) => {
      const times = time ? [time] : []
      const dimensions = isTimeFirst ? [...times, ...subject.others] : [...subject.others, ...times]
      const date_range = time === 'time:minute' || (time === 'time:hour' && isLong(long)) ? short : long
      const isZoned = timezone !== null && (time === 'time:minute' || time === 'time:hour')
      const isCompared = rest.comparison && date_range !== 'all' && date_range !== 'realtime'
      const document = {
        metrics: [...new Set([...(dimensions.length > 0 && first ? [first] : []), ...subject.asked])],
        dimensions,
        date_range,
        ...(isZoned && { timezone }),
        filters,
        include: { ...rest.include, ...(isCompared && { comparison: rest.comparison }) },
        ...(rest.isPaged && { pagination: rest.page }),
      }
      return ordered(sound(document, own), rest.order)
    })
    .filter((document) => faultsOf(document, own).length === 0)
}

/** Without the metrics that do not go with the rest. */
function sound<T extends { metrics: readonly string[] }>(document: T, own: CollectionDefinition): T {
  const faults = faultsOf(document, own)
  const metrics = document.metrics.filter((_, i) => !faults.includes(`/metrics/${i}`))
  return { ...document, metrics: metrics.length > 0 ? metrics : ['visitors'] }
}

function ordered<T extends { metrics: readonly string[]; dimensions: readonly string[] }>(
  document: T,
  order: readonly (readonly [number, string])[],
): T & Pick<QueryDocument, 'order_by'> {
  const names = [...document.metrics, ...document.dimensions]
  return {
    ...document,
    order_by: order.map(([i, direction]) => [names[i % names.length] ?? '', direction] as const),
  }
}

function faultsOf(document: unknown, own: CollectionDefinition): string[] {
  try {
    readQuery(document, own)
    return []
  } catch (error) {
    if (error instanceof SkerryError) return error.faults.map(({ pointer }) => pointer)
    throw error
  }
}

// ── Filters ──

const fragments = ['o', '/b', 'G', '', '(n', 'pro', 'MOBILE', '1']
const patterns = ['^/blog', 'o', '^$', '.*', 'e$', '^(free|pro)$', '[A-Z]', '/(blog|pricing)/?', '^1']
const known: Readonly<Record<string, readonly string[]>> = {
  page: ['/', '/blog', '/blog/one', '/pricing'],
  hostname: ['example.com', 'blog.example.com'],
  name: ['pageview', 'signup', 'SIGNUP', 'purchase', 'engagement'],
  title: ['Home', 'Blog'],
  source: ['Google', 'Hacker News', 'newsletter'],
  country: ['DE', 'US', 'Germany', 'XX'],
  plan: ['free', 'Pro', 'pro', ''],
  seats: ['1', '2.5', 'true', 'false'],
}
const blanks = ['(not set)', '(none)', 'Direct / None', 'Direct', '(None)']

function clauseOf(dimension: string): fc.Arbitrary<unknown> {
  const own = Object.entries(known).flatMap(([part, values]) => (dimension.includes(part) ? values : []))
  const list = (...values: string[]): fc.Arbitrary<string[]> =>
    fc.uniqueArray(one(...values), { minLength: 1, maxLength: 3 })
  const modifiers = often([undefined], [{ case_sensitive: false }, { case_sensitive: true }])
  const is = dimension === 'event:goal' ? ['is'] : ['is', 'is_not']
  const contains = dimension === 'event:goal' ? ['contains'] : ['contains', 'contains_not']
  const texts =
    dimension === 'event:goal'
      ? ['Signup', 'Purchase', 'blog', 'Blog', 'Views', '(not set)']
      : [...own, ...own, 'else', ...blanks]
  const operations = [
    fc.tuple(one(...is), fc.constant(dimension), list(...texts), modifiers),
    fc.tuple(one(...contains), fc.constant(dimension), list(...fragments, ...texts), modifiers),
    ...(dimension === 'event:goal'
      ? []
      : [
          fc.tuple(
            one('matches', 'matches_not'),
            fc.constant(dimension),
            list(...patterns),
            fc.constant(undefined),
          ),
        ]),
  ]
  return fc
    .oneof(...operations)
    .map(([operator, name, values, modifier]) => [operator, name, values, ...(modifier ? [modifier] : [])])
}

function clausesOn(dimensions: readonly string[]): fc.Arbitrary<unknown> {
  return fc.constantFrom(...dimensions).chain(clauseOf)
}

/** A filter of clauses and, `depth` deep, of filters. */
function nested(clauses: fc.Arbitrary<unknown>, depth: number): fc.Arbitrary<unknown> {
  if (depth === 0) return clauses
  const inner = nested(clauses, depth - 1)
  const group = fc.tuple(one('and', 'or'), fc.array(inner, { minLength: 1, maxLength: 3 }))
  return fc.oneof({ weight: 2, arbitrary: clauses }, group, fc.tuple(fc.constant('not'), inner))
}

const done = fc.tuple(
  one('has_done', 'has_not_done'),
  nested(clausesOn([...favourites.slice(0, 3), ...eventDimensions, ...topDimensions]), 1),
)
const clauses = clausesOn([...eventDimensions, ...visitDimensions])
export const topFilter = fc.oneof(
  clausesOn([...favourites, ...favourites, ...eventDimensions, ...visitDimensions]),
  nested(fc.oneof({ weight: 4, arbitrary: clauses }, done), 2),
  done,
)

export const someFilters = often<number>([0, 0, 1, 1], [2, 3]).chain((length) =>
  fc.array(topFilter, { minLength: length, maxLength: length }),
)

// ── Ranges ──

export function rangesAt(place: Place): fc.Arbitrary<string | [string, string]> {
  const date = (min: number, max: number): fc.Arbitrary<string> =>
    fc.integer({ min, max }).map((days) => dateAfter(place.date, days))
  return fc.oneof(
    { weight: 3, arbitrary: one('all', 'all', '24h', '24h', 'day', '7d', '30d', 'month') },
    one('1d', '3d', '28d', '91d', '1mo', '6mo', '12mo', 'year', 'realtime'),
    { weight: 4, arbitrary: fc.tuple(date(-4, 0), date(0, 4)) },
    shortRangesAt(place),
  )
}

/** Too long to list its hours. */
function isLong(range: string | readonly [string, string]): boolean {
  return typeof range === 'string' && ['91d', '6mo', '12mo', 'year', 'all'].includes(range)
}

/** Not so long that minutes of it cannot be listed. */
function shortRangesAt({ timezone, date }: Place): fc.Arbitrary<string | [string, string]> {
  const instant = fc
    .tuple(fc.constantFrom(0, 0, 1, -1), fc.constantFrom(...minutes), fc.constantFrom(...offsets))
    .map(([day, minute, offset]) => startOfDay(dateAfter(date, day), timezone) + minute * MINUTE + offset)
    .map((time) => new Date(time).toISOString())
  return fc.oneof(
    one('realtime', '24h', 'day', '1d'),
    fc.tuple(instant, instant).map(inOrder),
    fc.constant<[string, string]>([date, date]),
  )
}

function inOrder([a, b]: [string, string]): [string, string] {
  return a <= b ? [a, b] : [b, a]
}

function dateAfter(date: string, days: number): string {
  return dateOf(Date.parse(date) + days * DAY, 'UTC')
}

function often<T>(usual: readonly T[], rare: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  )
}
