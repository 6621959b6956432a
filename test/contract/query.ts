import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from './app.ts'
import { badQueries } from './bad-query.ts'
import { Client, type Json, type Rows, rowsOf, type Site } from './client.ts'
import { exportsAndErasure } from './events.ts'
import { foreignQuestions } from './foreign-questions.ts'
import { pathsOfTheShop } from './paths.ts'
import { days, earlierEvents, shopDefinition, shopEvents } from './shop.ts'
import {
  dimensionsOfTheShop,
  filtersOfTheShop,
  metricsOfTheShop,
  rowsInOrder,
  timeOfTheShop,
} from './shop-answers.ts'
import {
  clocksThatChange,
  oddNamesAndCents,
  pagesThatSend,
  rangesUpToNow,
  sources,
  visits,
} from './visits.ts'

/** What a question must answer (docs/query.md), the same on every runtime and store. All numbers are by hand. */
export function queryContract(name: string, start: () => Promise<Subject>): void {
  describe(`query: ${name}`, () => {
    let subject: Subject
    let shop: Site
    const client = new Client(() => subject)
    beforeAll(async () => {
      subject = await start()
      shop = await client.makeSite(shopDefinition)
      await client.deliver(shop, shopEvents.slice(0, 12), 'lines')
      await client.deliver(shop, [...shopEvents.slice(12), ...earlierEvents])
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    /** The rows of the shop's answer, over its days of March unless said otherwise. */
    const table = (query: Json): Promise<Rows> => client.table(shop, { date_range: days.march, ...query })

    whoMayAsk(client, () => shop)
    metricsOfTheShop(table)
    dimensionsOfTheShop(table)
    filtersOfTheShop(table)
    rowsInOrder(client, () => shop, table)
    timeOfTheShop(client, () => shop, table)
    whatIsTold(client, () => shop)
    pathsOfTheShop(client, () => shop)
    visits(client)
    clocksThatChange(client)
    oddNamesAndCents(client)
    rangesUpToNow(client)
    pagesThatSend(client)
    sources(client)
    definitions(client)
    description(client)
    badQueries(client, () => shop)
    exportsAndErasure(client)
    foreignQuestions(client, () => shop)

    describe('counts', () => {
      test.each([
        ['/count', 22],
        ['/page/%2F/count', 4],
        [`/page/${encodeURIComponent('https://blog.shop.example/blog/b')}/count`, 3],
        ['/tier/gold/count', 1],
        ['/country/DE/count', 9],
        ['/country/XX/count', 0],
      ])('%s is still %i after all that, without engagements', async (path, expected) => {
        expect(await client.count(shop, path)).toBe(expected)
      })
    })
  })
}

function whoMayAsk(client: Client, shop: () => Site): void {
  describe('a question', () => {
    const query = { metrics: ['visitors', 'events'], dimensions: ['visit:country'], date_range: days.march }
    const inUrl = (text: string): string => `/${shop().name}/query?q=${encodeURIComponent(text)}`

    test('is the same by POST and in the URL, with a read key and with an admin key', async () => {
      const posted = await client.ask(shop(), query)
      expect(rowsOf(posted)).toHaveLength(5)
      expect(await client.ask(shop(), query, client.adminKey)).toEqual(posted)
      for (const key of [shop().read, client.adminKey]) {
        const response = await client.call(inUrl(JSON.stringify(query)), { headers: client.as(key) })
        expect([response.status, await response.json()]).toEqual([200, posted])
      }
    })

    test('is refused without its key: 401, 403, 404 and only then what is wrong with it', async () => {
      const statuses = async (to: { name: string }, key?: string): Promise<readonly number[]> => {
        const headers = key === undefined ? {} : client.as(key)
        const path = `/${to.name}/query`
        const responses = await Promise.all([
          client.call(path, { method: 'POST', headers, body: JSON.stringify(query) }),
          client.call(path, { method: 'POST', headers, body: 'not JSON' }),
          client.call(`${path}?q=${encodeURIComponent(JSON.stringify(query))}`, { headers }),
        ])
        return responses.map(({ status }) => status)
      }
      const other = await client.makeSite()
      expect(await statuses(shop())).toEqual([401, 401, 401])
      expect(await statuses(shop(), 'unknown')).toEqual([401, 401, 401])
      for (const key of [shop().write, shop().server, other.read]) {
        expect(await statuses(shop(), key)).toEqual([403, 403, 403])
      }
      expect(await statuses({ name: 'no-such' }, shop().read)).toEqual([403, 403, 403])
      expect(await statuses({ name: 'no-such' }, client.adminKey)).toEqual([404, 404, 404])
      const url = `${inUrl(JSON.stringify(query))}&key=${shop().read}`
      expect(await client.problem(await client.call(url))).toMatchObject({ status: 400, code: 'key_in_url' })
    })

    test('is answered privately, with its time; HEAD as GET; other methods 405', async () => {
      const headers = client.as(shop().read)
      const response = await client.post(shop(), JSON.stringify(query), shop().read)
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(response.headers.get('X-Response-Time')).toMatch(/^\d+(\.\d+)?ms$/)
      expect(response.headers.get('Server-Timing')).toMatch(/;dur=/)
      const head = await client.call(inUrl(JSON.stringify(query)), { method: 'HEAD', headers })
      expect([head.status, await head.text()]).toEqual([200, ''])
      const put = await client.call(`/${shop().name}/query`, { method: 'PUT', headers, body: '{}' })
      expect(put.status).toBe(405)
      expect(put.headers.get('Allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
    })
  })
}

function whatIsTold(client: Client, shop: () => Site): void {
  describe('an answer tells', () => {
    test('how each metric was found, what a visitor means, and that nothing was erased', async () => {
      const metrics = ['visitors', 'events', 'bounce_rate']
      const { meta } = await client.ask(shop(), { metrics, date_range: days.march })
      const exact = { method: 'exact' }
      expect(meta.metrics).toEqual({ visitors: exact, events: exact, bounce_rate: exact })
      expect(meta.visitors).toEqual(expect.stringMatching(/./))
      expect(meta.erased).toEqual([])
    })

    test('what part of the range has no data', async () => {
      const noData = async (...date_range: readonly string[]): Promise<string> =>
        JSON.stringify((await client.ask(shop(), { metrics: ['visitors'], date_range })).meta.no_data)
      expect(await noData('2026-03-02', '2026-03-04')).toBe('[]')
      const after = await noData('2026-03-09', '2026-03-11')
      for (const day of ['2026-03-10', '2026-03-11']) expect(after).toContain(day)
      expect(after).not.toContain('2026-03-09')
      const between = await noData('2026-03-04', '2026-03-09')
      for (const day of ['2026-03-05', '2026-03-08']) expect(between).toContain(day)
      for (const day of ['2026-03-04', '2026-03-09']) expect(between).not.toContain(day)
    })

    test('of several days that visitors are summed, of one day that they are not', async () => {
      const meaning = async (to: string): Promise<unknown> =>
        (await client.ask(shop(), { metrics: ['visitors'], date_range: ['2026-03-02', to] })).meta.visitors
      expect(await meaning('2026-03-03')).not.toEqual(await meaning('2026-03-02'))
    })

    test('what was asked', async () => {
      const asked = { metrics: ['visitors'], dimensions: ['country'], date_range: days.march }
      const { query } = await client.ask(shop(), asked)
      expect(query).toMatchObject({ metrics: ['visitors'], dimensions: ['visit:country'] })
      expect(query.date_range).toEqual([
        expect.stringMatching(/^2026-03-02/),
        expect.stringMatching(/^2026-03-09/),
      ])
    })
  })
}

function description(client: Client): void {
  test('the API describes itself to anybody, as OpenAPI and as a page', async () => {
    const openapi = await client.call('/api/openapi.json')
    expect([openapi.status, openapi.headers.get('Content-Type')]).toEqual([200, 'application/json'])
    expect(await openapi.json()).toMatchObject({ openapi: '3.1.0', paths: { '/{collection}/query': {} } })
    const page = await client.call('/api/docs')
    expect([page.status, page.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await page.text()).toContain('POST /{collection}/query')
  })
}

function definitions(client: Client): void {
  describe('definitions', () => {
    test('keep their goals and their retention', async () => {
      const goals = [
        { name: 'Buy', event: 'Purchase' },
        { name: 'Docs', page: '/docs/*' },
      ]
      const site = await client.makeSite({ goals, retention: 400 })
      const path = `/api/collections/${site.name}`
      const headers = client.as(client.adminKey)
      expect(await (await client.call(path, { headers })).json()).toMatchObject({ goals, retention: 400 })
    })

    test.each<readonly [what: string, settings: Json, pointer: string]>([
      ['a goal that is neither', { goals: [{ name: 'x' }] }, '/goals/0'],
      ['a goal without a name', { goals: [{ event: 'x' }] }, '/goals/0'],
      ['a goal that is no object', { goals: ['x'] }, '/goals/0'],
      ['goals that are no list', { goals: { name: 'x', event: 'y' } }, '/goals'],
      ['a retention of text', { retention: 'x' }, '/retention'],
      ['a retention of no days', { retention: -1 }, '/retention'],
      ['a retention of half days', { retention: 1.5 }, '/retention'],
    ])('refuse %s', async (_, settings, pointer) => {
      const site = await client.makeSite()
      const { status, code, pointers } = await client.problem(await client.put(site.name, settings))
      expect([status, code]).toEqual([422, 'invalid_definition'])
      expect(pointers).toEqual([expect.stringMatching(new RegExp(`^${pointer}`))])
    })

    test('with another goal answer by it, over everything there is', async () => {
      const site = await client.makeSite()
      await client.deliver(site, [{ page: '/thanks', time: '2025-06-01T10:00:00Z', visitor: 'a' }])
      const asked = {
        metrics: ['visitors', 'conversion_rate'],
        dimensions: ['event:goal'],
        date_range: 'all',
      }
      expect(await client.table(site, asked)).toEqual([])
      const changed = await client.put(site.name, { goals: [{ name: 'Thanked', page: '/than*' }] })
      expect(changed.status).toBe(200)
      expect(await client.table(site, asked)).toEqual([['Thanked', 1, 100]])
    })
  })
}
