import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildWorker } from '../scripts/worker.ts'
import { generateBeacons } from './beacons.ts'
import * as report from './collect-report.ts'
import { type Collector, count, KEY, PATH, writeKey } from './collectors.ts'
import { Load } from './load.ts'
import { firstAnswer, freePort, killAll, pinGenerator } from './process.ts'
import { collectorRunner, type Runner, race } from './race.ts'
import { singleRequests, type Target } from './requests.ts'
import { startWorkerd, stripWorker, type WorkerKind } from './workerd.ts'

/**
 * How fast our Worker collects beacons in workerd, beside a Worker that drops them and one whose object writes
 * a row for each; see README.md.
 *
 *     node bench/worker.ts --rounds 10 --seconds 0.6 --connections 64
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '0.6' },
    connections: { type: 'string', default: '64' },
  },
})
const timing = { rounds: Number(values.rounds), ms: Number(values.seconds) * 1000 }
const BEACONS = 20_000
const WARM_UP_MS = 1500
const STARTS = 7

const beacons = generateBeacons(BEACONS)
const folder = mkdtempSync(join(tmpdir(), 'skerry-bench-'))
process.once('exit', () => {
  killAll()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const kinds: Readonly<Record<string, WorkerKind>> = {
  bare: { file: stripWorker('worker-bare', folder) },
  naive: { file: stripWorker('worker-naive', folder), objects: { EVENTS: 'EventsObject' } },
  skerry: {
    file: await buildWorker(folder),
    objects: { COLLECTION: 'CollectionObject', DIRECTORY: 'DirectoryObject' },
    texts: { SKERRY_KEY: KEY, SKERRY_RATE: 'off' },
    assets: fileURLToPath(new URL('../assets', import.meta.url)),
  },
}
const targets: Readonly<Record<string, (port: number) => Promise<Target>>> = {
  skerry: async (port) => ({
    path: `${PATH}?key=${await writeKey(port)}`,
    headers: {},
    addressHeader: 'cf-connecting-ip',
  }),
}

pinGenerator()
report.machine(timing)
await starts()
await singles()
process.exit()

async function start(name: string, kind: WorkerKind, at: string): Promise<Collector> {
  mkdirSync(at, { recursive: true })
  const port = await freePort()
  const begin = performance.now()
  const server = startWorkerd(kind, at, port)
  await firstAnswer(port, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const startMs = performance.now() - begin
  const counts = name === 'skerry' ? 'without engagement' : name === 'naive' ? 'all' : undefined
  const single = (await targets[name]?.(port)) ?? { path: PATH, headers: {} }
  return {
    ...{ name, port, startMs, server, redis: undefined, single, batch: undefined, counts },
    count: () => count(port),
    processes: [server],
  }
}

/** From nothing to the first answer: what ours needs beyond `bare` is its script, and opening its store. */
async function starts(): Promise<void> {
  const found = new Map<string, number[]>()
  const idle = new Map<string, number>()
  for (let run = 0; run < STARTS; run++)
    for (const [name, kind] of Object.entries(kinds)) {
      const { startMs, server } = await start(name, kind, join(folder, `start-${name}`))
      found.set(name, [...(found.get(name) ?? []), startMs])
      idle.set(name, server.memory())
      await server.kill()
    }
  report.starts(found, idle)
}

async function singles(): Promise<void> {
  for (const connections of values.connections.split(',').map(Number)) {
    const runners: Runner[] = []
    const loads = new Map<Collector, Load>()
    for (const [name, kind] of Object.entries(kinds)) {
      const collector = await start(name, kind, join(folder, `${name}-${connections}`))
      const load = await new Load(singleRequests(beacons, collector.single)).open(collector.port, connections)
      const runner = collectorRunner(collector, load)
      await runner.run(WARM_UP_MS)
      loads.set(collector, load)
      runners.push(runner)
    }
    report.singles(connections, await race(runners, timing), 'naive')
    for (const [collector, load] of loads) await end(collector, load)
  }
}

/** What was acknowledged must be there: no more, no less. */
async function end({ name, counts, server, count: ask }: Collector, load: Load): Promise<void> {
  load.close()
  const { events, counted } = load.acknowledged
  const expected = counts === 'all' ? events : counted
  const told = counts ? await ask() : expected
  if (told !== expected) throw new Error(`${name} counts ${told} of ${expected} acknowledged`)
  await server.kill()
}
