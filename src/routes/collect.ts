import type { Layer, SkerryContext, ValidBeacon } from '../context.ts'

/** Said outright: else Node sends an empty body as a chunked one. */
const EMPTY = { 'Content-Length': '0' }

/** Adds a beacon's valid events to the collection, or to what it refused; answers once they are durable. */
export function collect(): Layer {
  return async function collect(c): Promise<Response> {
    const beacon = c.get('beacon')
    const collection = c.get('collection')
    const { events, refused } = beacon
    await Promise.all([
      events.length > 0 && collection.add(events),
      refused.length > 0 && collection.refuse(refused),
    ])
    return reply(c, beacon)
  }
}

/** 202 where nothing was counted because of a policy, which is named. */
function reply(c: SkerryContext, { events, refused, isBatch, invalid }: ValidBeacon): Response {
  const [first] = events.length === 0 ? refused : []
  if (first) c.header('Skerry-Refused', first.code)
  if (!isBatch) return c.body(null, first ? 202 : 201, EMPTY)
  const status = first ? 202 : invalid.length === 0 ? 201 : events.length === 0 ? 422 : 207
  const told = refused.map(({ index, code }) => ({ index, code }))
  return c.json({ accepted: events.length, refused: told, invalid }, status)
}
