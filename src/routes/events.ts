import * as z from 'zod/mini'
import { readFilters } from '../asking/query-reader.ts'
import type { CollectionDefinition, Selection } from '../collection.ts'
import type { Layers, SkerryContext } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { csv } from '../export/csv.ts'
import { ndjson } from '../export/ndjson.ts'
import { parquet } from '../export/parquet.ts'
import { PRIVATE } from '../headers.ts'
import { parseJson } from '../json.ts'
import { document } from '../middleware/document.ts'
import { valid, validated } from '../middleware/validated.ts'
import { moment, toTimeRange } from '../range.ts'
import { json, type Reply } from '../reply.ts'

const formats = [
  ['application/x-ndjson', ndjson],
  ['text/csv', csv],
  ['application/vnd.apache.parquet', parquet],
] as const

const exportSchema = z.strictObject({
  from: z.optional(moment),
  to: z.optional(moment),
  filters: z.optional(z.string()),
})

/** The raw events of a range, in order of time: NDJSON, or what `Accept` asks for of CSV and Parquet. */
export function events(): Layers {
  return {
    validate: validated('query', exportSchema, 'invalid_query'),
    async events(c): Promise<Reply> {
      const collection = c.get('collection')
      const { filters = '[]', ...range } = valid(c, 'query', exportSchema)
      const [type, write] = formatOf(c)
      const rows = collection.events(select(range, parseJson(filters), collection.definition))
      const body = await write(rows, collection.definition)
      const headers = { ...PRIVATE, 'Content-Type': type, Vary: 'Accept, Origin' }
      return { status: 200, body, headers }
    },
  }
}

const eraseSchema = z.strictObject({
  from: z.optional(moment),
  to: z.optional(moment),
  filters: z.optional(z.custom<readonly unknown[]>(Array.isArray, 'must be an array')),
})

/** Removes the selected events for good. All of them go only with the collection, so something must be said. */
export function eraseEvents(): Layers {
  return {
    document: document(),
    validate: validated('json', eraseSchema, 'invalid_query'),
    async eraseEvents(c): Promise<Reply> {
      const { filters = [], ...range } = valid(c, 'json', eraseSchema)
      if (filters.length === 0 && range.from === undefined && range.to === undefined)
        throw new SkerryError('invalid_query', { detail: 'Say what to erase: "filters", "from" or "to".' })
      const collection = c.get('collection')
      const erased = await collection.erase(select(range, filters, collection.definition))
      return json({ erased }, 200, PRIVATE)
    },
  }
}

function select(
  range: { readonly from?: string | undefined; readonly to?: string | undefined },
  filters: unknown,
  definition: CollectionDefinition,
): Selection {
  return { range: toTimeRange(range, definition.timezone), filters: readFilters(filters, definition) }
}

function formatOf(c: SkerryContext): (typeof formats)[number] {
  const accepted = c.req.header('accept')?.toLowerCase() ?? ''
  return formats.find(([type]) => accepted.includes(type)) ?? formats[0]
}
