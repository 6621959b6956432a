import { json, ok, type Route, readers } from './route.ts'
import { count, object, oneOf, ref } from './schema.ts'

const site = { site_id: { text: 'Name or alias of the collection.', isRequired: true } } as const
const v1 = {
  ...site,
  period: {
    text: 'The last of these days or months, counted from the date.',
    schema: oneOf(['day', '7d', '30d', 'month', '6mo', '12mo', 'custom']),
  },
  date: { text: 'A date; of a custom period two, with a comma between them.' },
  metrics: { text: 'Names with commas between them.' },
  filters: { text: 'As visit:browser==Firefox;event:page==/a|/b.' },
} as const

export const plausible: readonly Route[] = [
  {
    ...{ id: 'plausibleQuery', path: '/api/v2/query', method: 'post', tag: 'Plausible', keys: readers },
    summary: 'Stats API v2.',
    body: json(ref('Query')),
    answers: ok('The report, as Plausible has it.', ref('PlausibleAnswer')),
  },
  {
    ...{
      id: 'plausibleRealtime',
      path: '/api/v1/stats/realtime/visitors',
      method: 'get',
      tag: 'Plausible',
      keys: readers,
    },
    summary: 'Stats API v1: visitors of the last 5 minutes.',
    query: site,
    answers: ok('A bare number.', count),
  },
  {
    ...{
      id: 'plausibleAggregate',
      path: '/api/v1/stats/aggregate',
      method: 'get',
      tag: 'Plausible',
      keys: readers,
    },
    summary: 'Stats API v1: totals.',
    query: { ...v1, compare: { text: 'previous_period' } },
    answers: ok('A value for each metric.', ref('PlausibleAggregate')),
  },
  {
    ...{
      id: 'plausibleTimeseries',
      path: '/api/v1/stats/timeseries',
      method: 'get',
      tag: 'Plausible',
      keys: readers,
    },
    summary: 'Stats API v1: over time.',
    query: { ...v1, interval: { text: 'Of the buckets.', schema: oneOf(['hour', 'day', 'month', 'date']) } },
    answers: ok('A row for each bucket.', ref('PlausibleRows')),
  },
  {
    ...{
      id: 'plausibleBreakdown',
      path: '/api/v1/stats/breakdown',
      method: 'get',
      tag: 'Plausible',
      keys: readers,
    },
    summary: 'Stats API v1: by a property.',
    query: {
      ...v1,
      property: { text: 'As visit:source.', isRequired: true },
      limit: { text: 'Rows of a page.', schema: { type: 'integer', minimum: 1, maximum: 1000 } },
      page: { text: 'From 1.', schema: { type: 'integer', minimum: 1 } },
    },
    answers: ok('A row for each value.', ref('PlausibleRows')),
  },
]

const span = {
  startAt: { text: 'ms since 1970.' },
  endAt: { text: 'ms since 1970, inclusive.' },
  startDate: { text: 'ISO 8601, instead of startAt.' },
  endDate: { text: 'ISO 8601, instead of endAt.' },
  path: { text: 'A filter, as c./blog; others go by their names likewise.' },
  match: { text: 'Whether all filters must hold or any.', schema: oneOf(['all', 'any']) },
} as const
const compared = {
  compare: { text: 'With what comes before, or a year earlier.', schema: oneOf(['prev', 'yoy']) },
} as const
const timed = {
  unit: { text: 'Of the buckets.', schema: oneOf(['minute', 'hour', 'day', 'month']) },
  timezone: { text: 'Of minutes and hours.' },
} as const

export const umami: readonly Route[] = [
  {
    ...{ id: 'umamiStats', path: '/api/websites/:id/stats', method: 'get', tag: 'Umami', keys: readers },
    summary: 'Totals of a range.',
    query: { ...span, ...compared },
    answers: ok('The totals, and those to compare with.', ref('UmamiStats')),
  },
  {
    ...{
      id: 'umamiPageviews',
      path: '/api/websites/:id/pageviews',
      method: 'get',
      tag: 'Umami',
      keys: readers,
    },
    summary: 'Page views and visitors over time.',
    query: { ...span, ...timed, ...compared },
    answers: ok('Two series.', ref('UmamiPageviews')),
  },
  {
    ...{ id: 'umamiMetrics', path: '/api/websites/:id/metrics', method: 'get', tag: 'Umami', keys: readers },
    summary: 'The most frequent values.',
    query: {
      ...span,
      type: { text: 'Of what: path, referrer, browser, country, event …', isRequired: true },
      limit: { text: 'Rows.', schema: { type: 'integer', minimum: 1, maximum: 10_000 } },
      offset: { text: 'Rows to leave out.', schema: count },
      search: { text: 'A part of the value.' },
    },
    answers: ok('Values and their numbers.', ref('UmamiMetrics')),
  },
  {
    ...{
      id: 'umamiEvents',
      path: '/api/websites/:id/events/series',
      method: 'get',
      tag: 'Umami',
      keys: readers,
    },
    summary: 'Custom events over time.',
    query: { ...span, ...timed },
    answers: ok('A point for each name and bucket.', ref('UmamiEvents')),
  },
  {
    ...{ id: 'umamiActive', path: '/api/websites/:id/active', method: 'get', tag: 'Umami', keys: readers },
    summary: 'Visitors of the last 5 minutes.',
    answers: ok('Their number.', object({ visitors: count })),
  },
]
