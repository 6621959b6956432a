import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { startRedis } from '../support/redis-server.ts'
import { ADMIN_KEY, type Server, startNode } from '../support/server.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { figure, isLong } from './scale.ts'
import { countOf, exportOf } from './traffic.ts'

const ZONE = 'Europe/Berlin'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** How long before its receipt an event may have happened; ms. */
const AGES = [0, 90 * MINUTE, 5 * HOUR, 23 * HOUR]

const headers = { Authorization: `Key ${ADMIN_KEY}`, 'User-Agent': 'Mozilla/5.0 Firefox/142.0' }

/** Where the clock is set to before each piece of load, UTC, and how long it runs on from there; ms. */
const settings: readonly (readonly [name: string, time: string, ms: number])[] = [
  ['an evening', '2026-03-28T21:30:00Z', 500],
  ['an hour back', '2026-03-28T20:30:00Z', 500],
  ['two hours on', '2026-03-28T22:30:00Z', 500],
  ['over midnight', '2026-03-28T22:59:59Z', 2500],
  ['back over midnight', '2026-03-28T22:10:00Z', 500],
  ['into summer time', '2026-03-29T00:59:59Z', 2500],
  ['back into winter time', '2026-03-29T00:20:00Z', 500],
  ['out of summer time', '2026-10-25T00:59:59Z', 2500],
  ['the hour that comes twice', '2026-10-25T01:30:00Z', 500],
  ['the first of the two again', '2026-10-25T00:30:00Z', 500],
  ['a day on', '2026-10-26T11:00:00Z', 500],
  ['a day back', '2026-10-25T12:00:00Z', 500],
]

/** An event, and the earliest and latest time that is right for it; ms since 1970. */
interface SentEvent {
  readonly id: string
  readonly age: number
  readonly from: number
  readonly to: number
}

/** Sends one event after another for so long, of several ages. */
async function sendFor(ms: number, url: string, clock: FakeClock, name: string): Promise<SentEvent[]> {
  const sent: SentEvent[] = []
  const end = performance.now() + ms
  while (performance.now() < end) {
    const [id, age] = [`${name} ${sent.length}`, AGES[sent.length % AGES.length] ?? 0]
    const from = clock.now() - age
    await collect(url, id, age)
    // A clock that is read between two of its ticks may be one behind.
    sent.push({ id, age, from: from - 1, to: clock.now() - age + 1 })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return sent
}

async function collect(url: string, id: string, age: number): Promise<void> {
  const body = JSON.stringify({ id, title: id, page: '/', age })
  const response = await fetch(`${url}/pageviews`, { method: 'POST', headers, body })
  expect(response.status, await response.text()).toBe(201)
}

/** A label as a report has it, of a time in the collection's zone. */
function labelOf(time: string, unit: 'day' | 'hour'): string {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'medium' })
  const [day = '', clock = ''] = local.format(new Date(time)).split(' ')
  return unit === 'day' ? day : `${day} ${clock.slice(0, 2)}:00:00`
}

/** Numbers by label: pageviews, and visitors where those of days are asked. */
async function reportOf(url: string, unit: 'day' | 'hour', dates: readonly string[]): Promise<unknown> {
  const body = JSON.stringify({
    metrics: unit === 'day' ? ['pageviews', 'visitors'] : ['pageviews'],
    dimensions: [`time:${unit}`],
    date_range: dates,
  })
  const response = await fetch(`${url}/pageviews/query`, { method: 'POST', headers, body })
  const { results } = (await response.json()) as {
    results: readonly { dimensions: readonly [string]; metrics: readonly number[] }[]
  }
  return Object.fromEntries(results.map(({ dimensions, metrics }) => [dimensions[0], metrics]))
}

/** Expects every event once, at its time, and reports that have it there. */
async function expectPlaced(url: string, sent: readonly SentEvent[]): Promise<void> {
  const kept = await exportOf(url)
  // A sealed day keeps ids no longer than retries may come, but titles.
  expect(kept.map(({ title }) => title).toSorted()).toEqual(sent.map(({ id }) => id).toSorted())
  expect(await countOf(url)).toBe(sent.length)
  const times = new Map(kept.map(({ title, time }) => [title, Date.parse(time)]))
  const misplaced = sent.filter(({ id, from, to }) => !isBetween(times.get(id), from, to))
  expect(misplaced.map((one) => [one, times.get(one.id)])).toEqual([])
  for (const dates of [
    ['2026-03-26', '2026-03-30'],
    ['2026-10-23', '2026-10-27'],
  ]) {
    const inside = kept.filter(({ time }) => time.slice(0, 7) === dates[0]?.slice(0, 7))
    for (const unit of ['day', 'hour'] as const) {
      const counts = new Map<string, number>()
      for (const { time } of inside)
        counts.set(labelOf(time, unit), 1 + (counts.get(labelOf(time, unit)) ?? 0))
      // One browser: each day has one visitor, however the clock went to and fro.
      const expected = [...counts].map(([label, n]) => [label, unit === 'day' ? [n, 1] : [n]])
      expect(await reportOf(url, unit, dates)).toEqual(Object.fromEntries(expected))
    }
  }
}

