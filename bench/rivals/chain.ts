import { readFile } from 'node:fs/promises'
import type { Client } from '../../src/client.ts'
import { defineCollection, definitionSchema } from '../../src/definition.ts'
import { readBeacon } from '../../src/ingest/beacon.ts'
import { readEvent } from '../../src/ingest/event.ts'
import { senderOf } from '../../src/ingest/sender.ts'
import { createLists } from '../../src/lists.ts'
import { encodeEvents } from '../../src/store/entry.ts'
import { visitorId } from '../../src/visitor.ts'
import { generateBeacons } from '../beacons.ts'
import { toItem } from '../requests.ts'

/**
 * The ceiling of batches: what `JSON.parse` and the ingest chain alone reach, without HTTP, onion and store. Told
 * how many ms to work and how many beacons a batch has, it sends back how many events that were.
 */
export interface ChainOrder {
  readonly ms: number
  readonly size: number
  readonly beacons: number
}

const definition = defineCollection('bench', definitionSchema.parse({}))
const lists = await createLists(
  (name) => readFile(new URL(`../../assets/${name}`, import.meta.url), 'utf8'),
  console.error,
)()
const client: Client = { address: '127.0.0.1', by: 'socket', isHttps: false, place: () => undefined }
const header = (name: string): string | undefined =>
  name === 'content-type' ? 'application/json' : undefined

async function take(bytes: Uint8Array): Promise<number> {
  const { items, fromText } = await readBeacon({
    bytes,
    header,
    query: () => new URLSearchParams(),
    keptQuery: definition.query,
  })
  const sender = senderOf(header, client, true, definition)
  const now = Date.now()
  const newId = (): string => 'made-by-server'
  const facts = { definition, now, fromText, newId, sender, lists, locate: () => undefined }
  const events = items.map((item) => {
    const { event, identity, refusal } = readEvent(item, facts)
    if (!event || refusal) throw new Error('an event was not taken')
    const visitor = visitorId(identity, 'bench', [1, 2, 3, 4])
    return visitor === undefined ? event : { ...event, visitor }
  })
  encodeEvents(events)
  return events.length
}

let batches: readonly Uint8Array[] = []

function makeBatches({ beacons, size }: ChainOrder): readonly Uint8Array[] {
  const items = generateBeacons(beacons).map((beacon) => toItem(beacon).toString())
  return Array.from({ length: Math.floor(items.length / size) }, (_, at) =>
    new TextEncoder().encode(`[${items.slice(at * size, (at + 1) * size).join()}]`),
  )
}

process.on('message', async (order: ChainOrder) => {
  if (batches.length === 0) batches = makeBatches(order)
  const end = performance.now() + order.ms
  let events = 0
  for (let at = 0; performance.now() < end; at++)
    events += await take(batches[at % batches.length] as Uint8Array)
  process.send?.(events)
})
