import { cpus, release, totalmem } from 'node:os'
import { isPinned } from './process.ts'
import type { Measurement, Measurements } from './race.ts'

/** A server that has taken many events. */
export interface Filled {
  readonly name: string
  readonly events: number
  /** Bytes, at once and once there was nothing to do for a while. */
  readonly memory: number
  readonly quiet: number
  /** ms; 0: it was not filled. */
  readonly longest: number
}

export function machine({ rounds, ms }: { readonly rounds: number; readonly ms: number }): void {
  const cores = cpus()
  const date = new Date().toISOString().slice(0, 10)
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  console.log(
    `${date}; ${cores.length} x ${cores[0]?.model}, ${gigabytes} GB, ${process.platform} ${release()}, ` +
      `Node ${process.versions.node}. ${rounds} rounds of ${ms} ms each` +
      `${isPinned ? ', generator and servers on a core each' : ', nothing pinned'}.`,
  )
}

/** `found`: how long each start took, ms. `idle`: bytes of who has nothing to do yet. */
export function starts(
  found: ReadonlyMap<string, readonly number[]>,
  idle: ReadonlyMap<string, number>,
): void {
  const rows = [...found].map(([name, all]) => [
    name,
    whole(all[0] ?? Number.NaN),
    whole(median(all.slice(1))),
    megabytes(idle.get(name) ?? Number.NaN),
  ])
  print('Start to first answer', ['server', 'first start, ms', 'others, median ms', 'idle, MB'], rows)
}

/** `rival`: who is compared with, beside `bare`. */
export function singles(connections: number, measured: Measurements, rival = 'koa-redis'): void {
  const rows = [...measured].map(([name, list]) => [
    name,
    whole(medianRate(list)),
    cpuText(list),
    percent(ratioOf(measured, 'bare', name, cost)),
    percent(ratioOf(measured, name, 'bare', rate)),
    times(ratioOf(measured, rival, name, cost)),
    times(ratioOf(measured, name, rival, rate)),
    ms(list.map(p50)),
    ms(list.map(p99)),
    percent(median(list.map(({ generator }) => generator))),
    percent(median(list.map(({ others }) => others))),
  ])
  const head = [
    ...['server', 'requests/s', 'CPU µs (+ Redis)', 'of bare by CPU', 'of bare by requests/s'],
    ...[`${rival} by CPU`, 'by requests/s', 'p50 ms', 'p99 ms', 'generator busy', 'others busy'],
  ]
  print(`Single beacons, ${connections} connections`, head, rows)
}

export function halfLoad(measured: Measurements, maximum: ReadonlyMap<string, number>): void {
  const rows = [...measured].map(([name, list]) => [
    name,
    whole((maximum.get(name) ?? Number.NaN) / 2),
    whole(medianRate(list)),
    cpuText(list),
    ms(list.map(p50)),
    ms(list.map(p99)),
    times(ratioOf(measured, name, 'bare', p50)),
    times(ratioOf(measured, name, 'bare', p99)),
    // It looks at the clock all the time.
    percent(1 - median(list.map(({ generator }) => generator))),
    percent(median(list.map(({ others }) => others))),
  ])
  const head = [
    'server',
    'sent/s',
    'answered/s',
    'CPU µs (+ Redis)',
    'p50 ms',
    'p99 ms',
    'p50 to bare',
    'p99 to bare',
    'generator waits',
    'others busy',
  ]
  print('At half of the maximum, sent at random moments', head, rows)
}

export function batches(size: number, measured: Measurements): void {
  const rows = [...measured].map(([name, list]) => [
    name,
    whole(medianRate(list) * size),
    (median(list.map(cost)) / size).toFixed(1),
    percent(ratioOf(measured, name, 'chain', rate)),
    percent(ratioOf(measured, 'chain', name, cost)),
    ms(list.map(p50)),
    ms(list.map(p99)),
  ])
  const head = ['server', 'events/s', 'CPU µs an event', 'of chain by events/s', 'by CPU', 'p50 ms', 'p99 ms']
  print(`Batches of ${size}`, head, rows)
}

export function memory(found: readonly Filled[]): void {
  const rows = found.map(({ name, events, memory, quiet, longest }) => [
    name,
    whole(events),
    megabytes(memory),
    megabytes(quiet),
    longest === 0 ? '' : whole(longest),
  ])
  const head = ['server', 'events', 'MB at once', 'quiet, MB', 'longest answer while filling, ms']
  print('Memory after the run', head, rows)
}

export function medianRate(list: readonly Measurement[]): number {
  return median(list.map(rate))
}

const rate = ({ perSecond }: Measurement): number => perSecond
const cost = ({ serverCpu, redisCpu }: Measurement): number => serverCpu + redisCpu

const p50 = (of: Measurement): number => of.p50
const p99 = (of: Measurement): number => of.p99

/** The median of the ratios within each round: what slows a round down slows both. */
function ratioOf(
  measured: Measurements,
  over: string,
  under: string,
  value: (of: Measurement) => number,
): number {
  const unders = measured.get(under) ?? []
  const overs = measured.get(over) ?? []
  const ratios = overs.flatMap((one, round) => {
    const other = unders[round]
    return other ? [value(one) / value(other)] : []
  })
  return median(ratios)
}

function cpuText(list: readonly Measurement[]): string {
  const server = median(list.map(({ serverCpu }) => serverCpu)).toFixed(1)
  const redis = median(list.map(({ redisCpu }) => redisCpu))
  return redis === 0 ? server : `${server} + ${redis.toFixed(1)}`
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en')
}

function megabytes(bytes: number): string {
  return whole(bytes / 1e6)
}

function ms(numbers: readonly number[]): string {
  const middle = median(numbers)
  return Number.isNaN(middle) ? '' : middle.toFixed(1)
}

/** Nothing is shown of what did not run. */
function percent(share: number): string {
  return Number.isNaN(share) ? '' : `${(share * 100).toFixed(0)} %`
}

function times(ratio: number): string {
  return Number.isNaN(ratio) ? '' : `${ratio.toFixed(1)}x`
}

function print(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = line(head.map((_, at) => (at === 0 ? '---' : '---:')))
  console.log(['', `${title}:`, '', line(head), rule, ...rows.map(line)].join('\n'))
}
