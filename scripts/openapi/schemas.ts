import { problems } from '../../src/errors.ts'
import { textFields } from '../../src/event.ts'
import { metrics } from '../../src/metric.ts'
import { refusalCodes } from '../../src/refusal.ts'
import { dialectSchemas } from './dialect-schemas.ts'
import { pathSchemas } from './path-schemas.ts'
import {
  boolean,
  count,
  gaps,
  list,
  mapOf,
  number,
  object,
  oneOf,
  orNull,
  range,
  ref,
  type Schema,
  scalar,
  string,
  time,
  value,
} from './schema.ts'

const texts = Object.fromEntries(textFields.map((name) => [`${name}?`, string]))
const rule = oneOf(['ignore', 'anonymous', 'drop'])
const order = list({ type: 'array', prefixItems: [string, oneOf(['asc', 'desc'])], minItems: 2, maxItems: 2 })
/** All that bodies and answers are made of, by name. */
export const schemas: Readonly<Record<string, Schema>> = {
  Problem: object(
    {
      type: string,
      title: string,
      status: { type: 'integer' },
      detail: string,
      code: oneOf(Object.keys(problems)),
      'errors?': list(object({ pointer: string, detail: string }), { maxItems: 100 }),
    },
    { description: 'RFC 9457. `code` comes from a closed list, `pointer` is RFC 6901.' },
  ),
  Event: {
    type: 'object',
    description:
      'What a client sends. Members that are neither named here nor declared as attributes become properties.',
    properties: {
      name: { type: 'string', maxLength: 120, default: 'pageview' },
      id: { type: 'string', maxLength: 64, description: 'Made once by the client; counts once.' },
      ...Object.fromEntries(textFields.map((name) => [name, string])),
      age: { type: 'number', minimum: 0, maximum: 86_400_000, description: 'ms since it happened.' },
      time: {
        type: ['string', 'number'],
        description: '"now", ISO 8601 or ms since 1970. Server and admin keys.',
      },
      agent: { type: 'string', description: 'User-Agent. Server and admin keys.' },
      address: { type: 'string', description: 'Server and admin keys.' },
      visitor: { type: 'string', description: 'Any text that tells the visitor. Server and admin keys.' },
      ms: { type: 'number', description: 'Engaged time, of engagement events.' },
      depth: {
        type: 'number',
        minimum: 0,
        maximum: 100,
        description: 'Scroll depth in percent, of engagement events.',
      },
      interactive: { type: 'boolean', description: 'false: does not end a bounce.' },
      revenue: object({ amount: { type: ['string', 'number'] }, currency: string }),
      props: { ...mapOf(scalar), maxProperties: 30 },
    },
  },
  BatchAnswer: object({
    accepted: count,
    refused: list(object({ index: count, code: oneOf(refusalCodes) })),
    invalid: list(object({ index: count, code: oneOf(['invalid_event']), detail: string, pointer: string })),
  }),
  Count: object({ count }),
  Query: object({
    metrics: list({ anyOf: [oneOf(metrics), ref('NumberMetric')] }, { minItems: 1 }),
    date_range: range,
    'dimensions?': list(string, { maxItems: 10 }),
    'filters?': list({ type: 'array' }, { maxItems: 200 }),
    'order_by?': order,
    'include?': object({
      'imports?': boolean,
      'time_labels?': boolean,
      'total_rows?': boolean,
      'trim_relative_date_range?': boolean,
      'comparison?': oneOf(['previous_period', 'year_over_year']),
    }),
    'pagination?': object({ 'limit?': { type: 'integer', minimum: 1, maximum: 10_000 }, 'offset?': count }),
    'timezone?': string,
    'site_id?': string,
  }),
  NumberMetric: {
    type: 'string',
    description: 'What numbers of a property come to, as p75(event:props:lcp).',
    pattern: '^(?:p[1-9]\\d?|avg|min|max|sum)\\(.+\\)$',
  },
  Money: object({ value: number, currency: string, short: string, long: string }),
  Report: object({
    results: list(
      object({
        dimensions: list(string),
        metrics: list(value),
        'comparison?': object({
          dimensions: list(string),
          metrics: list(value),
          change: list(orNull(number)),
        }),
      }),
    ),
    meta: object({
      metrics: mapOf(object({ method: oneOf(['exact', 'partial']) })),
      visitors: oneOf(['distinct', 'sum_of_daily_visitors']),
      other: list(string),
      no_data: gaps,
      erased: gaps,
      'time_labels?': list(string),
      'total_rows?': count,
    }),
    query: { type: 'object', description: 'The query as it was understood.' },
  }),
  Row: {
    ...object({
      time,
      name: string,
      'id?': string,
      ...texts,
      'ms?': number,
      'depth?': number,
      'interactive?': boolean,
      'revenue?': object({ amount: string, currency: string }),
      'props?': mapOf(scalar),
    }),
    additionalProperties: scalar,
    description: 'A kept event; declared attributes stand beside its fields.',
  },
  Selection: object(
    { 'from?': string, 'to?': string, 'filters?': list({ type: 'array' }) },
    { minProperties: 1 },
  ),
  Refused: object({
    counts: mapOf(count),
    days: mapOf(mapOf(count)),
    agents: list(object({ bot: string, page: string, count })),
    sample: list(object({ id: string, time, code: oneOf(refusalCodes), 'bot?': string, event: ref('Row') })),
  }),
  Restore: {
    anyOf: [
      object({ ids: list(string, { minItems: 1, maxItems: 1000 }) }),
      object({ code: oneOf(refusalCodes) }),
    ],
  },
  DefinitionInput: {
    type: 'object',
    description: 'A definition as its owner sends it: every member may be left out.',
    properties: (definition() as { properties: Schema }).properties,
    additionalProperties: false,
  },
  Definition: definition(),
  KeyInput: object({ kind: oneOf(['write', 'read', 'server']) }),
  NewKey: object({ id: string, kind: oneOf(['write', 'read', 'server', 'view']), key: string }),
  Key: object({
    id: string,
    kind: oneOf(['write', 'read', 'server', 'view']),
    created: time,
    'key?': string,
  }),
  Whoami: object({
    address: orNull(string),
    by: string,
    ignored: list(string),
    ...{ country: orNull(string), region: orNull(string), city: orNull(string), placeBy: orNull(string) },
    agent: mapOf(string),
    ...{ gpc: boolean, dnt: boolean },
  }),
  ...pathSchemas,
  ...dialectSchemas,
}

function definition(): Schema {
  const goal = { anyOf: [object({ name: string, event: string }), object({ name: string, page: string })] }
  return object({
    name: string,
    attributes: list(string, { maxItems: 100 }),
    groupBy: list(string, { maxItems: 100 }),
    timezone: { type: 'string', description: 'IANA name.' },
    origins: list(string, { maxItems: 100 }),
    aliases: list(string, { maxItems: 100 }),
    query: list(string, { maxItems: 100 }),
    retention: orNull({ type: 'integer', minimum: 1, maximum: 36_500, description: 'Days.' }),
    goals: list(goal, { maxItems: 100 }),
    privacy: object({ gpc: rule, dnt: rule }),
    policies: object({ bots: oneOf(['browsers', 'all', 'off']), dialects: boolean }),
    embed: list(string, { maxItems: 100 }),
  })
}
