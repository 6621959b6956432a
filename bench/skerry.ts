import { statSync } from 'node:fs'
import { join } from 'node:path'
import { zlibCodec } from '../adapters/runtime/zlib-codec.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { readQuery } from '../src/asking/query-reader.ts'
import { defineCollection, definitionSchema } from '../src/definition.ts'
import { fromJsonBytes, pack, toJsonBytes, unpack } from '../src/engine/bytes.ts'
import { createCache } from '../src/engine/cache.ts'
import { hashId, lowHalf } from '../src/engine/id-hash.ts'
import { OpenDay } from '../src/engine/open-day.ts'
import { toRecord } from '../src/engine/record.ts'
import { encodeSegment, NAMES_LIMIT, type Parts, type SegmentHeader } from '../src/engine/segment.ts'
import type { Event } from '../src/event.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import type { JournalOptions } from '../src/store/journal-stream.ts'
import { type SealedDate, writeManifest } from '../src/store/manifest.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Contestant, CreateContestant } from './contestant.ts'
import { DAY_MS, FIRST_DAY } from './generator.ts'
import type { Question, Row, Rows } from './question.ts'

const NAME = 'bench'
const DAYS_48 = 2 * DAY_MS

interface Setup {
  readonly name: string
  readonly note: string
  readonly cacheBytes: number
  /** Days keep what questions without filters come to, as they do in the product. */
  readonly hasSummaries: boolean
}

const setups: readonly Setup[] = [
  {
    name: 'skerry',
    note: 'as it is: what was read stays in memory, questions without filters are answered from summaries',
    cacheBytes: 4 * 1024 ** 3,
    hasSummaries: true,
  },
  {
    name: 'skerry-scan',
    note: 'columns in memory, no summaries: every question scans the events',
    cacheBytes: 4 * 1024 ** 3,
    hasSummaries: false,
  },
  {
    name: 'skerry-cold',
    note: 'as it is, but all is read from the SQLite file for each question',
    cacheBytes: 0,
    hasSummaries: true,
  },
  {
    name: 'skerry-cold-scan',
    note: 'columns read from the SQLite file for each question, no summaries',
    cacheBytes: 0,
    hasSummaries: false,
  },
]

/** The engine of this project over a SQLite file, in several setups. Answers are not kept in any. */
export const skerries: readonly (readonly [string, CreateContestant])[] = setups.map((setup) => [
  setup.name,
  (folder) => createOver(folder, setup),
])

async function createOver(folder: string, setup: Setup): Promise<Contestant> {
  const { name, note, cacheBytes, hasSummaries } = setup
  const port = sqlite(folder)
  const store = sqlStore(port)
  const definition = defineCollection(NAME, definitionSchema.parse({}))
  const days = new Map<string, SealedDate>()
  let last = FIRST_DAY
  const options: JournalOptions = {
    store,
    writer: { add: async () => {}, isFull: () => false },
    cache: createCache(cacheBytes),
    codec: zlibCodec,
    now: () => last + 10 * DAYS_48,
    newId: () => String(days.size),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    sealAt: 1,
    listening: { pause: async () => {}, everyMs: 0 },
  }
  const collection = journalCollection(definition, options)

  async function ask(question: Question): Promise<Rows> {
    const rows: Row[] = []
    for (const { name: part, query } of question.parts) {
      const report = await collection.query(readQuery(query, definition))
      for (const { dimensions, metrics } of report.results)
        rows.push({ part, label: dimensions[0] ?? '', values: metrics as number[] })
    }
    return rows
  }

  return {
    name,
    note,
    async load(events: readonly Event[], day: number): Promise<void> {
      const start = FIRST_DAY + day * DAY_MS
      last = start
      const date = new Date(start).toISOString().slice(0, 10)
      const open = new OpenDay(date, start)
      for (const event of events) open.add(toRecord(event), hashId(event.id), lowHalf)
      const full = await open.snapshot().canonical(async () => {})
      const segment = `${date}.1`
      const parts = await encodeSegment(full, {
        timezone: 'UTC',
        namesLimit: NAMES_LIMIT,
        breathe: async () => {},
        codec: zlibCodec,
      })
      await store.put(NAME, segment, hasSummaries ? parts : await withoutSummaries(parts))
      days.set(date, {
        segment,
        count: full.count,
        rows: full.rows,
        hasIds: true,
        forgetAt: full.lastReceived + DAYS_48,
      })
      await store.commit(NAME, {
        epoch: 0,
        version: day,
        manifest: writeManifest({ days, erased: [], droppedBefore: undefined }),
        position: 0,
        added: [segment],
        dropped: [],
      })
    },
    async ready(): Promise<void> {
      // Ids and visitors are forgotten, as two days later.
      await collection.seal()
      port.exec('VACUUM')
      port.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    ask,
    async bytes(): Promise<number> {
      return statSync(join(folder, 'skerry.db')).size
    },
    async close(): Promise<void> {
      await store.close()
    },
  }
}

async function withoutSummaries(parts: Parts): Promise<Parts> {
  const kept = new Map([...parts].filter(([part]) => !part.startsWith('by/')))
  const header = fromJsonBytes(
    await unpack(parts.get('header') ?? new Uint8Array(), zlibCodec),
  ) as SegmentHeader
  return kept.set('header', await pack(toJsonBytes({ ...header, parts: [...kept.keys()] }), zlibCodec))
}
