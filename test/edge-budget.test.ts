import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { upstash } from '../adapters/store/upstash.ts'
import { readQuery } from '../src/asking/query-reader.ts'
import type { Collection } from '../src/collection.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { definition, event } from './support/event.ts'
import { journalOptions } from './support/journal.ts'
import { startGateway, type UpstashGateway } from './support/upstash-gateway.ts'

/** A hosted Redis bills each command and each byte: what a question costs an isolate that knows nothing yet. */

const DAY = 86_400_000
const FIRST = Date.UTC(2026, 2, 1)
const DAYS = 10
const EVENTS = 3000
const own = definition({ attributes: [], goals: [] })
let gateway: UpstashGateway
let redis: Redis

const isolate = (): Collection => {
  const store = redisStore(upstash(gateway))
  const now = (): number => FIRST + (DAYS + 5) * DAY
  return journalCollection(own, { ...journalOptions(store, { now, sealAt: 1 }), store })
}

beforeAll(async () => {
  redis = new Redis(inject('redisUrl'))
  gateway = await startGateway(inject('redisUrl'))
  const writer = isolate()
  for (let day = 0; day < DAYS; day++) {
    const events = Array.from({ length: EVENTS }, (_, i) =>
      event({
        time: FIRST + day * DAY + i * 20_000,
        received: FIRST + day * DAY,
        visitor: (i % 700).toString(16).padStart(16, '0'),
        page: `/page/${i % 97}`,
        hostname: 'site.example',
        country: ['DE', 'FR', 'US'][i % 3] ?? '',
        browser: ['Firefox', 'Chrome'][i % 2] ?? '',
        source: `source ${i % 40}`,
        city: `city ${i % 311}`,
        title: `A title of page ${i % 97}`,
      }),
    )
    await writer.add(events)
  }
  await writer.seal()
}, 60_000)

afterAll(async () => {
  await gateway.stop()
  redis.disconnect()
})

interface Cost {
  readonly commands: Readonly<Record<string, number>>
  readonly requests: number
  /** Bytes that the server sent. */
  readonly bytes: number
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  await redis.config('RESETSTAT')
  const [requests, sent] = [gateway.requests(), await bytesSent()]
  await work()
  const bytes = (await bytesSent()) - sent
  const stats = await redis.info('commandstats')
  const commands = Object.fromEntries(
    [...stats.matchAll(/cmdstat_([a-z]+)(?:\|\w+)?:calls=(\d+)/g)]
      .map(([, name = '', calls]) => [name, Number(calls)] as const)
      .filter(([name]) => !['config', 'info'].includes(name)),
  )
  return { commands, requests: gateway.requests() - requests, bytes }
}

async function bytesSent(): Promise<number> {
  return Number(/total_net_output_bytes:(\d+)/.exec(await redis.info('stats'))?.[1])
}

async function bytesKept(): Promise<number> {
  const keys = await redis.keys(`skerry:{${own.name}}:part:*`)
  const sizes = await Promise.all(keys.map((key) => redis.strlen(key)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

const ask = (question: Readonly<Record<string, unknown>>) => async (): Promise<unknown> => {
  const range = ['2026-03-01', '2026-03-10']
  const { results } = await isolate().query(readQuery({ date_range: range, ...question }, own))
  return results
}

test('a question without filters reads one command and the summaries of its dimension', async () => {
  const cost = await costOf(ask({ metrics: ['visitors', 'pageviews'], dimensions: ['visit:source'] }))
  expect(cost.requests).toBeLessThanOrEqual(3)
  expect(cost.commands.mget).toBe(1)
  expect(cost.bytes).toBeLessThan((await bytesKept()) * 0.06)
})

test('a question with filters reads one command and the columns that it names', async () => {
  const filters = [
    ['is', 'visit:country', ['DE']],
    ['is', 'visit:browser', ['Firefox']],
  ]
  const cost = await costOf(ask({ metrics: ['visitors', 'visits'], dimensions: ['event:page'], filters }))
  expect(cost.requests).toBeLessThanOrEqual(3)
  expect(cost.commands.mget).toBe(1)
  expect(cost.bytes).toBeLessThan((await bytesKept()) * 0.4)
})

test('a count reads no column at all', async () => {
  const cost = await costOf(async () => expect(await isolate().count()).toBe(DAYS * EVENTS))
  expect(cost.requests).toBeLessThanOrEqual(2)
  expect(cost.commands.mget).toBeUndefined()
  expect(cost.bytes).toBeLessThan(5000)
})

test('a count by value reads one command and the dictionaries of its column', async () => {
  const cost = await costOf(async () =>
    expect(await isolate().countBy('page', '/page/1')).toBe(DAYS * Math.ceil((EVENTS - 1) / 97)),
  )
  expect(cost.commands.mget).toBe(1)
  expect(cost.bytes).toBeLessThan((await bytesKept()) * 0.1)
})
