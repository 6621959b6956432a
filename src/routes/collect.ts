import type { Layer, ValidBeacon } from '../context.ts'
import { empty, json, type Reply } from '../reply.ts'

/** Said outright: else Node sends an empty body as a chunked one. */
const EMPTY = { 'Content-Length': '0' }

/** Adds a beacon's valid events to their collection, or to what it refused; answers once they are durable. */
export function collect(): Layer {
  return async function collect(c): Promise<Reply | void> {
    const beacons = c.get('beacons')
    const [first] = beacons
    if (!first) return
    await (beacons.length === 1 ? keep(first) : Promise.all(beacons.map(keep)))
    return replyTo(first)
  }
}

function keep({ collection, events, refused }: ValidBeacon): Promise<unknown> | undefined {
  const adding = events.length > 0 ? collection.add(events) : undefined
  return refused.length > 0 ? Promise.all([adding, collection.refuse(refused)]) : adding
}

/** 202 where nothing was counted because of a policy, which is named. */
function replyTo({ events, refused, isBatch, invalid }: ValidBeacon): Reply {
  const [first] = events.length === 0 ? refused : []
  const headers = first && { 'Skerry-Refused': first.code }
  if (!isBatch) return empty(first ? 202 : 201, { ...EMPTY, ...headers })
  const status = first ? 202 : invalid.length === 0 ? 201 : events.length === 0 ? 422 : 207
  const told = refused.map(({ index, code }) => ({ index, code }))
  return json({ accepted: events.length, refused: told, invalid }, status, headers)
}
