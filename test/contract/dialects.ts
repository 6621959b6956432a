import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshName } from '../support/event.ts'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

/** What a case sends: a path with its query, and a body as JSON unless it is text. */
interface Sending {
  readonly path: string
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A collection that trackers know under a domain of its own. */
interface ForeignSite extends Site {
  readonly domain: string
}

const hosted = { 'Content-Type': 'text/plain' }

/** What other products' trackers send becomes events, and they are answered as by those. */
export function dialectsContract(name: string, start: () => Promise<Subject>): void {
  describe(`dialects: ${name}`, () => {
    let subject: Subject
    const client = new Client(() => subject)
    beforeAll(async () => {
      subject = await start()
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    async function makeSite(settings: Json = {}): Promise<ForeignSite> {
      const domain = `${freshName('shop')}.example`
      return { ...(await client.makeSite({ aliases: [domain], ...settings })), domain }
    }

    /** Answers in a millisecond of its own, so that rows lie in the order in which they were sent. */
    async function send({ path, method = 'POST', body, headers = {} }: Sending): Promise<Response> {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const response = await client.call(path, { method, headers, ...(text !== undefined && { body: text }) })
      await new Promise((resolve) => setTimeout(resolve, 2))
      return response
    }

    async function told(sending: Sending): Promise<unknown> {
      const response = await send(sending)
      const text = await response.text()
      return [
        response.status,
        text.startsWith('{') ? JSON.parse(text) : text.startsWith('GIF') ? 'GIF' : text,
      ]
    }

    async function refusedOf(site: Site): Promise<unknown> {
      const response = await client.call(`/${site.name}/refused`, { headers: client.as(site.read) })
      return ((await response.json()) as Json).counts
    }

    test('an alias is one collection only', async () => {
      const { name: own, domain } = await makeSite()
      expect((await client.put(freshName(), { aliases: [domain] })).status).toBe(409)
      expect((await client.put(freshName(), { aliases: [own] })).status).toBe(409)
    })

    describe('Plausible', () => {
      const path = '/api/event'
      const plausible = (body: unknown, headers: Record<string, string> = hosted): Promise<unknown> =>
        told({ path, body, headers })

      test('short and long keys, properties as object and as text', async () => {
        const { domain, ...site } = await makeSite()
        const url = `https://www.${domain}/a?utm_source=letter&token=x#top`
        expect(
          await plausible({ n: 'pageview', u: url, d: domain, r: 'https://other.example/x', v: 36 }),
        ).toEqual([202, 'ok'])
        const props = JSON.stringify({ plan: 'pro', list: ['x'], blank: '' })
        expect(
          await plausible({ name: 'Signup', url, domain: `www.${domain}`, props, interactive: false }),
        ).toEqual([202, 'ok'])
        expect(
          await plausible({
            n: 404,
            u: url,
            d: domain,
            m: { a: 1, b: true },
            $: { amount: '9.90', currency: 'eur' },
          }),
        ).toEqual([202, 'ok'])
        expect(await client.rows(site)).toMatchObject([
          {
            name: 'pageview',
            page: '/a',
            hostname: `www.${domain}`,
            referrer: 'https://other.example/x',
            utm_source: 'letter',
            browser: 'Chrome',
          },
          { name: 'Signup', page: '/a', interactive: false, props: { plan: 'pro' } },
          { name: '404', props: { a: 1, b: true }, revenue: { amount: '9.90', currency: 'EUR' } },
        ])
      })

      test('engagement, and pages told by their fragment', async () => {
        const { domain, ...site } = await makeSite()
        const u = `https://${domain}/app#/about?x=1`
        await plausible({ n: 'pageview', u, d: domain, h: 1 })
        expect(await plausible({ n: 'engagement', u, d: domain, h: 1, sd: '140', e: 5000 })).toEqual([
          202,
          'ok',
        ])
        expect(await client.rows(site)).toMatchObject([
          { name: 'pageview', page: '/app%23/about' },
          { name: 'engagement', page: '/app%23/about', depth: 100, ms: 5000 },
        ])
        expect(await client.count(site)).toBe(1)
        for (const of of [{}, { e: 30 * 86_400_000 }, { sd: -1, e: 0.5 }])
          expect(await plausible({ n: 'engagement', u, d: domain, ...of })).toEqual([
            400,
            { errors: { engagement: [expect.any(String)] } },
          ])
      })

      test('several sites, of which one is unknown', async () => {
        const [one, two] = [await makeSite(), await makeSite()]
        const d = `${one.domain},nowhere.example, ${two.name}`
        const response = await send({
          path,
          body: { n: 'pageview', u: 'https://x.example/', d },
          headers: hosted,
        })
        expect([response.status, response.headers.get('x-plausible-dropped'), await response.text()]).toEqual(
          [202, '1', 'ok'],
        )
        expect([await client.count(one), await client.count(two)]).toEqual([1, 1])
      })

      test('what is wrong is told by field', async () => {
        const { domain, ...site } = await makeSite()
        const u = `https://${domain}/`
        for (const [body, field] of [
          ['nonsense', 'request'],
          ['[]', 'request'],
          [{ u, d: domain }, 'event_name'],
          [{ n: 'pageview', d: domain }, 'url'],
          [{ n: 'pageview', u: 'data:text/html,x', d: domain }, 'url'],
          [{ n: 'pageview', u: `https://${domain}/${'x'.repeat(3000)}`, d: domain }, 'url'],
          [{ n: 'pageview', u, d: '' }, 'domain'],
          [{ n: 'x'.repeat(121), u, d: domain }, 'event_name'],
          [{ n: 'x', u, d: domain, p: { a: 'x'.repeat(2001) } }, 'props'],
        ] as const)
          expect([field, await plausible(body)]).toEqual([
            field,
            [400, { errors: { [field]: [expect.any(String)] } }],
          ])
        expect(await client.count(site)).toBe(0)
      })

      test('an address counts with a server key only', async () => {
        const { domain, ...site } = await makeSite()
        const body = { n: 'pageview', u: `https://${domain}/`, d: domain }
        const from = (address: string, more: Record<string, string> = {}): Promise<unknown> =>
          plausible(body, { ...hosted, 'X-Forwarded-For': address, ...more })
        for (const address of ['203.0.113.1', '203.0.113.2']) await from(address)
        expect(await client.table(site, { metrics: ['visitors'], date_range: 'day' })).toEqual([[1]])
        for (const address of ['203.0.113.3', '203.0.113.4']) await from(address, client.as(site.server))
        expect(await client.table(site, { metrics: ['visitors'], date_range: 'day' })).toEqual([[3]])
      })
    })

    describe('Umami', () => {
      const umami = (body: unknown, headers: Record<string, string> = {}): Promise<unknown> =>
        told({ path: '/api/send', body, headers: { 'Content-Type': 'application/json', ...headers } })
      const good = [
        200,
        { cache: expect.any(String), sessionId: expect.any(String), visitId: expect.any(String) },
      ]

      test('page views, events with nested data, identify, performance', async () => {
        const { domain, ...site } = await makeSite()
        const page = {
          website: domain,
          hostname: domain,
          url: '/a?utm_source=x',
          title: 'A',
          screen: '800x600',
        }
        const data = { a: { b: 1 }, revenue: 5, currency: 'USD', list: ['x'] }
        expect(
          await umami({ type: 'event', payload: { ...page, language: 'de-DE', referrer: '/before' } }),
        ).toEqual(good)
        expect(
          await umami({ type: 'event', payload: { website: domain, name: 'buy', data, tag: 't' } }),
        ).toEqual(good)
        expect(
          await umami({ type: 'identify', payload: { website: domain, data: { plan: 'pro' } } }),
        ).toEqual(good)
        expect(await umami({ type: 'performance', payload: { ...page, lcp: 12.5, duration: 3 } })).toEqual(
          good,
        )
        const rows = await client.rows(site)
        expect(rows).toMatchObject([
          { name: 'pageview', page: '/a', hostname: domain, title: 'A', screen: '800x600', utm_source: 'x' },
          {
            name: 'buy',
            revenue: { amount: '5', currency: 'USD' },
            props: { tag: 't', 'a.b': 1, 'list.0': 'x' },
          },
          { name: 'identify', interactive: false, props: { plan: 'pro' } },
          { name: 'performance', interactive: false, props: { lcp: 12.5 } },
        ])
        expect(rows[0]).not.toHaveProperty('referrer')
        expect(rows[1]).not.toHaveProperty('page')
      })

      test('titles, which older trackers encode', async () => {
        const { domain, ...site } = await makeSite()
        for (const title of ['Tea%20%26%20cake', '50% off', 'Tea & cake'])
          expect(await umami({ type: 'event', payload: { website: domain, url: '/', title } })).toEqual(good)
        expect((await client.rows(site)).map((row) => row.title)).toEqual([
          ...['Tea & cake', '50% off', 'Tea & cake'],
        ])
      })

      test('bots, unknown sites and what cannot be read', async () => {
        const { domain, ...site } = await makeSite()
        const payload = { website: domain, url: '/', hostname: domain }
        const error = [400, { error: { message: expect.any(String), code: 'bad-request', status: 400 } }]
        expect(await umami({ type: 'event', payload }, { 'User-Agent': 'Googlebot/2.1' })).toEqual([
          200,
          { beep: 'boop' },
        ])
        expect(await umami({ type: 'event', payload: { ...payload, userAgent: 'Googlebot/2.1' } })).toEqual([
          200,
          { beep: 'boop' },
        ])
        expect(await umami({ type: 'event', payload: { ...payload, website: 'none' } })).toMatchObject([
          400,
          { error: { message: 'Website not found.' } },
        ])
        for (const body of [
          'x',
          '[]',
          {},
          { type: 'x', payload },
          { type: 'event', payload: {} },
          { type: 'event' },
        ])
          expect(await umami(body)).toEqual(error)
        expect(await umami({ type: 'event', payload: { website: domain } })).toEqual(error)
        expect([await client.count(site), await refusedOf(site)]).toEqual([0, { bot: 2 }])
      })

      test('the agent from anyone; time, place and visitor with a server key only', async () => {
        const { domain, ...site } = await makeSite()
        const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
        const payload = {
          website: domain,
          url: '/',
          userAgent: firefox,
          timestamp: 1_700_000_000,
          os: 'BeOS',
          id: 'me',
        }
        expect(await umami({ type: 'event', payload })).toEqual(good)
        expect(await umami({ type: 'event', payload }, client.as('unknown'))).toEqual(good)
        expect(await umami({ type: 'event', payload }, client.as(site.write))).toEqual(good)
        expect(await umami({ type: 'event', payload }, client.as((await makeSite()).server))).toEqual(good)
        expect(await umami({ type: 'event', payload }, client.as(site.server))).toEqual(good)
        const rows = await client.rows(site)
        expect(rows.map(({ browser, os }) => [browser, os])).toEqual([
          ['Firefox', 'BeOS'],
          ...Array(4).fill(['Firefox', 'GNU/Linux']),
        ])
        expect(rows.filter(({ time }) => time === '2023-11-14T22:13:20.000Z')).toHaveLength(1)
      })

      test('a batch is judged item by item', async () => {
        const [one, two] = [await makeSite(), await makeSite()]
        const item = (website: string, more: Json = {}): Json => ({
          type: 'event',
          payload: { website, url: '/', hostname: website, ...more },
        })
        const body = [
          item(one.domain),
          5,
          item(two.domain),
          item('none'),
          item(one.domain, { userAgent: 'curl/8' }),
        ]
        expect(await told({ path: '/api/batch', body })).toEqual([
          200,
          {
            size: 5,
            processed: 3,
            errors: 2,
            details: [
              { index: 1, response: { error: expect.objectContaining({ code: 'bad-request' }) } },
              { index: 3, response: { error: expect.objectContaining({ message: 'Website not found.' }) } },
            ],
            cache: expect.any(String),
          },
        ])
        expect([await client.count(one), await client.count(two), await refusedOf(one)]).toEqual([
          1,
          1,
          { bot: 1 },
        ])
        expect(await told({ path: '/api/batch', body: item(one.domain) })).toEqual([
          400,
          { error: { message: 'A batch is an array.', code: 'bad-request', status: 400 } },
        ])
      })
    })

    describe('GoatCounter', () => {
      const count = (
        query: string,
        headers: Record<string, string> = {},
        method = 'POST',
      ): Promise<Response> => send({ path: `/count?${query}`, method, headers })

      test('pages and events, by the page that sends', async () => {
        const { domain, ...site } = await makeSite()
        const page = { Origin: `https://${domain}` }
        const first = await count(
          'p=%2Fa%3Fx%3D1&t=A&r=https%3A%2F%2Fother.example%2F&s=800,600,2&q=%3Futm_source%3Dz',
          page,
        )
        expect([
          first.status,
          first.headers.get('Content-Type'),
          (await first.arrayBuffer()).byteLength,
        ]).toEqual([200, 'image/gif', 43])
        const second = await count('p=/click&e=true&ns=1', { Referer: `https://${domain}/x` }, 'GET')
        expect(second.status).toBe(200)
        expect(await client.rows(site)).toMatchObject([
          {
            page: '/a',
            hostname: domain,
            title: 'A',
            screen: '800x600',
            utm_source: 'z',
            referrer: 'https://other.example/',
          },
          { name: 'click' },
        ])
        expect((await count('p=/b', page, 'HEAD')).status).toBe(200)
        expect(await client.count(site)).toBe(2)
      })

      test('always answers with an image, and says why it did not count', async () => {
        const { domain, ...site } = await makeSite()
        const page = { Origin: `https://${domain}` }
        const prefetch = { ...page, 'Sec-Purpose': 'prefetch' }
        const cases: readonly (readonly [string, Record<string, string>, number, string | null])[] = [
          ['p=/', {}, 400, 'no site at this domain'],
          ['t=x', page, 400, 'p is required'],
          [`p=/${'x'.repeat(2048)}`, page, 400, 'p may have 2048 bytes'],
          ['p=/&b=5', page, 400, 'b must be 0 or from 150'],
          ['p=/&b=153', page, 200, 'ignored because of bot'],
          ['p=/', prefetch, 200, 'ignored because of prefetch'],
          ['p=/', { ...page, 'User-Agent': '' }, 200, 'ignored because of bot'],
        ]
        for (const [query, headers, status, why] of cases) {
          const response = await count(query, headers)
          const found = [
            response.status,
            response.headers.get('X-Goatcounter'),
            response.headers.get('Content-Type'),
          ]
          expect([query, ...found]).toEqual([query, status, why, 'image/gif'])
        }
        expect([await client.count(site), await refusedOf(site)]).toEqual([0, { bot: 2, prefetch: 1 }])
      })

      test('the API takes hits with a server key, and tells what is wrong by index', async () => {
        const { server, ...site } = await makeSite()
        const path = '/api/v0/count'
        const api = (body: unknown, headers: Record<string, string> = {}): Promise<unknown> =>
          told({ path, body, headers: { 'Content-Type': 'application/json', ...headers } })
        const as = { Authorization: `Bearer ${server}` }
        const seen = {
          ip: '203.0.113.5',
          user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
        }
        expect(await api({ hits: [] })).toEqual([401, { error: 'no Authorization header' }])
        expect(await api({ hits: [] }, { Authorization: 'Bearer x' })).toEqual([
          401,
          { error: 'unknown token' },
        ])
        expect(await api({ hits: [] }, { Authorization: `Bearer ${site.write}` })).toEqual([
          403,
          { error: "requires 'count' permissions" },
        ])
        expect(await api({ hits: [] }, as)).toEqual([400, { error: 'no hits' }])
        expect(await api({ hits: Array(501).fill({ path: '/' }) }, as)).toEqual([
          400,
          { error: 'maximum amount of pageviews in one batch is 500' },
        ])
        expect(await api({ hits: [{ path: '/', x: 1 }] }, as)).toEqual([
          400,
          { error: 'unknown parameter: "x"' },
        ])
        expect(await api({ hits: [{ path: '/' }] }, { ...as, 'Content-Type': 'text/plain' })).toMatchObject([
          415,
          {},
        ])
        const hits = [
          { path: '/a', ...seen, created_at: '2024-02-03T04:05:06Z', location: 'DE-BE', size: [800, 600, 1] },
          { path: '/b' },
          { path: 'click', event: true, session: 'me' },
          { path: '/c', ...seen, created_at: '2200-01-01T00:00:00Z' },
        ]
        expect(await api({ hits }, as)).toEqual([
          400,
          { errors: { 1: expect.any(String), 3: expect.any(String) } },
        ])
        const basic = { Authorization: `Basic ${btoa(`user:${server}`)}` }
        expect(await api({ no_sessions: true, hits: [{ path: '/d' }] }, basic)).toEqual([
          202,
          { status: 'ok' },
        ])
        const bots = [{ path: '/e', bot: 150 }, { path: '/f' }, { path: '/g', bot: 3 }]
        const filtered = await send({
          path,
          body: { no_sessions: true, hits: bots },
          headers: { 'Content-Type': 'application/json', ...as },
        })
        expect([filtered.status, filtered.headers.get('X-Goatcounter-Filter')]).toEqual([202, '0, 2'])
        expect(await told({ path, method: 'GET', headers: as })).toEqual([405, { error: expect.any(String) }])
        const rows = await client.rows({ ...site, server })
        expect(rows).toMatchObject([
          {
            page: '/a',
            time: '2024-02-03T04:05:06.000Z',
            country: 'DE',
            region: 'DE-BE',
            screen: '800x600',
            browser: 'Firefox',
          },
          { name: 'click' },
          { page: '/d' },
          { page: '/f' },
        ])
        expect(await client.table({ ...site, server }, { metrics: ['visitors'], date_range: 'all' })).toEqual(
          [[2]],
        )
      })
    })

    test('events that are called as what counts otherwise here are counted as events', async () => {
      const { domain, ...site } = await makeSite()
      for (const name of ['pageview', 'engagement']) {
        await send({
          path: '/api/send',
          body: { type: 'event', payload: { website: domain, url: '/', name } },
        })
        await send({ path: `/count?p=${name}&e=1`, headers: { Referer: `https://${domain}/` } })
        await send({ path: `/matomo.php?idsite=${domain}&rec=1&url=/&e_c=a&e_a=${name}`, method: 'GET' })
      }
      const asked = { metrics: ['events', 'pageviews'], dimensions: ['event:name'], date_range: 'day' }
      expect(await client.table(site, asked)).toEqual([
        ['engagement-event', 3, 0],
        ['pageview-event', 3, 0],
      ])
    })

    describe('Counterscale', () => {
      test('asks for the hit of the day, then sends it', async () => {
        const { domain, ...site } = await makeSite()
        let since: string | null = null
        for (const ht of [1, 2, 3, 3]) {
          const response = await send({
            path: `/cache?sid=${domain}`,
            method: 'GET',
            headers: since === null ? {} : { 'If-Modified-Since': since },
          })
          expect([response.status, await response.json()]).toEqual([200, { ht }])
          since = response.headers.get('Last-Modified')
        }
        const query = `p=/a&h=https://${domain}&r=https://other.example/&sid=${domain}&ht=1&us=letter`
        expect(await told({ path: `/collect?${query}`, method: 'GET' })).toEqual([200, 'GIF'])
        expect(await told({ path: '/collect?p=/', method: 'GET' })).toEqual([400, 'Missing siteId'])
        expect(await told({ path: '/collect?p=/&sid=none', method: 'GET' })).toEqual([400, 'Unknown siteId'])
        expect(await client.rows(site)).toMatchObject([
          { page: '/a', hostname: domain, utm_source: 'letter', referrer: 'https://other.example/' },
        ])
      })
    })

    describe('Matomo', () => {
      test('one request in the query or a form', async () => {
        const { domain, ...site } = await makeSite()
        const url = encodeURIComponent(`https://shop.example/a`)
        const base = `idsite=${domain}&rec=1`
        const path = `/matomo.php?${base}&url=${url}&action_name=A&res=800x600&dimension1=gold`
        expect(await told({ path, method: 'GET' })).toEqual([200, 'GIF'])
        expect(await told({ path: `${path}&send_image=0`, method: 'GET' })).toEqual([204, ''])
        const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
        const body = `${base}&e_c=video&e_a=play&e_n=intro&e_v=3`
        expect(await told({ path: '/matomo.php', body, headers: form })).toEqual([200, 'GIF'])
        expect(await client.rows(site)).toMatchObject([
          { page: '/a', title: 'A', screen: '800x600', props: { dimension1: 'gold' } },
          { page: '/a' },
          { name: 'play', props: { category: 'video', label: 'intro', value: '3' } },
        ])
        for (const query of ['rec=1', `idsite=${domain}`, 'idsite=none&rec=1', base])
          expect(await told({ path: `/matomo.php?${query}`, method: 'GET' })).toEqual([
            400,
            expect.any(String),
          ])
        expect(await client.count(site)).toBe(3)
      })

      test('what is no page view: goals, orders, carts, searches, content, files, links, pings', async () => {
        const { domain, ...site } = await makeSite()
        const base = `idsite=${domain}&rec=1&url=${encodeURIComponent('https://shop.example/a')}`
        const cases: readonly (readonly [query: string, row: Json])[] = [
          ['idgoal=3&revenue=9.5', { name: 'goal', props: { goal: '3', revenue: '9.5' } }],
          ['idgoal=0&ec_id=o1&revenue=10', { name: 'order', props: { order: 'o1', revenue: '10' } }],
          ['idgoal=0&revenue=5&ec_items=[]', { name: 'cart', props: { revenue: '5' } }],
          ['search=shoes&search_cat=c', { name: 'search', props: { search: 'shoes', category: 'c' } }],
          ['c_n=Banner&c_p=x', { name: 'content', interactive: false, props: { content: 'Banner' } }],
          ['c_n=Banner&c_i=click', { name: 'content', props: { content: 'Banner', action: 'click' } }],
          ['download=https://shop.example/x.pdf', { name: 'download' }],
          ['link=https://other.example/', { name: 'outlink' }],
          ['e_c=video&ca=1', { name: 'video', props: { category: 'video' } }],
          ['ca=1', { name: 'action' }],
          ['ping=1', { name: 'engagement', interactive: false }],
        ]
        for (const [query] of cases)
          expect(await told({ path: `/matomo.php?${base}&${query}&send_image=0`, method: 'GET' })).toEqual([
            ...[204, ''],
          ])
        const rows = await client.rows(site)
        expect(rows).toMatchObject(cases.map(([, row]) => ({ page: '/a', ...row })))
        expect(rows.filter(({ interactive }) => interactive === false)).toHaveLength(2)
        expect(await client.count(site)).toBe(cases.length - 1)
      })

      test("a campaign's tags under its own names", async () => {
        const { domain, ...site } = await makeSite()
        for (const tags of [
          'mtm_campaign=spring&mtm_source=letter&mtm_medium=email&mtm_keyword=tea&mtm_content=top',
          'x=1&pk_campaign=spring&pk_source=letter&PK_MEDIUM=email&pk_kwd=tea&pk_content=top',
          'utm_campaign=spring&utm_source=letter&utm_medium=email&utm_term=tea&utm_content=top',
        ]) {
          const url = encodeURIComponent(`https://shop.example/a?${tags}`)
          await told({ path: `/matomo.php?idsite=${domain}&rec=1&url=${url}`, method: 'GET' })
        }
        const due = {
          ...{ page: '/a', utm_campaign: 'spring', utm_source: 'letter', utm_medium: 'email' },
          ...{ utm_term: 'tea', utm_content: 'top', channel: 'Email' },
        }
        expect(await client.rows(site)).toMatchObject([due, due, due])
      })

      test('many in JSON, with a key in the body and not in the URL', async () => {
        const { domain, ...site } = await makeSite()
        const one = `?idsite=${domain}&rec=1&url=https%3A%2F%2Fshop.example%2F&cdt=2024-02-03+04:05:06&cip=203.0.113.9`
        const requests = [one, '?rec=1', 5, { idsite: domain, rec: 1, url: 'https://shop.example/b' }]
        const bulk = (more: Json): Promise<unknown> =>
          told({ path: '/matomo.php', body: { requests, ...more } })
        expect(await bulk({})).toEqual([200, { status: 'success', tracked: 2, invalid: 2 }])
        expect(await bulk({ token_auth: site.server })).toEqual([
          200,
          { status: 'success', tracked: 2, invalid: 2 },
        ])
        const rows = await client.rows(site)
        expect(rows).toHaveLength(4)
        expect(rows.filter(({ time }) => time === '2024-02-03T04:05:06.000Z')).toHaveLength(1)
        const path = `/matomo.php${one}&token_auth=${site.server}`
        expect(await told({ path, method: 'GET' })).toMatchObject([400, { code: 'key_in_url' }])
        expect(await client.count(site)).toBe(4)
      })
    })
  })
}
