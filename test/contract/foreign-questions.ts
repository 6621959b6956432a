import { beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Json, rowsOf, type Site } from './client.ts'
import { days, shopDefinition } from './shop.ts'

/** The days of March as Umami's clients say them. */
const MARCH = `startAt=${Date.UTC(2026, 2, 2)}&endAt=${Date.UTC(2026, 2, 10) - 1}`
const CUSTOM = `period=custom&date=${days.march.join(',')}`

/** What clients of other products ask the shop: every number is that of a query of ours. */
export function foreignQuestions(client: Client, shop: () => Site): void {
  describe('in the words of another product', () => {
    let alias: string
    beforeAll(async () => {
      alias = `${shop().name}.alias`
      const changed = await client.put(shop().name, { ...shopDefinition, aliases: [alias] })
      expect(changed.status).toBe(200)
    })

    const asking: Asking = {
      client,
      shop,
      get: (path, key = shop().read) => client.call(path, { headers: { Authorization: `Bearer ${key}` } }),
      async ok(path) {
        const response = await asking.get(path.replaceAll('SITE', alias))
        const text = await response.text()
        expect([response.status, response.status === 200 || text]).toEqual([200, true])
        return JSON.parse(text)
      },
      async refused(path, key) {
        const response = await asking.get(path.replaceAll('SITE', alias), key)
        expect(response.headers.get('Content-Type')).toBe('application/json')
        expect(response.headers.get('Cache-Control')).toBe('no-store')
        return { status: response.status, body: (await response.json()) as Json }
      },
    }

    plausibleV2(asking, () => alias)
    plausibleV1(asking)
    umami(asking)
  })
}

interface Asking {
  readonly client: Client
  readonly shop: () => Site
  get(path: string, key?: string): Promise<Response>
  /** The answer to a path in which SITE stands for the shop's alias. */
  ok(path: string): Promise<unknown>
  refused(path: string, key?: string): Promise<{ readonly status: number; readonly body: Json }>
}

