import type { Layer } from '../context.ts'
import type { Event } from '../event.ts'
import { PRIVATE } from '../headers.ts'
import { valid, validated } from '../middleware/validated.ts'
import { rangeSchema, toTimeRange } from '../range.ts'

/** Characters gathered before a piece of the answer is sent. */
const CHUNK = 65_536

/** The raw events of a range as NDJSON, in order of time. */
export function events(): readonly Layer[] {
  return [
    validated('query', rangeSchema, 'invalid_query'),
    async function events(c): Promise<Response> {
      const collection = c.get('collection')
      const range = toTimeRange(valid(c, 'query', rangeSchema), collection.definition.timezone)
      const rows = collection.events(range)[Symbol.asyncIterator]()
      const body = await ndjson(rows)
      return c.body(body, 200, { ...PRIVATE, 'Content-Type': 'application/x-ndjson' })
    },
  ]
}

/** An event as an export shows it. */
export function toRow({
  received: _received,
  dated: _dated,
  attributes,
  props,
  ...event
}: Event): Readonly<Record<string, unknown>> {
  return { ...event, time: new Date(event.time).toISOString(), ...attributes, ...(props && { props }) }
}

/** Begins to read before it gives the stream away, so that a store that is down is still an answer of its own. */
async function ndjson(events: AsyncIterator<Event>): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder()
  let next = await events.next()
  return new ReadableStream({
    async pull(controller): Promise<void> {
      let text = ''
      while (!next.done && text.length < CHUNK) {
        text += `${JSON.stringify(toRow(next.value))}\n`
        next = await events.next()
      }
      if (text !== '') controller.enqueue(encoder.encode(text))
      if (next.done) controller.close()
    },
    async cancel(): Promise<void> {
      await events.return?.()
    },
  })
}
