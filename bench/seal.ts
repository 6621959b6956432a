import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { zlibCodec } from '../adapters/runtime/zlib-codec.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { defineCollection, definitionSchema } from '../src/definition.ts'
import { createCache } from '../src/engine/cache.ts'
import { groupCommit } from '../src/store/group-commit.ts'
import { type JournalCollection, journalCollection } from '../src/store/journal-collection.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import { DAY_MS, FIRST_DAY, generateDay } from './generator.ts'

/**
 * What sealing does to its process: how fast it is, how long it lets nobody else run, and what memory it takes.
 *
 *     npm run bench:seal -- --events 2000000 --days 1
 */

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '2000000' },
    days: { type: 'string', default: '1' },
    'seal-at': { type: 'string', default: '200000' },
    case: { type: 'string' },
  },
})
const EVENTS = Number(options.events)
const DAYS = Number(options.days)

/** Events that are added at once. */
const BATCH = 100
/** Events that are made at once: about two milliseconds of work. */
const MADE = 400

/** What is measured, each in a process of its own. */
const cases: Readonly<Record<string, (collection: (sealAt: number) => JournalCollection) => Promise<void>>> =
  {
    /** A journal that has grown long before anybody seals it. */
    async backlog(open): Promise<void> {
      await fill(open(Number.POSITIVE_INFINITY))
      await measured('backlog', () => open(Number(options['seal-at'])).seal())
    },
    /** Sealed while events come in, then what is left. */
    async stream(open): Promise<void> {
      const collection = open(Number(options['seal-at']))
      await measured('stream', async () => {
        await fill(collection)
        await collection.seal()
      })
    },
  }

if (options.case === undefined) runAll()
else await run(options.case)

function runAll(): void {
  console.log(
    '| case | events | days | s | events/s | CPU µs an event | longest turn, CPU ms | longest wait ms | p99.9 ms | peak MB | MB after |',
  )
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const name of Object.keys(cases))
    spawnSync(
      process.execPath,
      ['--expose-gc', fileURLToPath(import.meta.url), ...process.argv.slice(2), '--case', name],
      { stdio: 'inherit' },
    )
}

async function run(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-bench-'))
  const store = sqlStore(sqlite(folder), breathe)
  try {
    await cases[name]?.((sealAt) => openOver(store, sealAt))
    await store.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
  // A seal may have begun in the background that nobody waits for.
  process.exit()
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function openOver(store: ReturnType<typeof sqlStore>, sealAt: number): JournalCollection {
  let segments = 0
  return journalCollection(defineCollection('bench', definitionSchema.parse({})), {
    store,
    writer: groupCommit(store, breathe),
    cache: createCache(512 * 1024 * 1024),
    codec: zlibCodec,
    // The last day still goes on, as it does while events come in.
    now: () => FIRST_DAY + DAYS * DAY_MS - 1,
    newId: () => `${process.pid}.${segments++}`,
    breathe,
    sealAt,
    listening: { pause: async () => {}, everyMs: 0 },
    inBackground: (work) => void work.catch((error) => console.error(error)),
  })
}

/** Adds all events, one day after the other. */
async function fill(collection: JournalCollection): Promise<void> {
  const perDay = Math.ceil(EVENTS / DAYS)
  let seed = 0
  for (let day = 0; day < DAYS; day++) {
    for (let made = 0; made < perDay; made += MADE) {
      const events = generateDay({ day, events: Math.min(MADE, perDay - made), seed: seed++ })
      const batches: Promise<void>[] = []
      for (let i = 0; i < events.length; i += BATCH) batches.push(collection.add(events.slice(i, i + BATCH)))
      await Promise.all(batches)
    }
  }
}

/** Measures the CPU time of each turn of the event loop: it tells how long others were kept waiting, whoever else works on this machine. */
function watchTurns(): { readonly longest: () => number; stop(): void } {
  let longest = 0
  let last = cpuOfThread()
  const timer = setInterval(() => {
    const now = cpuOfThread()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  return { longest: () => longest, stop: () => clearInterval(timer) }
}

/** ms */
function cpuOfThread(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Does some work and says what it took. */
async function measured(name: string, work: () => Promise<void>): Promise<void> {
  let peak = 0
  const look = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 50)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const turns = watchTurns()
  delay.enable()
  // What goes on from here is measured from the first tick of both.
  await new Promise((resolve) => setTimeout(resolve, 20))
  delay.reset()
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  delay.disable()
  turns.stop()
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(look)
  globalThis.gc?.()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const row = [
    name,
    EVENTS.toLocaleString('en'),
    DAYS,
    seconds.toFixed(1),
    Math.round(EVENTS / seconds).toLocaleString('en'),
    ((user + system) / EVENTS).toFixed(1),
    turns.longest().toFixed(0),
    (delay.max / 1e6).toFixed(0),
    (delay.percentile(99.9) / 1e6).toFixed(0),
    Math.round(peak / 1e6),
    Math.round(process.memoryUsage.rss() / 1e6),
  ]
  console.log(`| ${row.join(' | ')} |`)
}
