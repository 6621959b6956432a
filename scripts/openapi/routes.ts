import type { ProblemCode } from '../../src/errors.ts'
import type { KeyKind } from '../../src/key.ts'
import { count, list, object, oneOf, problem, ref, type Schema, string } from './schemas.ts'

/** One method of one path, as it is described. */
export interface Route {
  readonly id: string
  /** As the app has it: `/:collection/query`. */
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly tag: 'Collect' | 'Ask' | 'Refused events' | 'Manage' | 'Watch' | 'Plausible' | 'Umami'
  readonly summary: string
  /** Kinds of key that may use it; none: anybody. */
  readonly keys: readonly KeyKind[]
  readonly query?: Readonly<Record<string, Parameter>>
  readonly body?: Contents
  readonly answers: Readonly<Record<number, Answer>>
  /** Beside those that every route of its kind has. */
  readonly errors?: readonly ProblemCode[]
}

export interface Parameter {
  readonly text: string
  readonly schema?: Schema
  readonly isRequired?: boolean
}

/** Schemas by media type. */
type Contents = Readonly<Record<string, Schema>>

export interface Answer {
  readonly text: string
  readonly content?: Contents
  readonly headers?: Readonly<Record<string, string>>
}

const json = (schema: Schema): Contents => ({ 'application/json': schema })
const ok = (text: string, schema: Schema): Readonly<Record<number, Answer>> => ({
  200: { text, content: json(schema) },
})

const writers: readonly KeyKind[] = ['write', 'server', 'admin']
const readers: readonly KeyKind[] = ['read', 'admin']
const admins: readonly KeyKind[] = ['admin']

const inBody: readonly ProblemCode[] = ['malformed_body', 'too_large', 'unsupported_media_type']
const asked: readonly ProblemCode[] = ['unknown_collection', 'damaged', 'unavailable', 'overloaded']
const sent: readonly ProblemCode[] = [
  ...inBody,
  'unknown_collection',
  'rate_limited',
  'unavailable',
  'overloaded',
]

const REFUSED = { 'Skerry-Refused': 'Why nothing was counted: a code of a refused event.' }
const q = { q: { text: 'The query as JSON.', isRequired: true } } as const
const range = {
  from: { text: 'A date (from its beginning) or a date-time with an offset.' },
  to: { text: 'A date (to its end) or a date-time with an offset; inclusive.' },
} as const
const filters = { filters: { text: 'Filters as in a query, as JSON.' } } as const

const collecting: readonly Route[] = [
  {
    ...{ id: 'collect', path: '/:collection', method: 'post', tag: 'Collect', keys: writers },
    summary:
      'Adds an event, or a batch of 1 to 1,000: JSON, lines of JSON, a form, a ping, reports of browsers. The body is read by its shape, not by its type.',
    query: { key: { text: 'A write key, for senders that cannot set headers.' } },
    body: {
      'application/json': { anyOf: [ref('Event'), list(ref('Event'), { minItems: 1, maxItems: 1000 })] },
      'application/x-ndjson': string,
      'application/x-www-form-urlencoded': ref('Event'),
      'text/plain': string,
    },
    answers: {
      201: { text: 'Stored and durable. A single event has no body.', content: json(ref('BatchAnswer')) },
      202: { text: 'A policy turned it away.', content: json(ref('BatchAnswer')), headers: REFUSED },
      207: { text: 'Part of a batch is invalid.', content: json(ref('BatchAnswer')) },
      422: {
        text: 'Invalid: a problem document of a single event, the body of a batch of which all is invalid.',
        content: { ...json(ref('BatchAnswer')), 'application/problem+json': problem(['invalid_event']) },
      },
    },
    errors: sent,
  },
  {
    ...{ id: 'pixel', path: '/:collection', method: 'get', tag: 'Collect', keys: writers },
    summary: 'Adds an event whose fields stand in the URL, and answers with an image of one pixel.',
    query: {
      key: { text: 'A write key.' },
      page: { text: 'As every other field of an event.' },
      name: { text: 'Name of the event; pageview unless said.' },
    },
    answers: {
      200: {
        text: 'The image, also where nothing was counted.',
        content: { 'image/gif': { type: 'string', contentEncoding: 'binary' } },
        headers: REFUSED,
      },
    },
    errors: ['unknown_collection', 'method_not_allowed', 'rate_limited', 'unavailable', 'overloaded'],
  },
]

