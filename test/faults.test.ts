import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { upstash } from '../adapters/store/upstash.ts'
import { upstashRest } from '../adapters/store/upstash-rest.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Subject } from './contract/app.ts'
import { type Folder, temporaryFolder } from './support/child.ts'
import { freshName } from './support/event.ts'
import { inProcess, overHttp } from './support/in-process.ts'
import { type RedisServer, startRedis } from './support/redis-server.ts'
import { ADMIN_KEY, startNode } from './support/server.ts'
import { startGateway, type UpstashGateway } from './support/upstash-gateway.ts'

const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** A collection of its own in a running program, and what one does with it. */
async function collectionIn(subject: Subject) {
  const name = freshName('fault')
  await subject.fetch(`/api/collections/${name}`, { method: 'PUT', headers, body: '{}' })
  return {
    name,
    send: (id: string): Promise<Response> =>
      subject.fetch(`/${name}`, { method: 'POST', headers, body: JSON.stringify({ id, page: '/' }) }),
    count: async (): Promise<unknown> => {
      const response = await subject.fetch(`/${name}/count`, { headers })
      return response.status === 200 ? ((await response.json()) as { count: number }).count : response.status
    },
  }
}

/** Status, code and Retry-After of an answer, and that it came within 3 s. */
async function timed(promise: Promise<Response>): Promise<readonly unknown[]> {
  const start = performance.now()
  const response = await promise
  expect(performance.now() - start).toBeLessThan(3000)
  const text = await response.text()
  return [
    response.status,
    text && (JSON.parse(text) as { code: string }).code,
    response.headers.get('Retry-After'),
  ]
}

const UNAVAILABLE = [503, 'unavailable', '1']

/** Tries until something holds; fails after 5 s, the time within which writes must work again. */
async function within5s(holds: () => Promise<boolean>): Promise<void> {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > 5000) throw new Error('not within 5 s')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('Redis', () => {
  let redis: RedisServer
  let subject: Subject

  beforeAll(async () => {
    redis = await startRedis()
    subject = await inProcess(redisStore(ioredis(redis.url)))
  })
  afterAll(async () => {
    await subject.stop()
    await redis.stop()
  })

  test('a write the server refuses is no acknowledgement', async () => {
    const { send, count } = await collectionIn(subject)
    const direct = new Redis(redis.url)
    await direct.config('SET', 'maxmemory', '1')
    expect(await timed(send('a'))).toEqual(UNAVAILABLE)
    await direct.config('SET', 'maxmemory', '0')
    expect((await send('a')).status).toBe(201)
    expect(await count()).toBe(1)
    direct.disconnect()
  })

  test('a beacon is one command, a refused one none', async () => {
    const direct = new Redis(redis.url)
    const { send, name } = await collectionIn(subject)
    await send('warm')
    const spent = await spending(direct, async () => {
      for (let i = 0; i < 20; i++) await send(`s${i}`)
    })
    expect(spent).toEqual({ rpush: 20 })
    const together = await spending(direct, () =>
      Promise.all(Array.from({ length: 50 }, (_, i) => send(`p${i}`))),
    )
    expect(Object.keys(together)).toEqual(['rpush'])
    expect(together.rpush).toBeLessThanOrEqual(10)
    const refused = await spending(direct, async () => {
      for (const key of ['', 'Key x', `Key skw_${'x'.repeat(40)}`]) {
        await subject.fetch(`/${name}`, {
          method: 'POST',
          headers: { Authorization: key },
          body: '{"page":"/"}',
        })
      }
      await subject.fetch(`/${name}`, { method: 'POST', headers, body: '{"page":5}' })
      await subject.fetch(`/${name}`, { method: 'POST', headers, body: 'x' })
    })
    expect(refused).toEqual({})
    direct.disconnect()
  })
})

/** Commands that a piece of work cost, by name: inner ones of scripts are counted too. */
async function spending(redis: Redis, work: () => Promise<unknown>): Promise<Record<string, number>> {
  await redis.config('RESETSTAT')
  await work()
  const stats = [...(await redis.info('commandstats')).matchAll(/cmdstat_(\S+?):calls=(\d+)/g)]
  const own = new Set(['config|resetstat', 'info'])
  return Object.fromEntries(
    stats.filter(([, name = '']) => !own.has(name)).map(([, name, calls]) => [name, Number(calls)]),
  )
}