function isBetween(time: number | undefined, from: number, to: number): boolean {
  return time !== undefined && time >= from && time <= to
}

async function useZone(url: string): Promise<void> {
  const path = `${url}/api/collections/pageviews`
  const { status } = await fetch(path, { method: 'PUT', headers, body: JSON.stringify({ timezone: ZONE }) })
  expect(status).toBeLessThan(300)
}

/** A server whose clock is set. */
async function startWith(clock: FakeClock, env: NodeJS.ProcessEnv): Promise<Server & { folder: Folder }> {
  const server = await startNode({ ...clock.env, ...env })
  await useZone(server.url)
  return server
}

const timeOf = (i: number): number => Date.parse(settings[i]?.[1] ?? '')

async function jumpAround(store: string, server: Server, clock: FakeClock): Promise<void> {
  const sent: SentEvent[] = []
  let repeats = 0
  for (const [i, [name, , ms]] of settings.entries()) {
    clock.set(timeOf(i))
    // What went wrong for a client just before is sent again just after: within two days the first holds.
    const again = i > 0 && Math.abs(timeOf(i) - timeOf(i - 1)) < 48 * HOUR ? sent.slice(-10) : []
    for (const { id, age } of again) await collect(server.url, id, age)
    repeats += again.length
    sent.push(...(await sendFor(ms, server.url, clock, name)))
  }
  await expectPlaced(server.url, sent)
  if (isLong) sent.push(...(await lateForSealedDays(server.url, clock, sent)))
  figure(`clock, ${store}`, {
    ...{ settings: settings.length, events: sent.length, 'sent again': repeats },
    ...{ lost: 0, doubled: 0, misplaced: 0 },
  })
}

/** The clock runs ahead until days are sealed, and goes back into one of them. */
async function lateForSealedDays(
  url: string,
  clock: FakeClock,
  sent: readonly SentEvent[],
): Promise<SentEvent[]> {
  clock.set(Date.parse('2026-10-26T12:00:00Z'))
  // Servers seal once a minute.
  await new Promise((resolve) => setTimeout(resolve, 65_000))
  await expectPlaced(url, sent)
  clock.set(Date.parse('2026-10-25T13:00:00Z'))
  const late = await sendFor(1000, url, clock, 'late')
  await expectPlaced(url, [...sent, ...late])
  return late
}

describe.concurrent('a clock that is set to and fro: nothing is lost, doubled or misplaced', () => {
  const timeout = isLong ? 180_000 : 60_000

  test('SQLite', { timeout }, async ({ onTestFinished }) => {
    const folder = await temporaryFolder()
    const clock = createFakeClock(folder.path, timeOf(0))
    const server = await startWith(clock, {})
    onTestFinished(() => server.stop().then(folder.remove))
    await jumpAround('SQLite', server, clock)
  })

  test('Redis', { timeout }, async ({ onTestFinished }) => {
    const folder = await temporaryFolder()
    const redis = await startRedis()
    const clock = createFakeClock(folder.path, timeOf(0))
    const server = await startWith(clock, { REDIS_URL: redis.url })
    onTestFinished(() => server.stop().then(redis.stop).then(folder.remove))
    await jumpAround('Redis', server, clock)
  })

  test('a server whose clock went back tells at once that it is not ready', { timeout }, async ({
    onTestFinished,
  }) => {
    const folder = await temporaryFolder()
    const clock = createFakeClock(folder.path, timeOf(0))
    const server = await startWith(clock, {})
    onTestFinished(() => server.stop().then(folder.remove))
    const ready = async (): Promise<number> => (await fetch(`${server.url}/health/ready`)).status
    expect(await ready()).toBe(200)
    clock.set(timeOf(0) - HOUR)
    const other = new DatabaseSync(join(server.folder.path, 'skerry.db'))
    other.exec('BEGIN IMMEDIATE')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await ready()).toBe(503)
    other.close()
  })
})