const asking: readonly Route[] = [
  {
    ...{ id: 'count', path: '/:collection/count', method: 'get', tag: 'Ask', keys: readers },
    summary: 'How many events there are.',
    answers: ok('The number.', ref('Count')),
    errors: asked,
  },
  {
    ...{
      id: 'countBy',
      path: '/:collection/:attribute/:value/count',
      method: 'get',
      tag: 'Ask',
      keys: readers,
    },
    summary: 'How many events have a value of an attribute that the collection is grouped by.',
    answers: ok('The number.', ref('Count')),
    errors: [...asked, 'unknown_attribute'],
  },
  {
    ...{ id: 'query', path: '/:collection/query', method: 'post', tag: 'Ask', keys: readers },
    summary: 'Any metrics by any dimensions, filtered.',
    body: json(ref('Query')),
    answers: ok('The report.', ref('Report')),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
  {
    ...{ id: 'queryInUrl', path: '/:collection/query', method: 'get', tag: 'Ask', keys: readers },
    summary: 'The same, the query in the URL.',
    query: q,
    answers: ok('The report.', ref('Report')),
    errors: [...asked, 'malformed_body', 'invalid_query'],
  },
  {
    ...{ id: 'events', path: '/:collection/events', method: 'get', tag: 'Ask', keys: readers },
    summary: 'The events themselves in order of time, streamed: lines of JSON, or what Accept asks for.',
    query: { ...range, ...filters },
    answers: {
      200: {
        text: 'Each id once; never a visitor, an address or an agent.',
        content: {
          'application/x-ndjson': ref('Row'),
          'text/csv': string,
          'application/vnd.apache.parquet': { type: 'string', contentEncoding: 'binary' },
        },
      },
    },
    errors: [...asked, 'malformed_body', 'invalid_query'],
  },
  {
    ...{ id: 'eraseEvents', path: '/:collection/events', method: 'delete', tag: 'Ask', keys: admins },
    summary: 'Removes the selected events for good.',
    body: json(ref('Selection')),
    answers: ok('How many counted.', object({ erased: count })),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
]

const refused: readonly Route[] = [
  {
    ...{ id: 'refused', path: '/:collection/refused', method: 'get', tag: 'Refused events', keys: readers },
    summary: 'What was refused: numbers by reason and day, agents, the newest events.',
    answers: ok('The last 30 days.', ref('Refused')),
    errors: asked,
  },
  {
    ...{
      id: 'queryRefused',
      path: '/:collection/refused/query',
      method: 'post',
      tag: 'Refused events',
      keys: readers,
    },
    summary: 'A query over refused events, with the dimensions event:refusal and event:bot.',
    body: json(ref('Query')),
    answers: ok('The report.', ref('Report')),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
  {
    ...{
      id: 'queryRefusedInUrl',
      path: '/:collection/refused/query',
      method: 'get',
      tag: 'Refused events',
      keys: readers,
    },
    summary: 'The same, the query in the URL.',
    query: q,
    answers: ok('The report.', ref('Report')),
    errors: [...asked, 'malformed_body', 'invalid_query'],
  },
  {
    ...{
      id: 'restore',
      path: '/:collection/refused/restore',
      method: 'post',
      tag: 'Refused events',
      keys: admins,
    },
    summary: 'Counts refused events after all.',
    body: json(ref('Restore')),
    answers: ok('How many.', object({ restored: count })),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
]

const managing: readonly Route[] = [
  {
    ...{ id: 'listCollections', path: '/api/collections', method: 'get', tag: 'Manage', keys: admins },
    summary: 'All collections.',
    answers: ok('Their definitions.', object({ collections: list(ref('Definition')) })),
    errors: ['unavailable'],
  },
  {
    ...{ id: 'getCollection', path: '/api/collections/:name', method: 'get', tag: 'Manage', keys: admins },
    summary: 'One collection.',
    answers: ok('Its definition.', ref('Definition')),
    errors: ['unknown_collection', 'unavailable'],
  },
  {
    ...{ id: 'putCollection', path: '/api/collections/:name', method: 'put', tag: 'Manage', keys: admins },
    summary: 'Makes a collection, or changes its definition as a whole.',
    body: json(ref('DefinitionInput')),
    answers: {
      200: { text: 'Changed.', content: json(ref('Definition')) },
      201: { text: 'Made.', content: json(ref('Definition')) },
    },
    errors: [...inBody, 'invalid_definition', 'conflict', 'unavailable', 'overloaded'],
  },
  {
    ...{
      id: 'deleteCollection',
      path: '/api/collections/:name',
      method: 'delete',
      tag: 'Manage',
      keys: admins,
    },
    summary: 'Erases a collection with its events and keys.',
    answers: { 204: { text: 'Erased.' } },
    errors: ['unknown_collection', 'conflict', 'unavailable', 'overloaded'],
  },
  {
    ...{ id: 'listKeys', path: '/api/collections/:name/keys', method: 'get', tag: 'Manage', keys: admins },
    summary: 'The keys of a collection; secret ones without the key itself.',
    answers: ok('Its keys.', object({ keys: list(ref('Key')) })),
    errors: ['unknown_collection', 'unavailable'],
  },
  {
    ...{ id: 'addKey', path: '/api/collections/:name/keys', method: 'post', tag: 'Manage', keys: admins },
    summary: 'Makes a key. A secret one is shown this once.',
    body: json(ref('KeyInput')),
    answers: { 201: { text: 'Made.', content: json(ref('NewKey')) } },
    errors: [...inBody, 'invalid_definition', 'unknown_collection', 'conflict', 'unavailable'],
  },
  {
    ...{
      id: 'removeKey',
      path: '/api/collections/:name/keys/:id',
      method: 'delete',
      tag: 'Manage',
      keys: admins,
    },
    summary: 'Removes a key: it is refused everywhere within a minute.',
    answers: { 204: { text: 'Removed.' } },
    errors: ['unknown_collection', 'unknown_key', 'conflict', 'unavailable'],
  },
]

const watching: readonly Route[] = [
  {
    ...{ id: 'live', path: '/health/live', method: 'get', tag: 'Watch', keys: [] },
    summary: 'Whether the process lives.',
    answers: ok('It does.', object({ status: oneOf(['live']) })),
  },
  {
    ...{ id: 'ready', path: '/health/ready', method: 'get', tag: 'Watch', keys: [] },
    summary: 'Whether the store takes writes.',
    answers: {
      ...ok(
        'It does.',
        object({ status: oneOf(['ready']), durability: oneOf(['always', 'everysec', 'memory']) }),
      ),
      503: { text: 'It does not.', content: json(object({ status: string, code: oneOf(['unavailable']) })) },
    },
  },
  {
    ...{ id: 'metrics', path: '/metrics', method: 'get', tag: 'Watch', keys: admins },
    summary: 'What the operator watches, as OpenMetrics text.',
    answers: { 200: { text: 'The samples.', content: { 'application/openmetrics-text': string } } },
    errors: ['unavailable'],
  },
  {
    ...{ id: 'whoami', path: '/api/whoami', method: 'get', tag: 'Watch', keys: [] },
    summary: 'What the server sees of the caller.',
    answers: ok('Address, place and agent.', ref('Whoami')),
  },
  {
    ...{ id: 'openapi', path: '/api/openapi.json', method: 'get', tag: 'Watch', keys: [] },
    summary: 'This description.',
    answers: ok('OpenAPI 3.1.', { type: 'object' }),
  },
  {
    ...{ id: 'docs', path: '/api/docs', method: 'get', tag: 'Watch', keys: [] },
    summary: 'This description as a page.',
    answers: { 200: { text: 'The page.', content: { 'text/html': string } } },
  },
]

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

const plausible: readonly Route[] = [
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

const umami: readonly Route[] = [
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

export const routes: readonly Route[] = [
  ...collecting,
  ...asking,
  ...refused,
  ...managing,
  ...watching,
  ...plausible,
  ...umami,
]
