import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { zlibCodec } from '../adapters/runtime/zlib-codec.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { hashId, lowHalf } from '../src/engine/id-hash.ts'
import { OpenDay } from '../src/engine/open-day.ts'
import { toRecord } from '../src/engine/record.ts'
import { encodeSegment, NAMES_LIMIT } from '../src/engine/segment.ts'
import { type SealedDate, writeManifest } from '../src/store/manifest.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import { DAY_MS, eventsOfDays, FIRST_DAY, generateDay } from './generator.ts'

/**
 * Does asking get in the way of collecting? One Node server over a SQLite file; senders at a steady rate, first
 * alone, then while somebody asks questions over all events one after another, and alone again.
 *
 *     node bench/interference.ts --events 10000000 --days 30
 */

const KEY = 'an-admin-key-of-the-benchmark'
const NAME = 'pageviews'
const SENDERS = 16
const PAUSE_MS = 20
const PHASE_MS = 12_000

const { values } = parseArgs({
  options: { events: { type: 'string', default: '10000000' }, days: { type: 'string', default: '30' } },
})
const folder = mkdtempSync(join(tmpdir(), 'skerry-bench-'))
try {
  await load(Number(values.events), Number(values.days))
  const { child, url } = await start()
  try {
    await race(url, Number(values.days))
  } finally {
    child.kill()
    await new Promise((resolve) => child.once('exit', resolve))
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** Writes sealed days as the server would have. */
async function load(events: number, days: number): Promise<void> {
  const store = sqlStore(sqlite(folder))
  const sealed = new Map<string, SealedDate>()
  for (const [day, count] of eventsOfDays(events, days).entries()) {
    const at = FIRST_DAY + day * DAY_MS
    const date = new Date(at).toISOString().slice(0, 10)
    const open = new OpenDay(date, at)
    for (const event of generateDay({ day, events: count, seed: 1, people: Math.ceil(events / 6) }))
      open.add(toRecord(event), hashId(event.id), lowHalf)
    const options = { timezone: 'UTC', namesLimit: NAMES_LIMIT, breathe: async () => {}, codec: zlibCodec }
    const parts = await encodeSegment(await open.snapshot().canonical(async () => {}), options)
    const kept = new Map([...parts].filter(([name]) => name !== 'ids' && name !== 'visitors'))
    const segment = `${date}.1`
    await store.put(NAME, segment, kept)
    sealed.set(date, { segment, count: open.count, rows: open.rows, hasIds: false, forgetAt: 0 })
    const manifest = writeManifest({ days: sealed, erased: [], droppedBefore: undefined })
    await store.commit(NAME, { epoch: 0, version: day, manifest, position: 0, added: [segment], dropped: [] })
  }
  await store.close()
}

async function start(): Promise<{ child: ChildProcess; url: string }> {
  const env = {
    ...process.env,
    PORT: '0',
    HOST: '127.0.0.1',
    SKERRY_DATA: folder,
    SKERRY_KEY: KEY,
    SKERRY_RATE: 'off',
  }
  const child = spawn(process.execPath, ['bin/skerry.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve) => {
    child.stdout?.on('data', (text: Buffer) => {
      const found = /listens on (\S+)/.exec(String(text))?.[1]
      if (found) resolve(found)
    })
  })
  return { child, url }
}

async function race(url: string, days: number): Promise<void> {
  const range = [FIRST_DAY, FIRST_DAY + (days - 1) * DAY_MS].map((at) =>
    new Date(at).toISOString().slice(0, 10),
  )
  const query = {
    metrics: ['visitors', 'visits', 'pageviews', 'bounce_rate'],
    dimensions: ['event:page'],
    filters: [['is_not', 'visit:country', ['nowhere']]],
    date_range: range,
  }
  await ask(url, query)
  await phase(url, 2000)
  const alone = await phase(url, PHASE_MS)
  let isAsking = true
  const asked: number[] = []
  const asker = (async (): Promise<void> => {
    while (isAsking) asked.push(await ask(url, query))
  })()
  const beside = await phase(url, PHASE_MS)
  isAsking = false
  await asker
  const after = await phase(url, PHASE_MS)
  console.log(
    `${values.events} events, ${days} days; ${SENDERS} senders, ${SENDERS * (1000 / PAUSE_MS)} beacons/s wanted`,
  )
  console.log(`questions beside: ${asked.length}, median ${quantile(asked, 0.5).toFixed(0)} ms`)
  for (const [name, times] of Object.entries({ alone, beside, after }))
    console.log(
      `${name.padEnd(7)} ${times.length} beacons, p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`,
    )
  const base = Math.max(quantile(alone, 0.99), quantile(after, 0.99))
  console.log(`p99 beside / alone: ${(quantile(beside, 0.99) / base).toFixed(2)}`)
}

async function ask(url: string, query: unknown): Promise<number> {
  const begin = performance.now()
  const init = { method: 'POST', headers: { Authorization: `Key ${KEY}` }, body: JSON.stringify(query) }
  const response = await fetch(`${url}/${NAME}/query`, init)
  if (response.status !== 200) throw new Error(await response.text())
  await response.arrayBuffer()
  return performance.now() - begin
}

/** Sends beacons for a while, and gives how long each took; ms. */
async function phase(url: string, ms: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + ms
  async function send(): Promise<void> {
    while (performance.now() < end) {
      const begin = performance.now()
      const init = { method: 'POST', headers: { Authorization: `Key ${KEY}` }, body: '{"page":"/bench"}' }
      const response = await fetch(`${url}/${NAME}`, init)
      if (response.status !== 201) throw new Error(await response.text())
      times.push(performance.now() - begin)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + PAUSE_MS - performance.now())))
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  return times
}

function quantile(times: readonly number[], q: number): number {
  return [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))] ?? 0
}
