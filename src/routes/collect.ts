import type { Layer, SkerryContext, ValidBeacon } from '../context.ts'
import { type RefusalCode, refusalOf } from '../ingest/refusal.ts'

/** Said outright: else Node sends an empty body as a chunked one. */
const EMPTY = { 'Content-Length': '0' }

/** Adds a beacon's valid events to the collection; answers once they are durable. */
export function collect(): Layer {
  return async function collect(c): Promise<Response> {
    const beacon = c.get('beacon')
    const collection = c.get('collection')
    const sender = { isTrusted: c.get('principal').kind !== 'write', origin: c.req.header('origin') }
    const refusal = refusalOf(sender, collection.definition)
    if (refusal) return refused(c, beacon, refusal)
    await collection.add(beacon.events)
    if (!beacon.isBatch) return c.body(null, 201, EMPTY)
    const { events, invalid } = beacon
    const status = invalid.length === 0 ? 201 : events.length === 0 ? 422 : 207
    return c.json({ accepted: events.length, refused: [], invalid }, status)
  }
}

function refused(c: SkerryContext, { events, isBatch, invalid }: ValidBeacon, code: RefusalCode): Response {
  c.header('Skerry-Refused', code)
  if (!isBatch) return c.body(null, 202, EMPTY)
  const faulty = new Set(invalid.map(({ index }) => index))
  const indices = Array.from({ length: events.length + invalid.length }, (_, index) => index)
  const list = indices.filter((index) => !faulty.has(index)).map((index) => ({ index, code }))
  return c.json({ accepted: 0, refused: list, invalid }, 202)
}
