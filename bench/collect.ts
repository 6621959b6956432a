import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateBeacons } from './beacons.ts'
import * as report from './collect-report.ts'
import { type Collector, collectors } from './collectors.ts'
import { type Acknowledged, Load } from './load.ts'
import { killAll, pinGenerator } from './process.ts'
import { chainRunner, collectorRunner, type Measurements, type Runner, race } from './race.ts'
import { type BenchRequest, batchRequests, singleRequests } from './requests.ts'

/**
 * How fast beacons are collected, ours beside a bare server, the onion without a store, and a Koa app on Redis;
 * see README.md.
 *
 *     node bench/collect.ts --rounds 10 --seconds 0.6 --connections 64,512
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '0.6' },
    connections: { type: 'string', default: '64,512' },
    only: { type: 'string', multiple: true, default: [] },
    skip: { type: 'string', multiple: true, default: [] },
    events: { type: 'string', default: '0' },
  },
})
for (const name of [...values.only, ...values.skip])
  if (!collectors.has(name)) throw new Error(`there is no ${name}: ${[...collectors.keys()].join(', ')}`)
const names = [...collectors.keys()].filter((name) =>
  values.only.length > 0
    ? values.only.includes(name)
    : !values.skip.includes(name) && !name.startsWith('pm2'),
)
const timing = { rounds: Number(values.rounds), ms: Number(values.seconds) * 1000 }

const BEACONS = 20_000
const BATCH = 100
const BATCH_CONNECTIONS = 16
/** At half of the maximum; more than are ever busy, as each visitor has an own one. */
const OPEN_LOOP_CONNECTIONS = 256
const STARTS = 5
/** After so long with nothing to do a process has given back what it does not need. */
const QUIET_MS = 30_000

const beacons = generateBeacons(BEACONS)
const acknowledged = new Map<string, Acknowledged>()
const folder = mkdtempSync(join(tmpdir(), 'skerry-bench-'))
process.once('exit', () => {
  killAll()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

pinGenerator()
report.machine(timing)
await starts()
const entrants: Collector[] = []
for (const name of names) entrants.push(await start(name, join(folder, name)))
await singles()
await batches()
await memory()
process.exit()

async function start(name: string, at: string): Promise<Collector> {
  const collector = await collectors.get(name)?.(at)
  if (!collector) throw new Error(`there is no ${name}`)
  return collector
}

/** How long it takes from nothing to an answer, and how much memory that needs. */
async function starts(): Promise<void> {
  const takers = names.filter((one) => /^bare$|^skerry/.test(one))
  const found = new Map(takers.map((name) => [name, [] as number[]]))
  const idle = new Map<string, number>()
  for (let run = 0; run < STARTS; run++)
    for (const name of takers) {
      const { startMs, processes, server } = await start(name, join(folder, `start-${name}`))
      // The first start of each makes keys and collections; the others find them.
      found.get(name)?.push(startMs)
      if (run === STARTS - 1) {
        await pause(QUIET_MS)
        idle.set(name, server.memory())
      }
      for (const one of processes) await one.kill()
    }
  report.starts(found, idle)
}

/** One beacon a request: as fast as answers come, then at half of that. */
async function singles(): Promise<void> {
  const requestsOf = ({ single }: Collector): readonly BenchRequest[] => singleRequests(beacons, single)
  const maximum = new Map<string, number>()
  for (const [at, connections] of values.connections.split(',').map(Number).entries()) {
    const warmUpMs = at === 0 ? 3000 : 300
    const measured = await measure(entrants, requestsOf, { connections, warmUpMs })
    report.singles(connections, measured)
    if (at === 0) for (const [name, list] of measured) maximum.set(name, report.medianRate(list))
  }
  const rateOf = ({ name }: Collector): number => (maximum.get(name) ?? 0) / 2
  const options = { connections: OPEN_LOOP_CONNECTIONS, warmUpMs: 300, rateOf }
  report.halfLoad(await measure(entrants, requestsOf, options), maximum)
}

/** A hundred beacons a request, from a server. */
async function batches(): Promise<void> {
  const takers = entrants.filter(({ batch }) => batch)
  if (takers.length === 0) return
  const chain = chainRunner({ size: BATCH, beacons: BEACONS })
  const options = { connections: BATCH_CONNECTIONS, warmUpMs: 1500, others: [chain] }
  report.batches(BATCH, await measure(takers, batchesFor, options))
}

function batchesFor({ batch }: Collector): readonly BenchRequest[] {
  return batch ? batchRequests(beacons, BATCH, batch) : []
}

interface Course {
  readonly connections: number
  readonly warmUpMs: number
  readonly rateOf?: (collector: Collector) => number
  /** Who runs beside them without HTTP. */
  readonly others?: readonly Runner[]
}

async function measure(
  takers: readonly Collector[],
  requestsOf: (collector: Collector) => readonly BenchRequest[],
  { connections, warmUpMs, rateOf, others = [] }: Course,
): Promise<Measurements> {
  const loads = new Map<Collector, Load>()
  const runners = [...others]
  for (const runner of others) await runner.run(warmUpMs)
  for (const collector of takers) {
    const load = new Load(requestsOf(collector))
    // At once, and each of them: a connection that has sent nothing for 5 s is closed.
    await load.open(collector.port, connections)
    await collectorRunner(collector, load).run(warmUpMs)
    loads.set(collector, load)
    runners.push(collectorRunner(collector, load, rateOf?.(collector)))
  }
  const measured = await race(runners, timing)
  for (const [collector, load] of loads) {
    load.close()
    await check(collector, load.acknowledged)
  }
  return measured
}

/** What was acknowledged must be there: no more, no less. */
async function check({ name, counts, count }: Collector, more: Acknowledged): Promise<void> {
  const { events = 0, counted = 0 } = acknowledged.get(name) ?? {}
  const all = { events: events + more.events, counted: counted + more.counted }
  acknowledged.set(name, all)
  if (!counts) return
  const told = await count()
  const expected = counts === 'all' ? all.events : all.counted
  if (told !== expected) throw new Error(`${name} counts ${told} of ${expected} acknowledged`)
}

/** What a server holds after this run, and after as many more events in batches as are asked for. */
async function memory(): Promise<void> {
  const found: report.Filled[] = []
  for (const collector of entrants.filter(({ name }) => name.startsWith('skerry'))) {
    const { name, port, server } = collector
    const load = await new Load(batchesFor(collector)).open(port, BATCH_CONNECTIONS)
    const runner = collectorRunner(collector, load)
    const before = acknowledged.get(name)?.events ?? 0
    let longest = 0
    while (before + load.acknowledged.events < Number(values.events))
      longest = Math.max(longest, (await runner.run(1000)).longest)
    load.close()
    await check(collector, load.acknowledged)
    const memory = server.memory()
    await pause(QUIET_MS)
    const events = before + load.acknowledged.events
    found.push({ name, events, memory, quiet: server.memory(), longest })
  }
  report.memory(found)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