for (const [driver, open] of Object.entries({ '@upstash/redis': upstash, fetch: upstashRest }))
  describe(`Upstash by ${driver} (our gateway: no key locking, no replicas)`, () => {
    let gateway: UpstashGateway
    let subject: Subject
    beforeAll(async () => {
      gateway = await startGateway(inject('redisUrl'))
      subject = await inProcess(redisStore(open(gateway)))
    })
    afterAll(async () => {
      await subject.stop()
      await gateway.stop()
    })

    for (const fault of ['drop', '429', '500', 'slow', 'cut'] as const) {
      test(`${fault}: one request, 503 in time, and the retry counts once`, async () => {
        const { send, count } = await collectionIn(subject)
        const before = gateway.requests()
        gateway.fail(fault, 1)
        expect(await timed(send('a'))).toEqual(UNAVAILABLE)
        expect(gateway.requests() - before).toBe(1)
        expect((await send('a')).status).toBe(201)
        expect(await count()).toBe(1)
      })
    }

    test('its maker is told nothing, and no sync token travels', async () => {
      const { send } = await collectionIn(subject)
      await send('a')
      const names = Object.keys(gateway.lastHeaders())
      expect(
        names.filter((name) => name.startsWith('upstash-telemetry') || name === 'upstash-sync-token'),
      ).toEqual([])
    })

    test('an error of its own never carries what a visitor sent', async () => {
      const port = open(gateway)
      const failing = port.send(['RPUSH', 'skerry:documents:collection', 'me@visitor.example'])
      await expect(failing).rejects.toThrow(/WRONGTYPE/)
      await expect(failing).rejects.not.toThrow(/visitor/)
    })

    test('a beacon is one command', async () => {
      const direct = new Redis(inject('redisUrl'))
      const { send } = await collectionIn(subject)
      await send('warm')
      const before = gateway.requests()
      for (let i = 0; i < 5; i++) await send(`s${i}`)
      expect(gateway.requests() - before).toBe(5)
      direct.disconnect()
    })
  })

describe('SQLite', () => {
  let folder: Folder
  let subject: Subject
  beforeAll(async () => {
    folder = await temporaryFolder()
    subject = await inProcess(sqlStore(sqlite(folder.path)))
  })
  afterAll(async () => {
    await subject.stop()
    await folder.remove()
  })

  test('a lock that another process holds: 503 in time, never 500, and it works again', async () => {
    const { send, count } = await collectionIn(subject)
    const other = new DatabaseSync(`${folder.path}/skerry.db`)
    other.exec('BEGIN IMMEDIATE')
    expect(await timed(send('a'))).toEqual(UNAVAILABLE)
    expect(await count()).toBe(0)
    other.exec('ROLLBACK')
    expect((await send('a')).status).toBe(201)
    expect(await count()).toBe(1)
    other.close()
  })
})

describe('a server that starts before its store', () => {
  test('is live but not ready, answers 503, and works within 5 s of the store’s coming', async () => {
    const { port } = await startRedis().then(async (redis) => {
      await redis.stop()
      return redis
    })
    const server = await startNode({ REDIS_URL: `redis://127.0.0.1:${port}` })
    const subject = overHttp(server)
    expect((await subject.fetch('/health/live')).status).toBe(200)
    expect((await timed(subject.fetch('/health/ready')))[0]).toBe(503)
    expect(
      await timed(subject.fetch('/pageviews', { method: 'POST', headers, body: '{"page":"/"}' })),
    ).toEqual(UNAVAILABLE)
    const redis = await startRedis({ port })
    const send = (): Promise<Response> =>
      subject.fetch('/pageviews', { method: 'POST', headers, body: '{"page":"/"}' })
    await within5s(async () => (await send()).status === 201)
    await within5s(async () => (await subject.fetch('/health/ready')).status === 200)
    await subject.stop()
    await redis.stop()
  }, 40_000)
})
