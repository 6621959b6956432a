import {
  boolean,
  count,
  list,
  mapOf,
  number,
  object,
  orNull,
  ref,
  type Schema,
  string,
  time,
  value,
} from './schema.ts'

const umamiTotals = { pageviews: count, visitors: count, visits: count, bounces: count, totaltime: count }
const umamiSeries = { pageviews: list(ref('UmamiPoint')), sessions: list(ref('UmamiPoint')) }

/** What other products' clients are answered, by name. */
export const dialectSchemas: Readonly<Record<string, Schema>> = {
  PlausibleError: object({ error: string }),
  PlausibleAnswer: object({
    results: list(
      object({ dimensions: list(string), metrics: list(value), 'comparison?': { type: 'object' } }),
    ),
    meta: object({
      'imports_included?': boolean,
      'metric_warnings?': mapOf(object({ code: string, warning: string })),
      'time_labels?': list(string),
      'total_rows?': count,
    }),
    query: { type: 'object' },
  }),
  PlausibleAggregate: object({
    results: mapOf(
      object({ value: orNull(number), 'comparison_value?': orNull(number), 'change?': orNull(number) }),
    ),
  }),
  PlausibleRows: object({ results: list(mapOf({ type: ['string', 'number', 'null'] })) }),
  UmamiError: object({ error: object({ message: string, code: string, status: { type: 'integer' } }) }),
  UmamiStats: object({ ...umamiTotals, comparison: object(umamiTotals) }),
  UmamiPoint: object({ x: string, y: count }),
  UmamiPageviews: object({
    ...umamiSeries,
    ...{ 'startDate?': time, 'endDate?': time },
    'compare?': object({ ...umamiSeries, startDate: time, endDate: time }),
  }),
  UmamiMetrics: list(object({ x: orNull(string), y: count })),
  UmamiEvents: list(object({ x: string, t: string, y: count })),
}
