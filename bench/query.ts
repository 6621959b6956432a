import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Contestant, CreateContestant } from './contestant.ts'
import { DAY_MS, eventsOfDays, FIRST_DAY, generateDay } from './generator.ts'
import { differenceOf, type Question, questionsOf, type Rows } from './question.ts'
import { createDuckdb, createDuckdbByDay } from './rivals/duckdb.ts'
import { createSqlite } from './rivals/sqlite.ts'
import { skerries } from './skerry.ts'

/**
 * How fast questions are answered, ours beside DuckDB and SQLite on the same events; see README.md.
 *
 *     node bench/query.ts --events 10000000 --days 30 --runs 5 --skip sqlite
 */

const creators: ReadonlyMap<string, CreateContestant> = new Map([
  ...skerries,
  ['duckdb', createDuckdb],
  ['duckdb-by-day', createDuckdbByDay],
  ['sqlite', createSqlite],
])

interface Options {
  readonly events: number
  readonly days: number
  readonly runs: number
  readonly seed: number
  /** Who needs longer than this for an answer is not asked that again. */
  readonly patienceMs: number
  readonly names: readonly string[]
}

interface Entry {
  readonly contestant: Contestant
  loadMs: number
  bytes: number
}

/** ms of each time that a contestant was asked a question. */
type Times = Map<string, number[]>

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '10000000' },
      days: { type: 'string', default: '30' },
      runs: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      patience: { type: 'string', default: '15000' },
      skip: { type: 'string', multiple: true, default: [] },
    },
  })
  for (const name of values.skip) if (!creators.has(name)) throw new Error(`--skip: there is no ${name}`)
  const days = wholeNumber('days', values.days, 1, 366)
  return {
    days,
    events: wholeNumber('events', values.events, days, 16_000_000 * days),
    runs: wholeNumber('runs', values.runs, 1, 1000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1),
    patienceMs: wholeNumber('patience', values.patience, 1, 3_600_000),
    names: [...creators.keys()].filter((name) => !values.skip.includes(name)),
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new Error(`--${name} must be a whole number from ${least} to ${most}`)
}

async function race(options: Options, folder: string): Promise<void> {
  const entries: Entry[] = []
  try {
    for (const name of options.names) {
      const own = join(folder, name)
      mkdirSync(own)
      const create = creators.get(name)
      if (create) entries.push({ contestant: await create(own), loadMs: 0, bytes: 0 })
    }
    if (entries.length === 0) throw new Error('Nobody is left in the race')
    await load(entries, options)
    const questions = questionsOf(options.days)
    const times = await warmUp(entries, questions, options)
    await measure(entries, questions, times, options)
    console.log(report(entries, questions, times, options))
  } finally {
    for (const { contestant } of entries) await contestant.close()
  }
}

async function load(entries: readonly Entry[], { events, days, seed }: Options): Promise<void> {
  let generatedMs = 0
  for (const [day, count] of eventsOfDays(events, days).entries()) {
    const begun = performance.now()
    const list = generateDay({ day, events: count, seed, people: Math.ceil(events / 6) })
    generatedMs += performance.now() - begun
    for (const entry of entries) {
      entry.loadMs += await timeOf(() => entry.contestant.load(list, day))
    }
    progress(`day ${day + 1} of ${days}`)
  }
  for (const entry of entries) {
    entry.loadMs += await timeOf(() => entry.contestant.ready())
    entry.bytes = await entry.contestant.bytes()
  }
  progress(`made the events in ${seconds(generatedMs)}`)
}

/** The first round: the answers are compared and everything gets warm. Only answers that took long count in it. */
async function warmUp(
  entries: readonly Entry[],
  questions: readonly Question[],
  { patienceMs }: Options,
): Promise<Times> {
  const times: Times = new Map()
  for (const question of questions) {
    const answers: Rows[] = []
    for (const { contestant } of entries) {
      const ms = await timeOf(async () => {
        answers.push(await contestant.ask(question))
      })
      progress(`${question.name}: ${contestant.name} ${ms.toFixed(1)} ms`)
      times.set(keyOf(contestant, question), ms > patienceMs ? [ms] : [])
    }
    compare(entries, question, answers)
  }
  return times
}

