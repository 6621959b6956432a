import type { Collector } from './collectors.ts'
import type { Load, SliceOptions } from './load.ts'
import { coreBusy, startProcess } from './process.ts'
import type { ChainOrder } from './rivals/chain.ts'

/** What one slice has shown. */
export interface Measurement {
  readonly perSecond: number
  /** µs of CPU for each request. */
  readonly serverCpu: number
  readonly redisCpu: number
  /** Of half, and of 99 % of the requests no longer than this; ms. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** Shares of one core: the generator's work, and what others did on the servers' core. */
  readonly generator: number
  readonly others: number
}

/** Who takes part in a race. */
export interface Runner {
  readonly name: string
  run(ms: number): Promise<Measurement>
}

/** By name, a measurement for each round. */
export type Measurements = ReadonlyMap<string, readonly Measurement[]>

export interface RaceOptions {
  readonly rounds: number
  readonly ms: number
}

/** Every round each runner has a slice, in an order of chance. */
export async function race(runners: readonly Runner[], { rounds, ms }: RaceOptions): Promise<Measurements> {
  const measurements = new Map(runners.map(({ name }) => [name, [] as Measurement[]]))
  for (let round = 0; round < rounds; round++)
    for (const runner of shuffled(runners)) measurements.get(runner.name)?.push(await runner.run(ms))
  return measurements
}

/** So long a slice has gone on before it counts. */
const SETTLE_MS = 100

/** A collector under this load; at a rate: requests a second. */
export function collectorRunner(collector: Collector, load: Load, rate?: number): Runner {
  const { name, server, redis } = collector
  const sample = (): Reading => ({
    server: server.cpu(),
    redis: redis?.cpu() ?? 0,
    generator: ownCpu(),
    core: coreBusy(),
  })
  return {
    name,
    async run(ms): Promise<Measurement> {
      const options: SliceOptions<Reading> = { settleMs: SETTLE_MS, ms, sample, rate }
      const { answers, ms: passed, latencies, samples } = await load.run(options)
      const [before, after] = samples
      const sorted = Float64Array.from(latencies).sort()
      const spent = (of: keyof Reading): number => after[of] - before[of]
      return {
        perSecond: (answers * 1000) / passed,
        serverCpu: spent('server') / answers,
        redisCpu: spent('redis') / answers,
        p50: quantile(sorted, 0.5),
        p99: quantile(sorted, 0.99),
        longest: quantile(sorted, 1),
        generator: spent('generator') / (passed * 1000),
        others: Math.max(0, spent('core') - spent('server') - spent('redis')) / (passed * 1000),
      }
    },
  }
}

/** All in µs so far. */
interface Reading {
  readonly server: number
  readonly redis: number
  readonly generator: number
  readonly core: number
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** The ingest chain alone, in a process of its own. */
export function chainRunner(order: Omit<ChainOrder, 'ms'>): Runner {
  const script = new URL('rivals/chain.ts', import.meta.url).pathname
  const chain = startProcess(process.execPath, [script], {}, 'ipc')
  return {
    name: 'chain',
    async run(ms): Promise<Measurement> {
      const cpu = chain.cpu()
      const events = await new Promise<number>((resolve) => {
        chain.child.once('message', resolve)
        chain.child.send({ ...order, ms })
      })
      const serverCpu = ((chain.cpu() - cpu) * order.size) / events
      const perSecond = (events * 1000) / ms / order.size
      const unknown = { p50: Number.NaN, p99: Number.NaN, longest: Number.NaN }
      return { perSecond, serverCpu, redisCpu: 0, ...unknown, generator: 0, others: 0 }
    },
  }
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function shuffled<T>(list: readonly T[]): readonly T[] {
  return list
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}
