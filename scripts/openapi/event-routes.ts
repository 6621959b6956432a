import type { ProblemCode } from '../../src/errors.ts'
import { admins, asked, inBody, json, ok, type Route, readers, writers } from './route.ts'
import { count, list, object, problem, ref, string } from './schema.ts'

const sent: readonly ProblemCode[] = [
  ...inBody,
  'unknown_collection',
  'rate_limited',
  'unavailable',
  'overloaded',
]

const REFUSED = { 'Skerry-Refused': 'Why nothing was counted: a code of a refused event.' }
/** A question in the URL. */
export const q = { q: { text: 'The query as JSON.', isRequired: true } } as const
const range = {
  from: { text: 'A date (from its beginning) or a date-time with an offset.' },
  to: { text: 'A date (to its end) or a date-time with an offset; inclusive.' },
} as const
const filters = { filters: { text: 'Filters as in a query, as JSON.' } } as const

export const collecting: readonly Route[] = [
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

export const asking: readonly Route[] = [
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
    ...{ id: 'funnel', path: '/:collection/funnel', method: 'post', tag: 'Ask', keys: readers },
    summary: 'How many come from one step to the next.',
    body: json(ref('Funnel')),
    answers: ok('The report.', ref('FunnelReport')),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
  {
    ...{ id: 'funnelInUrl', path: '/:collection/funnel', method: 'get', tag: 'Ask', keys: readers },
    summary: 'The same, the question in the URL.',
    query: q,
    answers: ok('The report.', ref('FunnelReport')),
    errors: [...asked, 'malformed_body', 'invalid_query'],
  },
  {
    ...{ id: 'journeys', path: '/:collection/journeys', method: 'post', tag: 'Ask', keys: readers },
    summary: 'The ways that are taken most often.',
    body: json(ref('Journeys')),
    answers: ok('The report.', ref('JourneysReport')),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
  {
    ...{ id: 'journeysInUrl', path: '/:collection/journeys', method: 'get', tag: 'Ask', keys: readers },
    summary: 'The same, the question in the URL.',
    query: q,
    answers: ok('The report.', ref('JourneysReport')),
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
    ...{ id: 'follow', path: '/:collection/live', method: 'get', tag: 'Ask', keys: readers },
    summary: 'Events and current visitors as they come.',
    answers: { 200: { text: 'A stream that does not end.', content: { 'text/event-stream': string } } },
    errors: asked,
  },
  {
    ...{ id: 'eraseEvents', path: '/:collection/events', method: 'delete', tag: 'Ask', keys: admins },
    summary: 'Removes the selected events for good.',
    body: json(ref('Selection')),
    answers: ok('How many counted.', object({ erased: count })),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
]