/** The measured rounds: each asks every question of everybody, in an order of its own. */
async function measure(
  entries: readonly Entry[],
  questions: readonly Question[],
  times: Times,
  { runs, patienceMs }: Options,
): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    for (const question of questions) {
      for (const { contestant } of rotated(entries, run)) {
        const own = times.get(keyOf(contestant, question)) ?? []
        if ((own[0] ?? 0) > patienceMs) continue
        own.push(await timeOf(() => contestant.ask(question)))
      }
    }
    progress(`round ${run + 1} of ${runs}`)
  }
}

function compare(entries: readonly Entry[], question: Question, answers: readonly Rows[]): void {
  const [first, ...others] = answers
  if (!first || first.length === 0) throw new Error(`${question.name}: no answer`)
  for (const [index, other] of others.entries()) {
    const difference = differenceOf(question, first, other)
    const names = `${entries[0]?.contestant.name} and ${entries[index + 1]?.contestant.name}`
    if (difference) throw new Error(`${question.name}: ${names} do not agree: ${difference}`)
  }
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

function keyOf(contestant: Contestant, question: Question): string {
  return `${contestant.name} ${question.name}`
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

function report(
  entries: readonly Entry[],
  questions: readonly Question[],
  times: Times,
  options: Options,
): string {
  const [ours, ...rivals] = entries.map(({ contestant }) => contestant)
  if (!ours) return ''
  const timesOf = (contestant: Contestant, question: Question): number[] =>
    times.get(keyOf(contestant, question)) ?? []
  const rows = questions.map((question) => {
    const own = timesOf(ours, question)
    const others = rivals.flatMap((rival) => {
      const measured = timesOf(rival, question)
      return [timeText(measured), `${(medianOf(measured) / medianOf(own)).toFixed(1)}x`]
    })
    return [question.title, timeText(own), ...others]
  })
  const facts = (title: string, value: (entry: Entry) => string): string[] => [
    title,
    ...entries.flatMap((entry, index) => (index === 0 ? [value(entry)] : [value(entry), ''])),
  ]
  rows.push(facts('bytes per event on disk', ({ bytes }) => (bytes / options.events).toFixed(1)))
  rows.push(facts('loading, s', ({ loadMs }) => (loadMs / 1000).toFixed(0)))
  return [
    '',
    machine(options),
    '',
    ...entries.map(({ contestant }) => `* ${contestant.name}: ${contestant.note}`),
    '',
    'Medians in ms, the fastest in brackets; * asked once only. Every answer was the same from all.',
    '',
    table(['question', ours.name, ...rivals.flatMap(({ name }) => [name, `${name} / ${ours.name}`])], rows),
  ].join('\n')
}

function machine({ events, days, runs, seed }: Options): string {
  const cores = cpus()
  const date = new Date().toISOString().slice(0, 10)
  const last = new Date(FIRST_DAY + (days - 1) * DAY_MS).toISOString().slice(0, 10)
  return [
    `${date}; ${cores.length} x ${cores[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${process.platform} ${release()}, Node ${process.versions.node}.`,
    `${events} events over ${days} days (to ${last}), seed ${seed}, ${runs} rounds.`,
  ].join('\n')
}

function timeText(times: readonly number[]): string {
  const once = times.length === 1 ? '*' : ` (${round(Math.min(...times))})`
  return round(medianOf(times)) + once
}

function round(ms: number): string {
  return ms < 100 ? ms.toFixed(1) : ms.toFixed(0)
}

function medianOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

const options = readOptions()
const folder = mkdtempSync(join(tmpdir(), 'skerry-bench-'))
const clean = (): void => rmSync(folder, { recursive: true, force: true })
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clean()
    process.exit(1)
  })
}
try {
  await race(options, folder)
} finally {
  clean()
}
