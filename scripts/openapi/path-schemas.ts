import { funnelLimits } from '../../src/funnel.ts'
import { journeyLimits } from '../../src/journeys.ts'
import { count, gaps, list, number, object, oneOf, range, type Schema, string } from './schema.ts'

const filters = list({ type: 'array' }, { maxItems: 200 })
const shared = { 'within?': oneOf(['visit', 'visitor']), date_range: range, 'filters?': filters }
const counted = { 'visits?': count, 'visitors?': count }
const meta = { visitors: oneOf(['distinct', 'sum_of_daily_visitors']), no_data: gaps, erased: gaps }
const query = { type: 'object', description: 'The question as it was understood.' }

/** Questions of steps and ways, and their answers, by name. */
export const pathSchemas: Readonly<Record<string, Schema>> = {
  Funnel: object({ steps: list(filters, { minItems: 1, maxItems: funnelLimits.steps }), ...shared }),
  FunnelReport: object({
    results: list(
      object({ step: count, ...counted, dropped: count, step_rate: number, conversion_rate: number }),
    ),
    meta: object(meta),
    query,
  }),
  Journeys: object({
    'of?': oneOf(['page', 'event']),
    'from?': filters,
    'to?': filters,
    'steps?': { type: 'integer', minimum: 2, maximum: journeyLimits.steps },
    'limit?': { type: 'integer', minimum: 1, maximum: journeyLimits.rows },
    ...shared,
  }),
  JourneysReport: object({
    results: list(object({ path: list(string), ...counted, percentage: number })),
    meta: object({ ...meta, totals: object(counted), total_rows: count, other: list(string) }),
    query,
  }),
}