function plausibleV2({ client, shop }: Asking, alias: () => string): void {
  describe('Plausible, version 2', () => {
    const post = (body: unknown, key = shop().read): Promise<Response> =>
      client.call('/api/v2/query', {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    const good = { metrics: ['visitors', 'pageviews', 'bounce_rate'], date_range: days.march }

    test.each<readonly [what: string, query: Json]>([
      ['totals', {}],
      ['two dimensions', { dimensions: ['visit:country_name', 'visit:browser'] }],
      ['days', { dimensions: ['time:day'], include: { time_labels: true, imports: true } }],
      [
        'filters, order and pages',
        {
          metrics: ['visitors', 'events'],
          dimensions: ['event:page'],
          filters: [['is_not', 'visit:country', ['US']]],
          order_by: [['events', 'asc']],
          include: { total_rows: true },
          pagination: { limit: 2, offset: 1 },
        },
      ],
      ['goals', { metrics: ['visitors', 'conversion_rate'], dimensions: ['event:goal'] }],
    ])('%s are those of a query of ours', async (_, query) => {
      const native = await client.ask(shop(), { ...good, ...query })
      const response = await post({ site_id: alias(), ...good, ...query })
      const { results, meta, query: resolved } = (await response.json()) as typeof native
      expect(rowsOf({ results, meta, query: resolved })).toEqual(rowsOf(native))
      expect(results.every((row) => Object.keys(row).join() === 'dimensions,metrics')).toBe(true)
      expect(resolved).toMatchObject({
        site_id: alias(),
        metrics: native.query.metrics,
        date_range: native.query.date_range,
        filters: native.query.filters,
        pagination: native.query.pagination,
      })
      expect(response.headers.get('Cache-Control')).toBe('no-store')
    })

    test('has the members that Plausible has and no others', async () => {
      const include = { time_labels: true, total_rows: true, imports: true }
      const asked = { site_id: shop().name, ...good, dimensions: ['time:day'], include }
      const { meta, query } = (await (await post(asked)).json()) as { meta: Json; query: Json }
      expect(Object.keys(meta).sort()).toEqual(['imports_included', 'time_labels', 'total_rows'])
      expect(meta).toMatchObject({ imports_included: false, total_rows: 4 })
      expect(Object.keys(query).sort()).toEqual(
        [
          'site_id',
          'metrics',
          'date_range',
          'filters',
          'dimensions',
          'order_by',
          'include',
          'pagination',
        ].sort(),
      )
      expect(query.order_by).toEqual([
        ['time:day', 'asc'],
        ['visitors', 'desc'],
      ])
      expect(query.include).toMatchObject({ imports: true, time_labels: true })
    })

    test('has no amount where there are several currencies, and warns', async () => {
      const asked = { site_id: alias(), metrics: ['visitors', 'total_revenue'], date_range: days.march }
      const all = (await (await post(asked)).json()) as { results: readonly Json[]; meta: Json }
      expect(all.results[0]?.metrics).toEqual([9, null])
      expect(all.meta.metric_warnings).toMatchObject({
        total_revenue: { code: 'no_single_revenue_currency', warning: expect.any(String) },
      })
      const tuesday = { ...asked, date_range: ['2026-03-03', '2026-03-03'] }
      const one = (await (await post(tuesday)).json()) as { results: readonly Json[]; meta: Json }
      expect(one.results[0]?.metrics).toEqual([2, expect.objectContaining({ value: 30.5, currency: 'EUR' })])
      expect(one.meta).toEqual({})
    })

    test('refuses as Plausible does: 401 for key and site, 400 for the question, {"error"}', async () => {
      const other = await client.makeSite()
      const error = async (
        response: Promise<Response>,
      ): Promise<readonly [number, readonly string[], unknown]> => {
        const { status, headers, ...rest } = await response.then(async (one) => ({
          status: one.status,
          headers: one.headers,
          body: (await one.json()) as Json,
        }))
        expect(headers.get('Content-Type')).toBe('application/json')
        return [status, Object.keys(rest.body), rest.body.error]
      }
      const asked = { site_id: alias(), ...good }
      const key = ['error']
      expect(await error(client.call('/api/v2/query', { method: 'POST', body: '{}' }))).toEqual([
        401,
        key,
        expect.any(String),
      ])
      for (const [body, who] of [
        [asked, 'unknown'],
        [asked, other.read],
        [asked, shop().write],
        [asked, shop().server],
        [{ ...asked, site_id: 'no-such' }, shop().read],
        [{ ...asked, site_id: 'no-such' }, client.adminKey],
      ] as const)
        expect(await error(post(body, who))).toEqual([401, key, expect.any(String)])
      for (const [body, text] of [
        ['not JSON', 'JSON'],
        ['', 'JSON'],
        ['[]', 'site_id'],
        [good, 'site_id'],
        [{ ...asked, metrics: ['nope'] }, '/metrics/0'],
        [{ ...asked, filters: [['is', 'segment', [1]]] }, 'segment'],
        [{ ...asked, date_range: 'soon' }, '/date_range'],
        ['['.repeat(40) + ']'.repeat(40), '32'],
      ] as const)
        expect(await error(post(body))).toEqual([400, key, expect.stringContaining(text)])
      expect(await error(post(`"${'x'.repeat(300_000)}"`))).toEqual([413, key, expect.any(String)])
      const got = await client.call('/api/v2/query', { headers: client.as(shop().read) })
      expect([got.status, got.headers.get('Allow'), await got.json()]).toEqual([
        405,
        'POST',
        { error: expect.any(String) },
      ])
    })
  })
}

function plausibleV1({ client, shop, get, ok, refused }: Asking): void {
  describe('Plausible, version 1', () => {
    const path = (end: string, search: string): string => `/api/v1/stats/${end}?site_id=SITE&${search}`
    const filtered = (text: string): string => `filters=${encodeURIComponent(text)}`

    test('aggregate', async () => {
      const metrics = ['visitors', 'visits', 'pageviews', 'views_per_visit', 'bounce_rate', 'visit_duration']
      const date_range = days.march
      const native = await client.ask(shop(), { metrics, date_range })
      expect(await ok(path('aggregate', `${CUSTOM}&metrics=${metrics.join(',')}`))).toEqual({
        results: Object.fromEntries(
          metrics.map((name, i) => [name, { value: native.results[0]?.metrics[i] }]),
        ),
      })
      const include = { comparison: 'previous_period' }
      const [row] = (await client.ask(shop(), { metrics: ['visitors'], date_range, include })).results
      expect(await ok(path('aggregate', `${CUSTOM}&compare=previous_period`))).toEqual({
        results: { visitors: { value: 9, comparison_value: row?.comparison?.metrics[0], change: 800 } },
      })
    })

    test.each([
      ['period=day&date=2026-03-02', ['2026-03-02', '2026-03-02']],
      ['period=7d&date=2026-03-09', ['2026-03-03', '2026-03-09']],
      ['period=30d&date=2026-03-30', ['2026-02-28', '2026-03-30']],
      ['date=2026-04-01', ['2026-03-02', '2026-04-01']],
      ['period=month&date=2026-02-10', ['2026-02-01', '2026-02-28']],
      ['period=6mo&date=2026-03-09', ['2025-10-01', '2026-03-31']],
      ['period=12mo&date=2026-03-09', ['2025-04-01', '2026-03-31']],
      ['period=12mo&date=2026-02-09', ['2025-03-01', '2026-02-28']],
      ['period=custom&date=2026-03-02,%202026-03-03', ['2026-03-02', '2026-03-03']],
    ])('%s', async (search, date_range) => {
      const [row] = (await client.ask(shop(), { metrics: ['visitors', 'events'], date_range })).results
      expect(await ok(path('aggregate', `metrics=visitors,events&${search}`))).toEqual({
        results: { visitors: { value: row?.metrics[0] }, events: { value: row?.metrics[1] } },
      })
    })

    test.each<readonly [text: string, filters: readonly unknown[]]>([
      ['visit:browser==Firefox', [['is', 'visit:browser', ['Firefox']]]],
      ['visit:browser!=Firefox', [['is_not', 'visit:browser', ['Firefox']]]],
      ['event:page==/|/pricing', [['is', 'event:page', ['/', '/pricing']]]],
      ['event:page==/blog/*', [['matches', 'event:page', ['^/blog/.*$']]]],
      ['event:page!=/blog**', [['matches_not', 'event:page', ['^/blog.*$']]]],
      ['event:page==*/a|*/x', [['matches', 'event:page', ['^.*/a$', '^.*/x$']]]],
      ['event:page==/*.+*', [['matches', 'event:page', ['^/.*\\.\\+.*$']]]],
      ['visit:source~oo', [['contains', 'visit:source', ['oo']]]],
      ['visit:source!~oo', [['contains_not', 'visit:source', ['oo']]]],
      ['visit:source==~oo|ack', [['contains', 'visit:source', ['oo', 'ack']]]],
      ['visit:source==a\\|b', [['is', 'visit:source', ['a|b']]]],
      ['event:goal==Signup', [['is', 'event:goal', ['Signup']]]],
      ['event:goal==Signup|Visit /blog/*', [['is', 'event:goal', ['Signup', 'Read a post']]]],
      ['event:props:plan==pro', [['is', 'event:props:plan', ['pro']]]],
      [
        ' visit:country == DE ; event:page==/pricing;',
        [
          ['is', 'visit:country', ['DE']],
          ['is', 'event:page', ['/pricing']],
        ],
      ],
    ])('filters %s', async (text, filters) => {
      const query = { metrics: ['visitors', 'events'], date_range: days.march, filters }
      const [row] = (await client.ask(shop(), query)).results
      expect(await ok(path('aggregate', `${CUSTOM}&metrics=visitors,events&${filtered(text)}`))).toEqual({
        results: { visitors: { value: row?.metrics[0] }, events: { value: row?.metrics[1] } },
      })
    })

    test('timeseries by days, hours and months, with what is empty', async () => {
      const firstThree = await ok(
        path('timeseries', 'period=7d&date=2026-03-04&metrics=visitors,visit_duration'),
      )
      expect(firstThree).toEqual({
        results: [
          { date: '2026-02-26', visitors: 0, visit_duration: null },
          { date: '2026-02-27', visitors: 0, visit_duration: null },
          { date: '2026-02-28', visitors: 1, visit_duration: 60 },
          { date: '2026-03-01', visitors: 0, visit_duration: null },
          { date: '2026-03-02', visitors: 3, visit_duration: 600 },
          { date: '2026-03-03', visitors: 2, visit_duration: 750 },
          { date: '2026-03-04', visitors: 3, visit_duration: 500 },
        ],
      })
      const hours = (await ok(path('timeseries', 'period=day&date=2026-03-02'))) as {
        results: readonly Json[]
      }
      expect(hours.results).toHaveLength(24)
      expect(hours.results[9]).toEqual({ date: '2026-03-02 09:00:00', visitors: 2 })
      const months = (await ok(path('timeseries', 'period=6mo&date=2026-03-09'))) as {
        results: readonly Json[]
      }
      expect(months.results.map(({ date, visitors }) => `${date} ${visitors}`)).toEqual([
        ...['2025-10-01 0', '2025-11-01 0', '2025-12-01 0', '2026-01-01 0', '2026-02-01 1', '2026-03-01 9'],
      ])
      const rates = await ok(
        path(
          'timeseries',
          `period=day&date=2026-03-02&interval=date&metrics=conversion_rate&${filtered('event:goal==Signup')}`,
        ),
      )
      expect(rates).toEqual({ results: [{ date: '2026-03-02', conversion_rate: 33.33 }] })
    })

    test.each<readonly [property: string, metrics: string, query: Json]>([
      ['event:page', 'visitors,pageviews', {}],
      ['visit:source', 'visitors,bounce_rate', {}],
      ['visit:country', 'visitors', { filters: [['is_not', 'visit:country', ['(not set)']]] }],
      ['visit:utm_medium', 'visitors', { filters: [['is_not', 'visit:utm_medium', ['(not set)']]] }],
      ['visit:device', 'events', {}],
      ['event:goal', 'visitors,conversion_rate', {}],
      ['event:props:plan', 'events', {}],
      ['event:name', 'events', {}],
      ['visit:browser_version', 'visitors', { dimensions: ['visit:browser', 'visit:browser_version'] }],
    ])('breakdown by %s', async (property, metrics, more) => {
      const names = metrics.split(',')
      const keys = ((more.dimensions as string[]) ?? [property]).map((name) => name.replace(/^.*:/, ''))
      const query = { metrics: names, dimensions: [property], date_range: days.march, ...more }
      const expected = (await client.table(shop(), query)).map((row) =>
        Object.fromEntries([...keys, ...names].map((name, i) => [name, row[i]])),
      )
      expect(expected.length).toBeGreaterThan(0)
      const { results } = (await ok(
        path('breakdown', `${CUSTOM}&property=${property}&metrics=${metrics}`),
      )) as {
        results: readonly Json[]
      }
      expect(results).toEqual(expected)
      const pages = await Promise.all(
        expected.map((_, i) =>
          ok(path('breakdown', `${CUSTOM}&property=${property}&metrics=${metrics}&limit=1&page=${i + 1}`)),
        ),
      )
      expect(pages.flatMap((page) => (page as { results: readonly Json[] }).results)).toEqual(expected)
    })

    test('breakdown by time_on_page alone is led by visitors; of a rate by what was seen', async () => {
      expect(
        await ok(path('breakdown', `${CUSTOM}&property=event:page&metrics=time_on_page&limit=3`)),
      ).toEqual({
        results: [
          { page: '/pricing', time_on_page: null },
          { page: '/blog/a', time_on_page: 45 },
          { page: '/', time_on_page: 30 },
        ],
      })
      const filters = [['is', 'event:goal', ['Signup']]]
      const metrics = ['group_conversion_rate']
      const dimensions = ['visit:device']
      const native = await client.table(shop(), { metrics, dimensions, filters, date_range: days.march })
      expect(
        await ok(
          path(
            'breakdown',
            `${CUSTOM}&property=visit:device&metrics=conversion_rate&${filtered('event:goal==Signup')}`,
          ),
        ),
      ).toEqual({ results: native.map(([device, conversion_rate]) => ({ device, conversion_rate })) })
    })

    test('realtime visitors are a bare number', async () => {
      expect(await ok('/api/v1/stats/realtime/visitors?site_id=SITE')).toBe(0)
      const site = await client.makeSite()
      await client.deliver(site, [{ page: '/', time: 'now', visitor: 'a' }])
      const response = await get(`/api/v1/stats/realtime/visitors?site_id=${site.name}`, site.read)
      expect(await response.text()).toBe('1')
    })

    test('refuses as Plausible does', async () => {
      const other = await client.makeSite()
      for (const key of ['unknown', other.read, shop().write, shop().server])
        expect(await refused(path('aggregate', ''), key)).toEqual({
          status: 401,
          body: { error: expect.any(String) },
        })
      const nowhere = await refused('/api/v1/stats/aggregate?site_id=no-such')
      expect(nowhere).toEqual({ status: 401, body: { error: expect.any(String) } })
      for (const [search, text] of [
        ['aggregate?', 'site_id'],
        ['aggregate?site_id=SITE&period=2d', 'period'],
        ['aggregate?site_id=SITE&period=constructor', 'period'],
        ['aggregate?site_id=SITE&date=yesterday', 'date'],
        ['aggregate?site_id=SITE&date=2026-02-30', 'date'],
        ['aggregate?site_id=SITE&period=custom', 'date'],
        ['aggregate?site_id=SITE&period=custom&date=2026-03-02', 'date'],
        ['aggregate?site_id=SITE&period=custom&date=2026-03-03,2026-03-02', 'date'],
        ['aggregate?site_id=SITE&metrics=nope', 'nope'],
        ['aggregate?site_id=SITE&metrics=visitors,visitors', 'metrics'],
        ['aggregate?site_id=SITE&compare=yesterday', 'compare'],
        ['aggregate?site_id=SITE&metrics=conversion_rate', 'goal'],
        [`aggregate?site_id=SITE&${filtered('browser=Firefox')}`, 'filters'],
        [`aggregate?site_id=SITE&${filtered('visit:nope==x')}`, 'nope'],
        [`aggregate?site_id=SITE&${filtered('event:goal==Nope')}`, 'Nope'],
        [`aggregate?site_id=SITE&${filtered('event:goal!=Signup')}`, 'goal'],
        ['timeseries?site_id=SITE&interval=fortnight', 'interval'],
        ['breakdown?site_id=SITE', 'property'],
        ['breakdown?site_id=SITE&property=time:day', 'property'],
        ['breakdown?site_id=SITE&property=visit:nope', 'nope'],
        ['breakdown?site_id=SITE&property=visit:os&limit=1001', 'limit'],
        ['breakdown?site_id=SITE&property=visit:os&limit=x', 'limit'],
        ['breakdown?site_id=SITE&property=visit:os&page=0', 'page'],
      ] as const) {
        const { status, body } = await refused(`/api/v1/stats/${search}`)
        expect([search, status, Object.keys(body)]).toEqual([search, 400, ['error']])
        expect(body.error).toContain(text)
      }
    })
  })
}

function umami({ client, shop, get, ok, refused }: Asking): void {
  describe('Umami', () => {
    const path = (end: string, search = ''): string => `/api/websites/SITE/${end}?${MARCH}&${search}`
    const march = { date_range: ['2026-03-02T00:00:00.000Z', '2026-03-09T23:59:59.999Z'] }

    test('stats', async () => {
      const nothing = { pageviews: 0, visitors: 0, visits: 0, bounces: 0, totaltime: 0 }
      const totals = { pageviews: 13, visitors: 9, visits: 10, bounces: 4, totaltime: 5400 }
      const before = { pageviews: 2, visitors: 1, visits: 1, bounces: 0, totaltime: 60 }
      expect(await ok(path('stats'))).toEqual({ ...totals, comparison: before })
      expect(await ok(path('stats', 'compare=yoy'))).toEqual({
        ...totals,
        comparison: { ...nothing, pageviews: 1, visitors: 1, visits: 1, bounces: 1 },
      })
      const inDates = 'startDate=2026-03-05&endDate=2026-03-06T00:00:00Z'
      expect(await ok(`/api/websites/SITE/stats?${inDates}`)).toMatchObject(nothing)
    })

    test.each<readonly [search: string, filters: readonly unknown[]]>([
      ['country=DE', [['is', 'visit:country', ['DE']]]],
      ['country=eq.DE,FR', [['is', 'visit:country', ['DE', 'FR']]]],
      [
        'country=neq.DE&browser=Safari',
        [
          ['is_not', 'visit:country', ['DE']],
          ['is', 'visit:browser', ['Safari']],
        ],
      ],
      ['path=c./BLOG', [['contains', 'event:page', ['/blog']]]],
      ['url=dnc./blog', [['contains_not', 'event:page', ['/blog']]]],
      [`path=${encodeURIComponent('re.^/(blog|docs)/')}`, [['matches', 'event:page', ['^/(blog|docs)/']]]],
      ['path=nre.x$', [['matches_not', 'event:page', ['x$']]]],
      ['city=s.', [['is_not', 'visit:city', ['(not set)']]]],
      ['domain=ns.', [['is', 'visit:source', ['Direct / None']]]],
      ['utmMedium=email', [['is', 'visit:utm_medium', ['email']]]],
      ['event=Signup', [['is', 'event:name', ['Signup']]]],
      [
        'os=Linux&os1=neq.iOS',
        [
          ['is', 'visit:os', ['Linux']],
          ['is_not', 'visit:os', ['iOS']],
        ],
      ],
      [
        'os=Linux&os1=iOS&match=any',
        [
          [
            'or',
            [
              ['is', 'visit:os', ['Linux']],
              ['is', 'visit:os', ['iOS']],
            ],
          ],
        ],
      ],
    ])('filters %s', async (search, filters) => {
      const metrics = ['pageviews', 'visitors', 'visits', 'bounces', 'total_visit_duration']
      const [row] = (await client.ask(shop(), { metrics, ...march, filters })).results
      const { comparison, ...totals } = (await ok(path('stats', search))) as Json
      expect(Object.values(totals)).toEqual(row?.metrics)
      expect(comparison).toBeDefined()
    })

    test('pageviews and sessions over time, in the unit that is asked or suits the range', async () => {
      const dimensions = ['time:day']
      const native = await client.table(shop(), { metrics: ['pageviews', 'visitors'], dimensions, ...march })
      const days = {
        pageviews: native.map(([x, y]) => ({ x, y })),
        sessions: native.map(([x, , y]) => ({ x, y })),
      }
      expect(days.pageviews.map(({ x }) => x)).toEqual([
        '2026-03-02',
        '2026-03-03',
        '2026-03-04',
        '2026-03-09',
      ])
      expect(await ok(path('pageviews', 'unit=day'))).toEqual(days)
      expect(await ok(path('pageviews', 'unit=hour'))).toEqual(days)
      expect(await ok(path('pageviews'))).toEqual(days)
      expect(await ok(path('pageviews', 'unit=month'))).toMatchObject({
        pageviews: [{ x: '2026-03-01', y: 13 }],
      })
      const oneDay = `startAt=${Date.UTC(2026, 2, 4)}&endAt=${Date.UTC(2026, 2, 5) - 1}&timezone=Asia/Tokyo`
      expect(await ok(`/api/websites/SITE/pageviews?${oneDay}`)).toEqual({
        pageviews: [
          { x: '2026-03-04 20:00:00', y: 1 },
          { x: '2026-03-05 08:00:00', y: 2 },
        ],
        sessions: expect.any(Array),
      })
    })

    test('compares over time', async () => {
      expect(await ok(path('pageviews', 'unit=day&compare=prev'))).toMatchObject({
        startDate: '2026-03-02T00:00:00.000Z',
        endDate: '2026-03-09T23:59:59.999Z',
        compare: {
          pageviews: [{ x: '2026-02-28', y: 2 }],
          sessions: [{ x: '2026-02-28', y: 1 }],
          startDate: '2026-02-22T00:00:00.000Z',
          endDate: '2026-03-01T23:59:59.999Z',
        },
      })
      expect(await ok(path('pageviews', 'compare=yoy'))).toMatchObject({
        compare: { pageviews: [{ x: '2025-03-03', y: 1 }], startDate: '2025-03-02T00:00:00.000Z' },
      })
    })

    test.each<readonly [type: string, query: Json]>([
      ['path', { dimensions: ['event:page'] }],
      [
        'entry',
        { dimensions: ['visit:entry_page'], filters: [['is_not', 'visit:entry_page', ['(not set)']]] },
      ],
      ['exit', { dimensions: ['visit:exit_page'], filters: [['is_not', 'visit:exit_page', ['(not set)']]] }],
      ['hostname', { dimensions: ['event:hostname'] }],
      ['domain', { dimensions: ['visit:source'], filters: [['is_not', 'visit:source', ['Direct / None']]] }],
      [
        'referrer',
        { dimensions: ['visit:referrer'], filters: [['is_not', 'visit:referrer', ['Direct / None']]] },
      ],
      [
        'utmSource',
        { dimensions: ['visit:utm_source'], filters: [['is_not', 'visit:utm_source', ['(not set)']]] },
      ],
      ['browser', { dimensions: ['visit:browser'] }],
      ['city', { dimensions: ['visit:city'] }],
      [
        'event',
        {
          metrics: ['events'],
          dimensions: ['event:name'],
          filters: [['is_not', 'event:name', ['pageview']]],
        },
      ],
    ])('metrics by %s', async (type, query) => {
      const rows = await client.table(shop(), { metrics: ['visitors'], ...march, ...query })
      expect(rows.length).toBeGreaterThan(0)
      const expected = rows.map(([x, y]) => ({ x: x === '(not set)' ? null : x, y }))
      expect(await ok(path('metrics', `type=${type}`))).toEqual(expected)
      expect(await ok(path('metrics', `type=${type}&limit=1&offset=${rows.length - 1}`))).toEqual(
        expected.slice(-1),
      )
    })

    test('metrics: channels by their names there, and what is searched for', async () => {
      expect(await ok(path('metrics', 'type=channel'))).toEqual(
        expect.arrayContaining([
          { x: 'organicSearch', y: 2 },
          { x: 'email', y: 1 },
        ]),
      )
      expect(await ok(path('metrics', 'type=path&search=BLOG'))).toEqual([
        { x: '/blog/a', y: 3 },
        { x: '/blog/b', y: 2 },
      ])
    })

    test('events over time', async () => {
      expect(await ok(path('events/series', 'unit=day&timezone=UTC'))).toEqual([
        { x: 'Signup', t: '2026-03-02', y: 1 },
        { x: 'Purchase', t: '2026-03-03', y: 2 },
        { x: 'Peek', t: '2026-03-03', y: 1 },
        { x: 'Purchase', t: '2026-03-04', y: 1 },
        { x: 'Signup', t: '2026-03-04', y: 1 },
      ])
    })

    test('active visitors', async () => {
      expect(await ok('/api/websites/SITE/active')).toEqual({ visitors: 0 })
      const site = await client.makeSite()
      await client.deliver(site, [{ page: '/', time: 'now', visitor: 'a' }])
      const response = await get(`/api/websites/${site.name}/active`, site.read)
      expect(await response.json()).toEqual({ visitors: 1 })
    })

    test('refuses as Umami does', async () => {
      const other = await client.makeSite()
      const error = (status: number, code: string): unknown => ({
        status,
        body: { error: { message: expect.any(String), code, status } },
      })
      for (const key of ['unknown', other.read, shop().write, shop().server])
        expect(await refused(path('stats'), key)).toEqual(error(401, 'unauthorized'))
      const nowhere = path('stats').replace('SITE', 'no-such')
      expect(await refused(nowhere)).toEqual(error(401, 'unauthorized'))
      expect(await refused(nowhere, client.adminKey)).toEqual(error(404, 'not-found'))
      const post = await client.call(`/api/websites/${shop().name}/stats`, {
        method: 'POST',
        headers: client.as(shop().read),
      })
      expect([post.status, post.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
      for (const [asked, text] of [
        ['/api/websites/SITE/stats', 'startAt'],
        ['/api/websites/SITE/stats?startAt=1', 'endAt'],
        ['/api/websites/SITE/stats?startAt=x&endAt=1', 'startAt'],
        ['/api/websites/SITE/stats?startAt=2&endAt=1', 'endAt'],
        ['/api/websites/SITE/stats?startAt=1&endAt=999999999999999', 'endAt'],
        ['/api/websites/SITE/stats?startAt=0&endAt=253370764800000', '/date_range'],
        ['/api/websites/SITE/stats?startDate=soon&endDate=2026-03-03', 'startDate'],
        [path('stats', 'compare=next'), 'compare'],
        [path('stats', 'segment=1'), 'segment'],
        [path('stats', 'pf_plan=1.eq.pro'), 'pf_plan'],
        [path('stats', 'path=gt.5'), 'gt'],
        [path('stats', 'match=some'), 'match'],
        [path('stats', `path=${encodeURIComponent('re.(')}`), '/filters/0'],
        [path('pageviews', 'unit=year'), 'unit'],
        [path('pageviews', 'unit=day&timezone=Asia/Tokyo'), '/timezone'],
        [path('metrics'), 'type'],
        [path('metrics', 'type=__proto__'), 'type'],
        [path('metrics', 'type=distinctId'), 'type'],
        [path('metrics', 'type=path&limit=0'), 'limit'],
        [path('metrics', 'type=path&limit=20000'), '/pagination/limit'],
        [path('metrics', 'type=path&offset=-1'), 'offset'],
      ] as const) {
        const { status, body } = await refused(asked)
        expect({ asked, status, body }).toEqual({ asked, ...(error(400, 'bad-request') as object) })
        expect(JSON.stringify(body)).toContain(text)
      }
    })
  })
}
