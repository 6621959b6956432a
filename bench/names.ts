import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zlibCodec } from '../adapters/runtime/zlib-codec.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { readQuery } from '../src/asking/query-reader.ts'
import { defineCollection, definitionSchema } from '../src/definition.ts'
import { createCache } from '../src/engine/cache.ts'
import { groupCommit } from '../src/store/group-commit.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import { DAY_MS, FIRST_DAY } from './generator.ts'

/**
 * What a flood of names does to memory and store: a day of 1 M views, nine of ten of a page that nobody else has,
 * each with a property from 2,000; one of ten of 500 real pages.
 *
 *     node --expose-gc bench/names.ts
 */

const EVENTS = 1_000_000
const BATCH = 1000
const SEAL_AT = 200_000

const folder = mkdtempSync(join(tmpdir(), 'skerry-bench-'))
const store = sqlStore(sqlite(folder))
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const definition = defineCollection('bench', definitionSchema.parse({}))
let now = FIRST_DAY
let segments = 0
const collection = journalCollection(definition, {
  store,
  writer: groupCommit(store, breathe),
  cache: createCache(512 * 1024 * 1024),
  codec: zlibCodec,
  now: () => now,
  newId: () => `s${segments++}`,
  breathe,
  sealAt: SEAL_AT,
  listening: { pause: async () => {}, everyMs: 0 },
})

for (let i = 0; i < EVENTS; i += BATCH) {
  await collection.add(Array.from({ length: BATCH }, (_, k) => viewAt(i + k)))
  now += 60
  if ((i + BATCH) % SEAL_AT === 0) await sealed(`${i + BATCH} events`)
}
await ask()
now += 2 * DAY_MS
await sealed('two days later')
await ask()
await store.close()
rmSync(folder, { recursive: true })

function viewAt(i: number) {
  const page = i % 10 === 0 ? `/real/${(i / 10) % 500}` : `/junk/${i.toString(36)}/${'x'.repeat(50)}`
  const visitor = (i % 5000).toString(16).padStart(16, '0')
  return {
    id: `i${i}`,
    name: 'pageview',
    time: now,
    received: now,
    page,
    visitor,
    props: { [`p${i % 2000}`]: i },
  }
}

async function sealed(title: string): Promise<void> {
  const begin = performance.now()
  await collection.seal()
  const ms = performance.now() - begin
  globalThis.gc?.()
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const disk = ['skerry.db', 'skerry.db-wal'].reduce(
    (sum, name) => sum + statSync(join(folder, name)).size,
    0,
  )
  console.log(
    `${title}: sealed in ${ms.toFixed(0)} ms, memory ${mb(heapUsed + arrayBuffers)}, files ${mb(disk)}`,
  )
}

async function ask(): Promise<void> {
  const date = new Date(FIRST_DAY).toISOString().slice(0, 10)
  const query = {
    metrics: ['events', 'visitors'],
    dimensions: ['event:page'],
    date_range: [date, date],
    include: { total_rows: true },
    pagination: { limit: 3 },
  }
  const { results, meta } = await collection.query(readQuery(query, definition))
  console.log(
    `${meta.total_rows} pages, ${meta.other} folded: ${JSON.stringify(results)}; ${await collection.count()} events`,
  )
}
