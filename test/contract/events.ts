import { parquetReadObjects } from 'hyparquet'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Client, Json, Site } from './client.ts'

const CSV = 'text/csv'
const NDJSON = 'application/x-ndjson'
const PARQUET = 'application/vnd.apache.parquet'

/** Raw events out, and out for good. */
export function exportsAndErasure(client: Client): void {
  exportsOfEvents(client)
  erasureOfEvents(client)
}

/** The records of a CSV file, each by the names of the first line. */
function readCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const records: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '') break
    if (end !== ',') records.push([])
  }
  const [names = [], ...rest] = records
  return rest
    .filter((cells) => cells.length > 1)
    .map((cells) => {
      expect(cells).toHaveLength(names.length)
      return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']))
    })
}

function exportsOfEvents(client: Client): void {
  describe('GET /:collection/events', () => {
    const who = { visitor: 'the-visitor', address: '203.0.113.77', agent: 'Mozilla/5.0 (TheAgent)' }
    const sent: readonly Json[] = [
      { id: 'c', time: '2026-03-03T08:00:00Z', page: 'https://shop.example/c', country: 'FR', ...who },
      { id: 'a', time: '2026-03-02T22:59:59Z', page: 'https://shop.example/a', country: 'DE', ...who },
      { id: 'd', time: '2026-03-03T22:59:59.999Z', page: '/d', country: 'DE', ...who },
      {
        ...{ id: 'b', time: '2026-03-02T23:00:00Z', name: 'Purchase', page: '/b', country: 'DE', ...who },
        ...{ revenue: { amount: '12.50', currency: 'EUR' }, props: { plan: 'pro', seats: 3 }, tier: 'gold' },
        ...{ title: 'Say "yes", please', browser: 'Firefox', source: 'Google', channel: 'Organic Search' },
      },
      { id: 'e', time: '2026-03-03T23:00:00Z', name: 'engagement', page: '/d', ms: 1500, depth: 40, ...who },
    ]
    let berlin: Site
    beforeAll(async () => {
      berlin = await client.makeSite({ timezone: 'Europe/Berlin', attributes: ['tier'] })
      await client.deliver(berlin, sent)
      await client.deliver(berlin, sent.slice(0, 2))
    })
    const ids = async (search: string): Promise<string> =>
      (await client.rows(berlin, search)).map(({ id }) => id).join('')

    test('gives each id once, in order of time, with all that is kept of it', async () => {
      const rows = await client.rows(berlin)
      expect(rows.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(rows[0]).toMatchObject({
        ...{ id: 'a', name: 'pageview', time: '2026-03-02T22:59:59.000Z' },
        ...{ page: '/a', hostname: 'shop.example', country: 'DE' },
      })
      expect(rows[1]).toMatchObject({
        ...{
          name: 'Purchase',
          time: '2026-03-02T23:00:00.000Z',
          page: '/b',
          tier: 'gold',
          title: 'Say "yes", please',
        },
        ...{ revenue: { amount: '12.50', currency: 'EUR' }, props: { plan: 'pro', seats: 3 } },
        ...{ browser: 'Firefox', source: 'Google', channel: 'Organic Search' },
      })
      expect(rows[4]).toMatchObject({ name: 'engagement', ms: 1500, depth: 40 })
    })

    const local = encodeURIComponent
    test.each([
      ['?from=2026-03-03&to=2026-03-03', 'bcd'],
      ['?from=2026-03-03', 'bcde'],
      ['?to=2026-03-03', 'abcd'],
      ['?to=2026-03-02', 'a'],
      ['?from=2026-03-02T23:00:00Z&to=2026-03-03T08:00:00Z', 'bc'],
      [`?from=${local('2026-03-03T00:00:00+01:00')}&to=${local('2026-03-03T09:00:00+01:00')}`, 'bc'],
      ['?from=2026-03-02T23:00:00.001Z&to=2026-03-03T07:59:59.999Z', ''],
      ['?from=2026-03-04&to=2026-03-04', 'e'],
      ['?from=2026-03-05', ''],
    ])('%s gives %j', async (search, expected) => {
      expect(await ids(search)).toBe(expected)
    })

    test.each<readonly [filters: unknown, expected: string]>([
      [[['is', 'visit:country', ['FR']]], 'c'],
      [[['is', 'event:page', ['/b', '/c']]], 'bc'],
      [[['is', 'event:props:plan', ['pro']]], 'b'],
      [
        [
          [
            'or',
            [
              ['is', 'event:page', ['/a']],
              ['matches', 'event:page', ['^/c']],
            ],
          ],
        ],
        'ac',
      ],
    ])('filters %j give %j', async (filters, expected) => {
      expect(await ids(`?filters=${encodeURIComponent(JSON.stringify(filters))}`)).toBe(expected)
    })

    test('filters and days together', async () => {
      const filters = encodeURIComponent(JSON.stringify([['is', 'event:page', ['/a', '/c']]]))
      expect(await ids(`?from=2026-03-03&filters=${filters}`)).toBe('c')
    })

    test.each([
      [NDJSON, NDJSON],
      ['*/*', NDJSON],
      [CSV, CSV],
      [PARQUET, PARQUET],
    ])('to those who accept %s is %s, private, the same to HEAD', async (accept, type) => {
      const response = await client.export(berlin, '', accept)
      expect(response.status).toBe(200)
      expect(response.headers.get('Content-Type')).toMatch(new RegExp(`^${type}\\b`))
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      await response.arrayBuffer()
      const headers = { ...client.as(berlin.read), Accept: accept }
      const head = await client.call(`/${berlin.name}/events`, { method: 'HEAD', headers })
      expect([head.status, await head.text()]).toEqual([200, ''])
    })

    test('as CSV has the same rows, quoted where they must be', async () => {
      const records = readCsv(await (await client.export(berlin, '', CSV)).text())
      expect(records.map(({ id, time, page }) => [id, time, page])).toEqual([
        ['a', '2026-03-02T22:59:59.000Z', '/a'],
        ['b', '2026-03-02T23:00:00.000Z', '/b'],
        ['c', '2026-03-03T08:00:00.000Z', '/c'],
        ['d', '2026-03-03T22:59:59.999Z', '/d'],
        ['e', '2026-03-03T23:00:00.000Z', '/d'],
      ])
      expect(records[1]).toMatchObject({
        name: 'Purchase',
        country: 'DE',
        title: 'Say "yes", please',
        tier: 'gold',
      })
      const filtered = await (await client.export(berlin, '?from=2026-03-04', CSV)).text()
      expect(readCsv(filtered).map(({ id }) => id)).toEqual(['e'])
    })

    test('as Parquet has the same rows between its magic bytes', async () => {
      const file = await (await client.export(berlin, '', PARQUET)).arrayBuffer()
      const text = (from: number, to?: number): string => new TextDecoder().decode(file.slice(from, to))
      expect([text(0, 4), text(-4)]).toEqual(['PAR1', 'PAR1'])
      const rows = (await parquetReadObjects({ file })) as Json[]
      expect(rows.map(({ id, page, country }) => [id, page, country ?? null])).toEqual([
        ['a', '/a', 'DE'],
        ['b', '/b', 'DE'],
        ['c', '/c', 'FR'],
        ['d', '/d', 'DE'],
        ['e', '/d', null],
      ])
      expect(rows.map(({ time }) => new Date(time as Date).toISOString()).slice(2, 4)).toEqual([
        '2026-03-03T08:00:00.000Z',
        '2026-03-03T22:59:59.999Z',
      ])
      const none = await (await client.export(berlin, '?from=2026-03-05', PARQUET)).arrayBuffer()
      expect(await parquetReadObjects({ file: none })).toEqual([])
    })

    test('never tells visitor, address or agent', async () => {
      const hidden = /the-visitor|203\.0\.113|TheAgent|Mozilla/
      const names = /visitor|address|agent|received/i
      const rows = await client.rows(berlin)
      for (const row of rows) expect(Object.keys(row).filter((name) => names.test(name))).toEqual([])
      const csv = await (await client.export(berlin, '', CSV)).text()
      expect(csv.split('\n')[0]).not.toMatch(names)
      const file = await (await client.export(berlin, '', PARQUET)).arrayBuffer()
      const read = await parquetReadObjects({ file })
      expect(Object.keys(read[0] ?? {}).filter((name) => names.test(name))).toEqual([])
      const told = [rows, csv, read].map((all) =>
        JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      )
      for (const all of told) expect(all).not.toMatch(hidden)
    })

    test('as CSV has no cell that could start a formula', async () => {
      const site = await client.makeSite({ attributes: ['tier'] })
      const hostile = ['=1+1', '+1', '-1+2', '@SUM(A1)', '=HYPERLINK("http://x.example","y")', ' =1']
      const events = hostile.map((text, i) => ({
        ...{ id: `${text}${i}`.slice(0, 64), time: '2026-03-02T10:00:00Z', page: '/' },
        ...{ name: text, title: text, source: text, campaign: text, tier: text, props: { [text]: text } },
        ...{ city: text, browser: text, term: text },
      }))
      await client.deliver(site, events)
      const records = readCsv(await (await client.export(site, '', CSV)).text())
      expect(records).toHaveLength(hostile.length)
      for (const record of records) {
        expect(Object.values(record).filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
      }
      const cities = records.map(({ city }) => city).join('\n')
      for (const text of hostile) expect(cities).toContain(text.trim())
    })

    test('is refused: 401, 403, 404, then 422', async () => {
      const status = async (key?: string, name = berlin.name, search = ''): Promise<number> => {
        const headers = key === undefined ? {} : client.as(key)
        return (await client.call(`/${name}/events${search}`, { headers })).status
      }
      expect(await status()).toBe(401)
      const other = await client.makeSite()
      for (const key of [berlin.write, berlin.server, other.read]) {
        expect([await status(key), await status(key, berlin.name, '?from=x')]).toEqual([403, 403])
      }
      expect(await status(client.adminKey)).toBe(200)
      expect(await status(client.adminKey, 'no-such')).toBe(404)
      expect(await status(berlin.read, 'no-such')).toBe(403)
    })

    test('with filters that are not JSON is 400', async () => {
      expect((await client.problem(await client.export(berlin, '?filters=x'))).status).toBe(400)
    })

    test.each([
      ['?from=yesterday'],
      ['?to=2026-02-30'],
      ['?filters={}'],
      [`?filters=${encodeURIComponent('[["is","visit:nope",["x"]]]')}`],
      [`?filters=${encodeURIComponent('[["like","event:page",["x"]]]')}`],
      [`?filters=${encodeURIComponent('[["matches","event:page",["("]]]')}`],
    ])('with %s is 422', async (search) => {
      const problem = await client.problem(await client.export(berlin, search))
      expect(problem).toMatchObject({ status: 422, code: 'invalid_query' })
    })
  })
}

function erasureOfEvents(client: Client): void {
  describe('DELETE /:collection/events', () => {
    const events: readonly Json[] = ['2026-03-02', '2026-03-03', '2026-03-04'].flatMap((day) =>
      [
        { page: '/a', country: 'DE', tier: 'gold' },
        { page: '/b', country: 'DE', tier: 'silver' },
        { page: '/c', country: 'FR', tier: 'gold' },
      ].map((fields, i) => ({
        ...{ id: `${day}-${i}`, time: `${day}T1${i}:00:00Z`, visitor: `v${i}`, ...fields },
      })),
    )
    const makeShop = async (): Promise<Site> => {
      const site = await client.makeSite({ attributes: ['tier'], groupBy: ['page', 'tier'] })
      await client.deliver(site, events)
      return site
    }
    const erased = async (site: Site, selection: unknown): Promise<unknown> => {
      const response = await client.erase(site, selection)
      return [response.status, await response.json()]
    }
    /** What is left, by every way of asking: count, counts by page and tier, a query, and the export. */
    const left = async (site: Site): Promise<unknown> => {
      const range = { date_range: ['2026-03-02', '2026-03-04'] }
      const asked = { metrics: ['pageviews'], dimensions: ['time:day', 'event:page'], ...range }
      const rows = await client.table(site, asked)
      const ids = (await client.rows(site)).map(({ id }) => String(id))
      expect(await client.count(site)).toBe(ids.length)
      expect(rows.map(([day, page, n]) => `${day}-${'/a/b/c'.indexOf(String(page)) / 2}:${n}`)).toEqual(
        ids.map((id) => `${id}:1`),
      )
      const counts = ['/page/%2Fa/count', '/page/%2Fb/count', '/tier/gold/count', '/tier/silver/count']
      return [ids.length, ...(await Promise.all(counts.map((path) => client.count(site, path))))]
    }

    test.each<readonly [selection: Json, erased: number, ...left: number[]]>([
      // left: all, /a, /b, gold, silver
      [{ filters: [['is', 'event:page', ['/a']]] }, 3, 6, 0, 3, 3, 3],
      [{ filters: [['is', 'visit:country', ['DE']]] }, 6, 3, 0, 0, 3, 0],
      [{ from: '2026-03-03', to: '2026-03-03' }, 3, 6, 2, 2, 4, 2],
      [{ from: '2026-03-03' }, 6, 3, 1, 1, 2, 1],
      [{ to: '2026-03-02' }, 3, 6, 2, 2, 4, 2],
      [{ from: '2026-03-02T11:00:00Z', to: '2026-03-02T12:00:00Z' }, 2, 7, 3, 2, 5, 2],
      [
        { filters: [['is', 'event:page', ['/a', '/b']]], from: '2026-03-04', to: '2026-03-04' },
        2,
        7,
        2,
        2,
        5,
        2,
      ],
      [{ filters: [['is', 'event:page', ['/nowhere']]] }, 0, 9, 3, 3, 6, 3],
    ])('%j erases %i', async (selection, n, ...expected) => {
      const site = await makeShop()
      expect(await left(site)).toEqual([9, 3, 3, 6, 3])
      expect(await erased(site, selection)).toEqual([200, { erased: n }])
      expect(await left(site)).toEqual(expected)
      expect(await erased(site, selection)).toEqual([200, { erased: 0 }])
    })

    test('keeps what it erased from coming back with a retry, and takes new events of that day', async () => {
      const site = await makeShop()
      expect(await erased(site, { from: '2026-03-03', to: '2026-03-03' })).toEqual([200, { erased: 3 }])
      expect(await erased(site, { filters: [['is', 'event:page', ['/a']]] })).toEqual([200, { erased: 2 }])
      const after = await left(site)
      expect(after).toEqual([4, 0, 2, 2, 2])
      await client.deliver(site, events)
      await client.deliver(site, events, 'lines')
      expect(await left(site)).toEqual(after)
      await client.deliver(site, [
        { id: 'new', time: '2026-03-03T10:00:00Z', visitor: 'n', page: '/a', tier: 'gold' },
      ])
      expect(await client.count(site)).toBe(5)
      expect(await client.count(site, '/page/%2Fa/count')).toBe(1)
    })

    test('keeps events of pages from coming back as well', async () => {
      const site = await client.makeSite()
      const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
      const send = (id: string, page: string): Promise<Response> =>
        client.call(`/${site.name}?key=${site.write}`, {
          method: 'POST',
          headers: { 'User-Agent': agent },
          body: JSON.stringify({ id, page }),
        })
      await send('one', '/a')
      await send('two', '/b')
      expect(await erased(site, { filters: [['is', 'event:page', ['/a']]] })).toEqual([200, { erased: 1 }])
      expect((await send('one', '/a')).status).toBe(201)
      expect((await send('three', '/b')).status).toBe(201)
      expect((await client.rows(site)).map(({ id }) => id)).toEqual(['two', 'three'])
      expect(await client.count(site)).toBe(2)
    })

    test('is told by queries over that day, and only those', async () => {
      const site = await makeShop()
      await client.erase(site, {
        filters: [['is', 'event:page', ['/a']]],
        from: '2026-03-03',
        to: '2026-03-03',
      })
      const meta = async (from: string, to: string): Promise<string> =>
        JSON.stringify(
          (await client.ask(site, { metrics: ['visitors'], date_range: [from, to] })).meta.erased,
        )
      expect(await meta('2026-03-02', '2026-03-04')).toContain('2026-03-03')
      expect(await meta('2026-03-03', '2026-03-03')).toContain('2026-03-03')
      expect(await meta('2026-03-02', '2026-03-02')).toBe('[]')
      expect(await meta('2026-03-04', '2026-03-04')).toBe('[]')
    })

    test.each<readonly [what: string, selection: unknown, status: number]>([
      ['nothing', {}, 422],
      ['a list', [], 422],
      ['null', 'null', 422],
      ['an unknown member', { from: '2026-03-02', what: 1 }, 422],
      ['an unknown dimension', { filters: [['is', 'visit:nope', ['x']]] }, 422],
      ['an unknown operator', { filters: [['like', 'event:page', ['x']]] }, 422],
      ['filters that are no list', { filters: { page: '/a' } }, 422],
      ['a day there is not', { from: '2026-02-30' }, 422],
      ['a day that is a number', { from: 5 }, 422],
      ['what is not JSON', '{"from":', 400],
      ['an empty body', '', 400],
    ])('of %s is refused and erases nothing', async (_, selection, status) => {
      const site = await makeShop()
      expect((await client.problem(await client.erase(site, selection))).status).toBe(status)
      expect(await client.count(site)).toBe(9)
    })

    test('needs an admin key', async () => {
      const site = await makeShop()
      for (const key of [site.read, site.write, site.server]) {
        const { status, code } = await client.problem(await client.erase(site, { from: '2026-03-02' }, key))
        expect([status, code]).toEqual([403, 'forbidden'])
      }
      const path = `/${site.name}/events`
      expect((await client.call(path, { method: 'DELETE', body: '{"from":"2026-03-02"}' })).status).toBe(401)
      const unknown = await client.erase({ ...site, name: 'no-such' }, { from: '2026-03-02' })
      expect(unknown.status).toBe(404)
      expect(await client.count(site)).toBe(9)
    })
  })
}
