import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Client } from '../src/client.ts'
import { defineCollection, definitionSchema } from '../src/definition.ts'
import { readBeacon } from '../src/ingest/beacon.ts'
import { readEvent } from '../src/ingest/event.ts'
import { senderOf } from '../src/ingest/sender.ts'
import { createLists } from '../src/lists.ts'
import type { SipKey } from '../src/siphash.ts'
import { encodeEvents } from '../src/store/entry.ts'
import { visitorId } from '../src/visitor.ts'
import { type BenchBeacon, generateBeacons } from './beacons.ts'

/**
 * What it costs to make an event of a beacon: take it apart, check it, find out what it tells (source, channel,
 * browser, bot, place), hash the visitor, write it down for the journal. `JSON.parse` of the same bodies, from
 * their bytes, in the same run beside it. CPU time of the whole process.
 *
 *     node bench/ingest.ts
 */

const { values } = parseArgs({
  options: { beacons: { type: 'string', default: '100000' }, runs: { type: 'string', default: '7' } },
})
const beacons = generateBeacons(Number(values.beacons))
const bodies = beacons.map(({ body }) => new TextEncoder().encode(body))
const definition = defineCollection('bench', definitionSchema.parse({}))
const secret: SipKey = [1, 2, 3, 4]
const lists = await createLists(
  (name) => readFile(new URL(`../assets/${name}`, import.meta.url), 'utf8'),
  console.error,
)()

const decoder = new TextDecoder()
const parse = { name: 'JSON.parse', work: async (i: number) => JSON.parse(decoder.decode(bodies[i])) }
const ingest = {
  name: 'ingest',
  work: (i: number) => take(beacons[i] as BenchBeacon, bodies[i] as Uint8Array),
}

const times = new Map([parse, ingest].map(({ name }) => [name, [] as number[]]))
for (let run = 0; run < Number(values.runs); run++)
  for (const { name, work } of run % 2 ? [parse, ingest] : [ingest, parse]) {
    const begin = cpuMicros()
    for (let i = 0; i < bodies.length; i++) await work(i)
    times.get(name)?.push((cpuMicros() - begin) / bodies.length)
  }
const size = bodies.reduce((sum, { length }) => sum + length, 0) / bodies.length
console.log(
  `${bodies.length} beacons of ${size.toFixed(0)} bytes, µs of CPU each: median (fastest) of ${values.runs}`,
)
const medians = [...times].map(([name, list]) => {
  const sorted = list.toSorted((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? Number.NaN
  console.log(`${name.padEnd(10)} ${median.toFixed(2)} (${sorted[0]?.toFixed(2)})`)
  return median
})
console.log(`ingest / JSON.parse: ${((medians[1] ?? 0) / (medians[0] ?? 1)).toFixed(1)}`)

async function take({ headers, address }: BenchBeacon, bytes: Uint8Array): Promise<readonly string[]> {
  const header = (name: string): string | undefined => headers[name]
  const client: Client = { address, by: 'socket', isHttps: false, place: () => undefined }
  const { items, fromText } = await readBeacon({
    bytes,
    header,
    query: () => new URLSearchParams(),
    keptQuery: definition.query,
  })
  const sender = senderOf(header, client, false, definition)
  const facts = {
    definition,
    now: 1_790_000_000_000,
    fromText,
    newId,
    sender,
    lists,
    locate: () => undefined,
  }
  const { event, identity, refusal, faults } = readEvent(items[0], facts)
  if (!event || refusal) throw new Error(`not taken: ${JSON.stringify(faults ?? refusal)}`)
  const visitor = visitorId(identity, 'bench', secret)
  return encodeEvents([visitor === undefined ? event : { ...event, visitor }])
}

function newId(): string {
  return 'made-by-server'
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
