import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Child, startChild, temporaryFolder } from '../support/child.ts'
import { type Metrics, readOpenMetrics } from '../support/openmetrics.ts'
import { startRedis } from '../support/redis-server.ts'
import { ADMIN_KEY } from '../support/server.ts'

const skerry = fileURLToPath(new URL('../../bin/skerry.js', import.meta.url))
const headers = { Authorization: `Key ${ADMIN_KEY}` }

interface Running {
  readonly child: Child
  readonly url: string
}

async function start(settings: NodeJS.ProcessEnv): Promise<Running> {
  const child = startChild(process.execPath, [skerry], {
    ...{ PORT: '0', HOST: '127.0.0.1', SKERRY_KEY: ADMIN_KEY, REDIS_URL: '', DEBUG: '' },
    ...settings,
  })
  const [, url = ''] = await child.until(/listens on (\S+)/)
  return { child, url }
}

async function send({ url }: Running, times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    expect((await fetch(`${url}/pageviews`, { method: 'POST', headers, body: '{"page":"/"}' })).status).toBe(
      201,
    )
}

async function scrape({ url }: Running): Promise<Metrics> {
  return readOpenMetrics(await (await fetch(`${url}/metrics`, { headers })).text())
}

const accepted = (metrics: Metrics): number | undefined =>
  metrics.get('skerry_beacons_total{collection="pageviews",outcome="accepted"}')

describe('processes that share a store', () => {
  test('count together, whichever is asked, also what those counted that have ended since', async () => {
    const folder = await temporaryFolder()
    const settings = { SKERRY_DATA: folder.path }
    const [one, other] = [await start(settings), await start(settings)]
    await send(one, 3)
    await send(other, 4)
    expect(accepted(await scrape(one))).toBe(3)
    expect(accepted(await scrape(other))).toBe(7)
    const both = await scrape(one)
    expect(accepted(both)).toBe(7)
    const memories = [...both].filter(([name]) => name.startsWith('process_resident_memory_bytes{'))
    expect(memories).toHaveLength(2)
    expect(memories.every(([, bytes]) => bytes > 20e6 && bytes < 1e9)).toBe(true)

    await send(one, 5)
    await one.child.stop()
    expect(accepted(await scrape(other))).toBe(12)
    await other.child.stop()
    const third = await start(settings)
    expect(accepted(await scrape(third))).toBe(12)
    await third.child.stop()
    await folder.remove()
  })

  test('keep nothing on disk with Redis, and say so while it is away', async () => {
    const folder = await temporaryFolder()
    const redis = await startRedis()
    const one = await start({ SKERRY_DATA: folder.path, REDIS_URL: redis.url })
    await send(one, 2)
    expect(accepted(await scrape(one))).toBe(2)
    redis.child.signal('SIGSTOP')
    const away = await scrape(one)
    expect([away.get('skerry_store_up'), accepted(away)]).toEqual([0, undefined])
    redis.child.signal('SIGCONT')
    await expect.poll(async () => accepted(await scrape(one)), { timeout: 10_000 }).toBe(2)
    expect(readdirSync(folder.path)).toEqual([])
    await one.child.stop()
    await redis.stop()
    await folder.remove()
  })
})

describe('a line for each request', () => {
  test('has what was asked of which route and how it went, and nothing of who asked or what', async () => {
    const folder = await temporaryFolder()
    const one = await start({ SKERRY_DATA: folder.path, DEBUG: 'skerry:request', TRUST_PROXY: '1' })
    const [, write = ''] = await one.child.until(/write key of pageviews \(public\): (\S+)/)
    const before = one.child.output().length
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await fetch(`${one.url}/pageviews?key=${write}&tag=secretquery`, {
      method: 'POST',
      headers: {
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
        'X-Forwarded-For': '203.0.113.77',
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      },
      body: '{"page":"/secretpage","referrer":"https://secretreferrer.example/"}',
    })
    for (const d of ['pageviews', 'secretsite'])
      await fetch(`${one.url}/api/event`, {
        method: 'POST',
        headers: { 'User-Agent': 'Mozilla/5.0 Firefox/150.0', 'X-Forwarded-For': '203.0.113.77' },
        body: JSON.stringify({ n: 'pageview', u: 'https://secrethost.example/secretpage', d }),
      })
    await fetch(`${one.url}/pageviews/page/secretvalue/count`, { headers })
    await one.child.until(/"route":"\/:collection\/:attribute\/:value\/count"/)
    const text = one.child.output().slice(before)
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { level: 'debug', event: 'request', route: '/:collection', method: 'POST', status: 201, trace },
      { route: '/api/event', status: 202, collection: 'pageviews' },
      { route: '/api/event', status: 202, code: 'unknown_collection' },
      { event: 'request', method: 'GET', status: 200, collection: 'pageviews', ms: expect.any(Number) },
    ])
    expect(text).not.toMatch(/secret|203\.0\.113|127\.0\.0\.1|Firefox|skw_|an-admin-key/)
    await one.child.stop()
    await folder.remove()
  })
})
