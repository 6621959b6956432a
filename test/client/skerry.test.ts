import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Problem, type SkerryOptions, skerry } from '../../client/skerry.ts'
import { Client, type Site } from '../contract/client.ts'
import { shopDefinition, shopEvents } from '../contract/shop.ts'
import { freePort } from '../support/child.ts'
import { freshName } from '../support/event.ts'
import { overHttp } from '../support/in-process.ts'
import { ADMIN_KEY, type Server, startNode } from '../support/server.ts'

const march = { date_range: ['2026-03-02', '2026-03-09'] as const }

let server: Server
beforeAll(async () => {
  server = await startNode()
})
afterAll(() => server?.stop())

const admin = (more: Partial<SkerryOptions> = {}): ReturnType<typeof skerry> =>
  skerry({ url: server.url, key: ADMIN_KEY, ...more })

describe('the client', () => {
  let shop: Site
  const client = new Client(() => overHttp(server))
  beforeAll(async () => {
    shop = await client.makeSite(shopDefinition)
    await client.deliver(shop, shopEvents)
  })

  test('manages collections and keys', async () => {
    const { addKey, collection, collections, define, keys, remove, removeKey } = admin()
    const name = freshName('client')
    expect(await define(name, { timezone: 'Europe/Berlin' })).toMatchObject({
      name,
      timezone: 'Europe/Berlin',
    })
    expect(await collection(name)).toMatchObject({ name })
    expect((await collections()).map((one) => one.name)).toContain(name)
    const { id, key } = await addKey(name, 'read')
    expect(await keys(name)).toEqual([{ id, kind: 'read', created: expect.any(String) }])
    expect(await skerry({ url: server.url, key }).count(name)).toBe(0)
    await removeKey(name, id)
    await remove(name)
    await expect(collection(name)).rejects.toMatchObject({ status: 404, code: 'unknown_collection' })
  })

  test('asks', async () => {
    const reader = skerry({ url: `${server.url}/`, key: shop.read })
    expect(await reader.count(shop.name)).toBe(19)
    expect(await reader.countBy(shop.name, 'page', '/docs/x')).toBe(2)
    const { results } = await reader.query(shop.name, { metrics: ['visitors', 'bounces'], ...march })
    expect(results).toEqual([{ dimensions: [], metrics: [9, 4] }])
    const steps = [[['is', 'event:page', ['/pricing']]], [['is', 'event:goal', ['Purchase']]]]
    expect((await reader.funnel(shop.name, { steps, ...march })).results).toMatchObject([
      { step: 1 },
      { visits: 1 },
    ])
    expect((await reader.journeys(shop.name, { ...march, limit: 1 })).results).toHaveLength(1)
    const rows: string[] = []
    for await (const { name, time } of reader.events(shop.name, { from: '2026-03-03', to: '2026-03-03' }))
      rows.push(`${time.slice(11, 16)} ${name}`)
    expect(rows).toHaveLength(6)
    expect(rows[0]).toBe('08:05 pageview')
    for await (const row of reader.events(shop.name)) {
      expect(row.page).toBe('/')
      break
    }
  })

  test('collects and erases, and tells what is wrong', async () => {
    const own = admin()
    const name = freshName('client')
    await own.define(name, {})
    const sent = [
      { page: '/a' },
      { page: 5 as unknown as string },
      { name: 'signup', props: { plan: 'pro' } },
    ]
    expect(await own.collect(name, sent)).toMatchObject({ accepted: 2, refused: [], invalid: [{ index: 1 }] })
    expect(await own.collect(name, [{ page: 5 as unknown as string }])).toMatchObject({ accepted: 0 })
    expect(await own.erase(name, { filters: [['is', 'event:page', ['/a']]] })).toBe(1)
    expect(await own.count(name)).toBe(1)
    const failure = await own
      .query(name, { metrics: ['visitors'], date_range: 'soon' })
      .catch((error) => error)
    expect(failure).toBeInstanceOf(Problem)
    expect(failure).toMatchObject({
      status: 422,
      code: 'invalid_query',
      faults: [{ pointer: '/date_range', detail: expect.any(String) }],
    })
    await expect(skerry({ url: server.url, key: 'nobody' }).count(name)).rejects.toMatchObject({
      status: 401,
    })
    await expect(own.collect(name, [])).rejects.toMatchObject({ status: 422, code: 'invalid_event' })
  })
})

describe('where a request fails', () => {
  /** Sends for real; the first answers are lost on the way, or are somebody else's. */
  function lossy(...answers: (Response | 'lost')[]) {
    const urls: string[] = []
    const waits: number[] = []
    return {
      urls,
      waits,
      sleep: async (ms: number): Promise<void> => void waits.push(ms),
      async fetch(url: string, init: RequestInit): Promise<Response> {
        urls.push(url)
        const answer = answers.shift()
        if (answer instanceof Response) return answer
        const response = await fetch(url, init)
        if (answer === 'lost') throw new TypeError('connection reset')
        return response
      },
    }
  }

  test('events are sent again under the same ids, and count once', async () => {
    const name = freshName('client')
    await admin().define(name, {})
    const way = lossy('lost', 'lost')
    expect(await admin(way).collect(name, [{ page: '/' }, { page: '/', id: 'mine' }])).toMatchObject({
      accepted: 2,
    })
    expect([way.urls.length, way.waits.length]).toEqual([3, 2])
    expect(await admin().count(name)).toBe(2)
  })

  test('a server that is busy is asked later, not before it says', async () => {
    const name = freshName('client')
    await admin().define(name, {})
    const busy = (status: number, after: string): Response =>
      new Response('{}', { status, headers: { 'Retry-After': after } })
    const way = lossy(busy(503, '1'), busy(429, '3'), busy(502, 'soon'))
    expect(await admin(way).count(name)).toBe(0)
    expect(way.urls).toHaveLength(4)
    expect(way.waits[0]).toBeGreaterThanOrEqual(1000)
    expect(way.waits[1]).toBeGreaterThanOrEqual(3000)
    expect(way.waits[2]).toBeLessThanOrEqual(1500)
  })

  test('it gives up after so many attempts, and says why', async () => {
    const way = lossy('lost', 'lost', 'lost', 'lost', 'lost')
    await expect(admin({ ...way, attempts: 2 }).collections()).rejects.toThrow('connection reset')
    expect(way.urls).toHaveLength(2)
    const down = Array.from({ length: 4 }, () => new Response('<h1>down</h1>', { status: 503 }))
    const failure = await admin(lossy(...down))
      .collections()
      .catch((error) => error)
    expect(failure).toBeInstanceOf(Problem)
    expect(failure).toMatchObject({ status: 503, code: undefined })
    const nobody = skerry({ url: `http://127.0.0.1:${await freePort()}`, key: 'x', sleep: async () => {} })
    await expect(nobody.collections()).rejects.toThrow()
  })

  test('what would happen twice is sent once', async () => {
    const name = freshName('client')
    await admin().define(name, {})
    const way = lossy('lost')
    await expect(admin(way).addKey(name, 'read')).rejects.toThrow('connection reset')
    expect(way.urls).toHaveLength(1)
    expect(await admin().keys(name)).toHaveLength(1)
  })

  test('an answer that does not begin in time is not waited for', async () => {
    const slow = (_url: string, { signal }: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    await expect(admin({ fetch: slow, timeout: 20, attempts: 1 }).collections()).rejects.toThrow(/abort/i)
  })
})
