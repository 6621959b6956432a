import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshName } from '../support/event.ts'

/** A running program, seen from outside: all that this suite knows of it. */
export interface Subject {
  fetch(path: string, init?: RequestInit): Promise<Response>
  readonly adminKey: string
  stop(): Promise<void>
}

/** What `/refused` answers. */
interface Refusals {
  readonly counts: Readonly<Record<string, number>>
  readonly days: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly agents: readonly unknown[]
  readonly sample: readonly { readonly id: string; readonly event: Readonly<Record<string, unknown>> }[]
}

interface Site {
  readonly name: string
  readonly write: string
  readonly read: string
  readonly server: string
}

/** The contract on the wire (docs/api.md), the same on every runtime and store. */
export function appContract(name: string, start: () => Promise<Subject>): void {
  describe(`app: ${name}`, () => {
    let subject: Subject
    let site: Site
    beforeAll(async () => {
      subject = await start()
      site = await makeSite()
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    // ——— speaking to it ———

    const call = (path: string, init?: RequestInit): Promise<Response> => subject.fetch(path, init)
    const as = (key: string): Record<string, string> => ({ Authorization: `Key ${key}` })
    const admin = (): Record<string, string> => as(subject.adminKey)

    async function put(collection: string, settings: unknown = {}): Promise<Response> {
      return call(`/api/collections/${collection}`, {
        method: 'PUT',
        headers: admin(),
        body: JSON.stringify(settings),
      })
    }

    async function makeKey(collection: string, kind: string): Promise<{ id: string; key: string }> {
      const body = JSON.stringify({ kind })
      const response = await call(`/api/collections/${collection}/keys`, {
        method: 'POST',
        headers: admin(),
        body,
      })
      return (await response.json()) as { id: string; key: string }
    }

    async function makeSite(settings: unknown = {}): Promise<Site> {
      const collection = freshName('site')
      expect((await put(collection, settings)).status).toBe(201)
      const [write, read, server] = await Promise.all(
        ['write', 'read', 'server'].map((kind) => makeKey(collection, kind)),
      )
      return { name: collection, write: write?.key ?? '', read: read?.key ?? '', server: server?.key ?? '' }
    }

    /** Sends a body with the write key in the URL, as a page does. */
    function send(to: Site, body: BodyInit | null, headers: Record<string, string> = {}): Promise<Response> {
      return call(`/${to.name}?key=${to.write}`, { method: 'POST', body, headers })
    }

    async function count(of: Site, path = '/count'): Promise<number> {
      const response = await call(`/${of.name}${path}`, { headers: as(of.read) })
      expect(response.status).toBe(200)
      return ((await response.json()) as { count: number }).count
    }

    async function rows(of: Site, query = ''): Promise<Record<string, unknown>[]> {
      const response = await call(`/${of.name}/events${query}`, { headers: as(of.read) })
      expect(response.status).toBe(200)
      const text = await response.text()
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    }

    /** Status and code of a refusal, whose body must be a problem document and must not tell of our insides. */
    async function refusal(response: Response): Promise<readonly [status: number, code: unknown]> {
      expect(response.headers.get('Content-Type')).toBe('application/problem+json')
      const text = await response.text()
      expect(text).not.toMatch(/node_modules|\.ts:\d|SELECT|INSERT| at \w+ \(/)
      const problem = JSON.parse(text) as Record<string, unknown>
      expect(problem).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        detail: expect.any(String),
      })
      expect(problem.status).toBe(response.status)
      return [response.status, problem.code]
    }

    // ——— the demo app this grew out of ———

    describe('the demo app', () => {
      const demo = {
        time: 'now',
        referrer: 'a',
        agent: 'b',
        source: 'c',
        medium: 'd',
        campaign: 'e',
        page: 'http://google.com',
      }
      test('takes its event with its header and counts it by the page as sent', async () => {
        const shop = await makeSite({
          attributes: ['page', 'time', 'referrer', 'agent', 'source', 'medium', 'campaign'],
          groupBy: ['page'],
        })
        const init = {
          method: 'POST',
          headers: { ...admin(), 'Content-Type': 'application/json' },
          body: JSON.stringify(demo),
        }
        expect((await call(`/${shop.name}`, init)).status).toBe(201)
        expect(await count(shop, '/page/http%3A%2F%2Fgoogle.com/count')).toBe(1)
        expect(await count(shop, '/page/%2F/count')).toBe(1)
        expect(await count(shop, '/page/nothing/count')).toBe(0)
        expect(await count(shop)).toBe(1)
        const form = new URLSearchParams(demo)
        expect((await call(`/${shop.name}`, { method: 'POST', headers: admin(), body: form })).status).toBe(
          201,
        )
        expect(await count(shop)).toBe(2)
      })
      test('refuses as it did: 401 without the key, 404 for an unknown collection, 401 first', async () => {
        const body = JSON.stringify(demo)
        expect((await call(`/${site.name}`, { method: 'POST', body })).status).toBe(401)
        expect((await call(`/${site.name}`, { method: 'POST', body, headers: as('wrong') })).status).toBe(401)
        expect((await call('/no-such', { method: 'POST', body })).status).toBe(401)
        expect((await call('/no-such', { method: 'POST', body, headers: admin() })).status).toBe(404)
        expect((await call('/no-such/page/x/count', { headers: admin() })).status).toBe(404)
      })
      test('has its two collections from the first start', async () => {
        const response = await call('/api/collections', { headers: admin() })
        const { collections } = (await response.json()) as {
          collections: { name: string; groupBy: string[] }[]
        }
        for (const preset of ['pageviews', 'postreads']) {
          expect(collections.find((one) => one.name === preset)?.groupBy).toEqual(['page'])
        }
      })
    })

    // ——— collect ———

    describe('POST /:collection', () => {
      const page = JSON.stringify({ page: '/x' })
      const shapes: readonly (readonly [string, BodyInit, Record<string, string>])[] = [
        ['text', page, { 'Content-Type': 'text/plain;charset=UTF-8' }],
        ['JSON', page, { 'Content-Type': 'application/json' }],
        ['no type at all', new TextEncoder().encode(page), {}],
        ['JSON under the type of a form', page, { 'Content-Type': 'application/x-www-form-urlencoded' }],
        ['an unknown type', page, { 'Content-Type': 'application/reports+json' }],
        ['a byte order mark', `\uFEFF${page}`, {}],
        ['a form', 'page=%2Fx', { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' }],
        ['white space around it', ` \n${page}\n`, {}],
      ]
      for (const [what, body, headers] of shapes) {
        test(`reads ${what}`, async () => {
          const shop = await makeSite()
          const response = await send(shop, body, headers)
          expect(response.status).toBe(201)
          expect(await response.text()).toBe('')
          expect(await count(shop, '/page/%2Fx/count')).toBe(1)
        })
      }

      test('reads FormData, with properties', async () => {
        const shop = await makeSite()
        const form = new FormData()
        for (const [name, value] of [
          ['page', '/x'],
          ['props.plan', 'pro'],
          ['age', '1000'],
        ] as const)
          form.append(name, value)
        expect((await send(shop, form)).status).toBe(201)
        expect(await rows(shop)).toMatchObject([{ page: '/x', props: { plan: 'pro' } }])
      })

      test('reads gzip, and counts its inflated size', async () => {
        const shop = await makeSite()
        const gzip = async (text: string): Promise<ArrayBuffer> =>
          new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
        const headers = { 'Content-Encoding': 'gzip' }
        expect((await send(shop, await gzip(page), headers)).status).toBe(201)
        expect(await refusal(await send(shop, await gzip('a'.repeat(70_000)), headers))).toEqual([
          413,
          'too_large',
        ])
        expect(await refusal(await send(shop, page, headers))).toEqual([400, 'malformed_body'])
        expect(await count(shop)).toBe(1)
      })

      test('reads an event out of the query when there is no body', async () => {
        const shop = await makeSite()
        expect(
          (await call(`/${shop.name}?key=${shop.write}&page=/q&props.a=1`, { method: 'POST' })).status,
        ).toBe(201)
        expect(await rows(shop)).toMatchObject([{ page: '/q', props: { a: '1' } }])
      })

      test('judges the events of a batch one by one', async () => {
        const shop = await makeSite()
        const batch = [{ page: '/a' }, { page: 5 }, 'scalar', { page: '/b', age: -1 }, { page: '/c' }]
        const response = await send(shop, JSON.stringify(batch))
        expect(response.status).toBe(207)
        expect(await response.json()).toEqual({
          accepted: 2,
          refused: [],
          invalid: [
            { index: 1, code: 'invalid_event', pointer: '/page', detail: expect.any(String) },
            { index: 2, code: 'invalid_event', pointer: '', detail: expect.any(String) },
            { index: 3, code: 'invalid_event', pointer: '/age', detail: expect.any(String) },
          ],
        })
        expect(await count(shop)).toBe(2)
        const good = await send(shop, JSON.stringify([{ page: '/d' }]))
        expect([good.status, await good.json()]).toEqual([201, { accepted: 1, refused: [], invalid: [] }])
        const bad = await send(shop, JSON.stringify([{ page: 5 }]))
        expect([bad.status, await bad.json()]).toMatchObject([422, { accepted: 0, invalid: [{ index: 0 }] }])
      })

      test('reads lines of JSON, with and without their type', async () => {
        const shop = await makeSite()
        const lines = '{"page":"/a"}\nbroken\n\n{"page":"/b"}\n'
        const typed = await send(shop, lines, { 'Content-Type': 'application/x-ndjson' })
        expect([typed.status, await typed.json()]).toMatchObject([
          207,
          { accepted: 2, invalid: [{ index: 1 }] },
        ])
        expect((await send(shop, '{"page":"/c"}\n{"page":"/d"}')).status).toBe(201)
        expect(await count(shop)).toBe(4)
      })

      test('counts an id once, however often it is sent, in whatever form', async () => {
        const shop = await makeSite()
        const body = JSON.stringify({ id: 'once', page: '/x' })
        const answers = await Promise.all(Array.from({ length: 5 }, () => send(shop, body)))
        expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
        const again = await send(shop, `[${body},{"id":"once","page":"/y","age":1000},{"page":"/z"}]`)
        expect(await again.json()).toMatchObject({ accepted: 3 })
        expect(await count(shop)).toBe(2)
      })

      test('takes absolute times from server keys, and ignores them from pages', async () => {
        const shop = await makeSite()
        const body = JSON.stringify({ page: '/x', time: '2020-02-03T04:05:06Z', country: 'DE' })
        expect((await call(`/${shop.name}`, { method: 'POST', headers: as(shop.server), body })).status).toBe(
          201,
        )
        expect((await send(shop, body)).status).toBe(201)
        const [imported, live] = await rows(shop)
        expect(imported).toMatchObject({ time: '2020-02-03T04:05:06.000Z', country: 'DE' })
        expect(Date.now() - Date.parse(String(live?.time))).toBeLessThan(60_000)
        expect(live).not.toHaveProperty('country')
        for (const time of [-1, 1e300, '2020-02-30T25:00:00Z', '2020-02-03T04:05:06', {}]) {
          const wrong = {
            method: 'POST',
            headers: as(shop.server),
            body: JSON.stringify({ page: '/x', time }),
          }
          expect(await refusal(await call(`/${shop.name}`, wrong))).toEqual([422, 'invalid_event'])
        }
        const ahead = JSON.stringify({ page: '/x', time: Date.now() + 360_000 })
        const response = await call(`/${shop.name}`, {
          method: 'POST',
          headers: as(shop.server),
          body: ahead,
        })
        expect(await refusal(response)).toEqual([422, 'invalid_event'])
      })

      test('keeps nothing private of a page: query, fragment, user, e-mail, secrets', async () => {
        const shop = await makeSite({ query: ['tab'] })
        const url =
          'https://u:p@shop.example:8443/me@x.example/abcdefghijkl0123456789mnop/a%0Ab?tab=1&token=s3cret&utm_source=news#frag'
        expect((await send(shop, JSON.stringify({ page: url, referrer: `${url}2` }))).status).toBe(201)
        const [row] = await rows(shop)
        expect(row).toMatchObject({
          page: '/*/*/ab?tab=1',
          hostname: 'shop.example',
          source: 'news',
          utm_source: 'news',
        })
        expect(JSON.stringify(row)).not.toMatch(/s3cret|frag|u:p|me@x|abcdefghijkl|8443/)
        expect(await count(shop, `/page/${encodeURIComponent(url)}/count`)).toBe(1)
      })

      test('makes text well-formed', async () => {
        const shop = await makeSite()
        expect((await send(shop, '{"page":"/a\\u0000\\ud800b","x\\u0001":"\\udfff\\n"}')).status).toBe(201)
        expect(await rows(shop)).toMatchObject([{ page: '/a\uFFFDb', props: { x: '\uFFFD' } }])
      })

      test('keeps declared attributes by name and everything else as a property', async () => {
        const shop = await makeSite({ attributes: ['plan'], groupBy: ['plan'] })
        const body =
          '{"page":"/","plan":"pro","constructor":"c","__proto__":"p","props":{"toString":true,"n":1}}'
        expect((await send(shop, body)).status).toBe(201)
        expect(await count(shop, '/plan/pro/count')).toBe(1)
        const [row] = await rows(shop)
        expect(row?.plan).toBe('pro')
        expect(JSON.stringify(row?.props)).toBe('{"constructor":"c","__proto__":"p","toString":true,"n":1}')
      })

      test('turns away pages of origins that are not listed, and says so', async () => {
        const shop = await makeSite({ origins: ['https://shop.example', 'https://*.shop.example'] })
        const from = (origin: string): Promise<Response> => send(shop, page, { Origin: origin })
        for (const origin of ['https://shop.example', 'https://a.shop.example']) {
          const response = await from(origin)
          expect(response.status).toBe(201)
          expect(response.headers.get('Access-Control-Allow-Origin')).toBe(origin)
        }
        for (const origin of [
          'https://evil.example',
          'https://evilshop.example',
          'http://shop.example',
          'null',
        ]) {
          const response = await from(origin)
          expect([response.status, response.headers.get('Skerry-Refused')]).toEqual([202, 'origin'])
          expect(response.headers.get('Access-Control-Allow-Origin')).toBeNull()
        }
        expect(await count(shop)).toBe(2)
      })
    })

    // ——— what was refused ———

    describe('refused events', () => {
      const evil = { Origin: 'https://evil.example' }

      async function refused(of: Site): Promise<Refusals> {
        const response = await call(`/${of.name}/refused`, { headers: as(of.read) })
        expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
        return (await response.json()) as Refusals
      }

      function restore(of: Site, what: unknown, key = subject.adminKey): Promise<Response> {
        const body = JSON.stringify(what)
        return call(`/${of.name}/refused/restore`, { method: 'POST', headers: as(key), body })
      }

      test('are seen by reason and day and as a sample, and count nowhere', async () => {
        const shop = await makeSite({ origins: ['https://shop.example'] })
        expect(await refused(shop)).toEqual({ counts: {}, days: {}, agents: [], sample: [] })
        const single = await send(
          shop,
          '{"id":"one","page":"https://x.example/a?utm_source=y","age":5}',
          evil,
        )
        expect([single.status, await single.text(), single.headers.get('Skerry-Refused')]).toEqual([
          202,
          '',
          'origin',
        ])
        const batch = await send(shop, '[{"page":"/b"},{"page":5},{"page":"/c"}]', evil)
        expect([batch.status, await batch.json(), batch.headers.get('Skerry-Refused')]).toEqual([
          202,
          {
            accepted: 0,
            refused: [
              { index: 0, code: 'origin' },
              { index: 2, code: 'origin' },
            ],
            invalid: [{ index: 1, code: 'invalid_event', detail: expect.any(String), pointer: '/page' }],
          },
          'origin',
        ])
        await send(shop, '{"id":"one","page":"/again"}', evil)
        const { counts, days, sample, agents } = await refused(shop)
        expect(counts).toEqual({ origin: 3 })
        expect(Object.values(days).flatMap(Object.entries)).toContainEqual(['origin', expect.any(Number)])
        expect(agents).toEqual([])
        expect(sample.map(({ event }) => event.page).sort()).toEqual(['/a', '/b', '/c'])
        const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
        expect(sample.find(({ id }) => id === 'one')).toMatchObject({
          id: 'one',
          time,
          code: 'origin',
          event: { id: 'one', time, name: 'pageview', page: '/a', hostname: 'x.example', source: 'y' },
        })
        expect(JSON.stringify(sample)).not.toMatch(/visitor|agent|address|received/)
        expect([await count(shop), await rows(shop)]).toEqual([0, []])
      })

      test('count after all when an admin restores them, once', async () => {
        const shop = await makeSite({ origins: ['https://shop.example'] })
        await send(shop, '[{"id":"a","page":"/a"},{"id":"b","page":"/b"},{"id":"c","page":"/c"}]', evil)
        for (const [what, restored, counted] of [
          [{ ids: ['a', 'z'] }, 1, 1],
          [{ ids: ['a'] }, 0, 1],
          [{ code: 'bot' }, 0, 1],
          [{ code: 'origin' }, 2, 3],
          [{ code: 'origin' }, 0, 3],
        ] as const) {
          const response = await restore(shop, what)
          expect([response.status, await response.json()]).toEqual([200, { restored }])
          expect(await count(shop)).toBe(counted)
        }
        expect((await rows(shop)).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c'])
        expect((await refused(shop)).counts).toEqual({})
        for (const wrong of [
          {},
          { ids: [] },
          { ids: Array(1001).fill('a') },
          { code: 'no' },
          { ids: 'a' },
          [],
        ])
          expect(await refusal(await restore(shop, wrong))).toEqual([422, 'invalid_query'])
        for (const key of [shop.read, shop.server, shop.write])
          expect(await refusal(await restore(shop, { code: 'origin' }, key))).toEqual([403, 'forbidden'])
        const asWriter = await call(`/${shop.name}/refused`, { headers: as(shop.write) })
        expect(await refusal(asWriter)).toEqual([403, 'forbidden'])
        expect(await refusal(await call(`/${shop.name}/refused/restore`, { headers: admin() }))).toEqual([
          405,
          'method_not_allowed',
        ])
      })

      test('are asked with two dimensions that no other question has', async () => {
        const shop = await makeSite({ origins: ['https://shop.example'] })
        await send(shop, '[{"page":"/a"},{"page":"/b"},{"page":"/a"}]', evil)
        const query = JSON.stringify({
          metrics: ['events'],
          dimensions: ['event:page', 'event:refusal'],
          date_range: 'day',
          filters: [['is', 'event:bot', ['(not set)']]],
        })
        const init = { method: 'POST', headers: as(shop.read), body: query }
        const posted = await call(`/${shop.name}/refused/query`, init)
        const found = await call(`/${shop.name}/refused/query?q=${encodeURIComponent(query)}`, {
          headers: as(shop.read),
        })
        for (const response of [posted, found]) {
          expect(response.status).toBe(200)
          expect(await response.json()).toMatchObject({
            results: [
              { dimensions: ['/a', 'origin'], metrics: [2] },
              { dimensions: ['/b', 'origin'], metrics: [1] },
            ],
          })
        }
        expect(await refusal(await call(`/${shop.name}/query`, init))).toEqual([422, 'invalid_query'])
      })

      test('go with the collection, with what is erased, and with its time zone', async () => {
        const shop = await makeSite({ origins: ['https://shop.example'] })
        await send(shop, '[{"page":"/a"},{"page":"/b"}]', evil)
        const erased = await call(`/${shop.name}/events`, {
          method: 'DELETE',
          headers: admin(),
          body: '{"filters":[["is","event:page",["/a"]]]}',
        })
        expect(await erased.json()).toEqual({ erased: 0 })
        expect((await refused(shop)).counts).toEqual({ origin: 1 })
        const moved = await put(shop.name, { origins: ['https://shop.example'], timezone: 'Asia/Tokyo' })
        expect([moved.status, (await refused(shop)).counts]).toEqual([200, {}])
        await send(shop, '{"page":"/c"}', evil)
        expect((await refused(shop)).counts).toEqual({ origin: 1 })
        await call(`/api/collections/${shop.name}`, { method: 'DELETE', headers: admin() })
        await put(shop.name)
        const after = await call(`/${shop.name}/refused`, { headers: admin() })
        expect(await after.json()).toMatchObject({ counts: {}, sample: [] })
      })
    })

    // ——— bad input ———

    describe('bad input is refused and stores nothing', () => {
      const big = JSON.stringify({ page: '/', x: 'y'.repeat(65_536) })
      const cases: readonly (readonly [string, BodyInit, number, string, Record<string, string>?])[] = [
        ['not JSON', '{"page":', 400, 'malformed_body'],
        ['nothing', '', 400, 'malformed_body'],
        ['white space', ' \n', 400, 'malformed_body'],
        ['wrong UTF-8', new Uint8Array([123, 34, 255, 34, 125]), 400, 'malformed_body'],
        ['depth 33', `{"page":"/","x":${'['.repeat(32)}${']'.repeat(32)}}`, 400, 'malformed_body'],
        ['depth 10,000', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400, 'malformed_body'],
        [
          'another charset',
          '{"page":"/"}',
          415,
          'unsupported_media_type',
          { 'Content-Type': 'text/plain;charset=utf-16' },
        ],
        ['another encoding', '{"page":"/"}', 415, 'unsupported_media_type', { 'Content-Encoding': 'br' }],
        ['a body over the limit', big, 413, 'too_large'],
        ['a string', '"x"', 422, 'invalid_event'],
        ['null', 'null', 422, 'invalid_event'],
        ['an empty array', '[]', 422, 'invalid_event'],
        ['1,001 events', `[${'{"page":"/"},'.repeat(1000)}{"page":"/"}]`, 413, 'too_large'],
        ['a page view without page', '{}', 422, 'invalid_event'],
        ['a page that is no text', '{"page":{"a":1}}', 422, 'invalid_event'],
        ['a page that is too long', JSON.stringify({ page: `/${'a'.repeat(2048)}` }), 422, 'invalid_event'],
        ['an id that is too long', JSON.stringify({ page: '/', id: 'a'.repeat(65) }), 422, 'invalid_event'],
        ['an object where a scalar belongs', '{"page":"/","__proto__":{"x":1}}', 422, 'invalid_event'],
        ['a number past all numbers', '{"page":"/","x":1e400}', 422, 'invalid_event'],
        ['an age of yesterday and more', '{"page":"/","age":86400001}', 422, 'invalid_event'],
        ['a negative age', '{"page":"/","age":-1}', 422, 'invalid_event'],
        [
          '31 properties',
          JSON.stringify({
            page: '/',
            props: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [i, i])),
          }),
          422,
          'invalid_event',
        ],
        [
          'a property name of 301 bytes',
          JSON.stringify({ page: '/', props: { [`${'é'.repeat(150)}x`]: 1 } }),
          422,
          'invalid_event',
        ],
        [
          'a property of 2,001 bytes',
          JSON.stringify({ page: '/', props: { x: `x${'é'.repeat(1000)}` } }),
          422,
          'invalid_event',
        ],
        [
          'money without a currency',
          '{"page":"/","revenue":{"amount":5,"currency":"XX"}}',
          422,
          'invalid_event',
        ],
        ['a scroll depth over 100', '{"page":"/","depth":101}', 422, 'invalid_event'],
      ]
      let shop: Site
      beforeAll(async () => {
        shop = await makeSite()
      })
      for (const [what, body, status, code, headers] of cases) {
        test(what, async () => {
          expect(await refusal(await send(shop, body, headers))).toEqual([status, code])
        })
      }
      afterAll(async () => {
        expect(await rows(shop)).toEqual([])
      })

      test('tells at most a hundred faults, and a large answer costs no more for it', async () => {
        const members = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, {}]))
        const response = await send(site, JSON.stringify(members))
        expect(response.status).toBe(422)
        expect(((await response.json()) as { errors: unknown[] }).errors).toHaveLength(100)
      })

      test('tells every fault with its pointer', async () => {
        const response = await send(site, '{"page":5,"age":"x","props":{"a/b":{}}}')
        const { errors } = (await response.json()) as { errors: { pointer: string }[] }
        expect(errors.map(({ pointer }) => pointer)).toEqual(['/page', '/age', '/props/a~1b'])
      })

      test('a body of exactly the limit is taken, one byte more is not, with and without its length', async () => {
        const fill = (bytes: number): string => {
          const frame = JSON.stringify({ page: '/', props: {} }).length + '"x":""'.length
          const parts = Math.floor((bytes - frame) / 2000)
          const props = Object.fromEntries(
            Array.from({ length: Math.min(parts, 29) }, (_, i) => [`k${i}`, 'v'.repeat(1990)]),
          )
          const text = JSON.stringify({ page: '/', props })
          return text + ' '.repeat(bytes - text.length)
        }
        const streamed = (text: string): RequestInit =>
          ({ method: 'POST', body: new Blob([text]).stream(), duplex: 'half' }) as RequestInit
        const path = `/${site.name}?key=${site.write}`
        expect((await send(site, fill(65_536))).status).toBe(201)
        expect((await send(site, fill(65_537))).status).toBe(413)
        expect((await call(path, streamed(fill(65_536)))).status).toBe(201)
        expect((await call(path, streamed(fill(65_537)))).status).toBe(413)
      })

      test('names of prototypes are collections, attributes and keys like any other', async () => {
        for (const odd of [
          '__proto__',
          'constructor',
          'toString',
          '%5f%5fproto%5f%5f',
          'a%2fb',
          'a%00b',
          '%ff',
        ]) {
          expect((await call(`/${odd}`, { method: 'POST', body: page, headers: admin() })).status).toBe(404)
          expect(
            (await call(`/${odd}`, { method: 'POST', body: page, headers: as(site.write) })).status,
          ).toBe(403)
          expect((await call(`/${odd}/count`, { headers: admin() })).status).toBe(404)
          expect((await call(`/${site.name}/${odd}/x/count`, { headers: admin() })).status).toBe(404)
          expect((await call(`/${site.name}/count`, { headers: as(odd) })).status).toBe(401)
        }
      })
      const page = '{"page":"/"}'
    })

    // ——— keys ———

    describe('keys', () => {
      const body = '{"page":"/"}'
      test('are read from Key and Bearer, whatever their case', async () => {
        for (const scheme of ['Key', 'Bearer', 'key', 'BEARER']) {
          const headers = { Authorization: `${scheme} ${site.write}` }
          expect((await call(`/${site.name}`, { method: 'POST', body, headers })).status).toBe(201)
        }
      })

      test('of a wrong form are 401', async () => {
        for (const value of [
          '',
          'Key',
          'Key ',
          `Basic ${site.write}`,
          site.write,
          `Key ${site.write} x`,
          `Key ${'x'.repeat(5000)}`,
        ]) {
          const response = await call(`/${site.name}/count`, { headers: { Authorization: value } })
          expect(await refusal(response)).toEqual([401, 'unauthorized'])
          expect(response.headers.get('WWW-Authenticate')).toBeTruthy()
        }
        const two = new Headers([
          ['Authorization', `Key ${site.read}`],
          ['Authorization', `Key ${site.write}`],
        ])
        expect((await call(`/${site.name}/count`, { headers: two })).status).toBe(401)
      })

      test('that are secret do not belong in a URL', async () => {
        for (const key of [site.read, site.server, subject.adminKey]) {
          const response = await call(`/${site.name}?key=${key}`, {
            method: 'POST',
            body,
            headers: as(site.write),
          })
          expect(await refusal(response)).toEqual([400, 'key_in_url'])
        }
        expect((await call(`/${site.name}?key=unknown`, { method: 'POST', body })).status).toBe(401)
      })

      test('open what their kind may do, and nothing else', async () => {
        const other = await makeSite()
        const routes: readonly (readonly [
          string,
          string,
          string | undefined,
          readonly (keyof Site | 'admin')[],
        ])[] = [
          ['POST', '', body, ['write', 'server', 'admin']],
          ['GET', '/count', undefined, ['read', 'admin']],
          ['GET', '/page/%2F/count', undefined, ['read', 'admin']],
          ['GET', '/events', undefined, ['read', 'admin']],
        ]
        for (const [method, path, sent, allowed] of routes) {
          for (const kind of ['write', 'read', 'server', 'admin'] as const) {
            const ask = (of: Site): Promise<Response> =>
              call(`/${site.name}${path}`, {
                method,
                ...(sent !== undefined && { body: sent }),
                headers: as(kind === 'admin' ? subject.adminKey : of[kind]),
              })
            const mine = await ask(site)
            if (allowed.includes(kind)) expect(mine.status).toBeLessThan(300)
            else expect(await refusal(mine)).toEqual([403, 'forbidden'])
            if (kind !== 'admin') expect(await refusal(await ask(other))).toEqual([403, 'forbidden'])
          }
        }
        const manage: readonly (readonly [string, string])[] = [
          ['GET', '/api/collections'],
          ['PUT', `/api/collections/${site.name}`],
          ['GET', `/api/collections/${site.name}`],
          ['DELETE', `/api/collections/${site.name}`],
          ['GET', `/api/collections/${site.name}/keys`],
          ['POST', `/api/collections/${site.name}/keys`],
          ['DELETE', `/api/collections/${site.name}/keys/x`],
        ]
        for (const [method, path] of manage) {
          expect((await call(path, { method })).status).toBe(401)
          for (const key of [site.write, site.read, site.server]) {
            expect((await call(path, { method, headers: as(key) })).status).toBe(403)
          }
        }
      })

      test('are listed without their secret, and end when they are removed', async () => {
        const shop = await makeSite()
        const { id, key } = await makeKey(shop.name, 'read')
        const listed = await call(`/api/collections/${shop.name}/keys`, { headers: admin() })
        const text = await listed.text()
        expect(text).toContain(shop.write)
        for (const secret of [shop.read, shop.server, key]) expect(text).not.toContain(secret)
        const { keys } = JSON.parse(text) as { keys: { id: string; kind: string; created: string }[] }
        expect(keys.map(({ kind }) => kind).sort()).toEqual(['read', 'read', 'server', 'write'])
        expect(keys.every(({ created }) => Math.abs(Date.now() - Date.parse(created)) < 60_000)).toBe(true)
        expect((await call(`/${shop.name}/count`, { headers: as(key) })).status).toBe(200)
        const path = `/api/collections/${shop.name}/keys/${id}`
        expect((await call(path, { method: 'DELETE', headers: admin() })).status).toBe(204)
        expect((await call(`/${shop.name}/count`, { headers: as(key) })).status).toBe(401)
        expect((await call(path, { method: 'DELETE', headers: admin() })).status).toBe(404)
      })

      test('of an unknown kind cannot be made', async () => {
        for (const sent of ['{"kind":"admin"}', '{"kind":5}', '{}', '[]', '{"kind":"read","x":1}']) {
          const response = await call(`/api/collections/${site.name}/keys`, {
            method: 'POST',
            headers: admin(),
            body: sent,
          })
          expect(await refusal(response)).toEqual([422, 'invalid_definition'])
        }
      })
    })

    // ——— definitions ———

    describe('definitions', () => {
      test('are made, changed, listed and erased with all their events and keys', async () => {
        const collection = freshName('def')
        const made = await put(collection, {
          attributes: ['plan'],
          groupBy: ['plan'],
          timezone: 'Europe/Berlin',
        })
        expect(made.status).toBe(201)
        const body = (await made.json()) as Record<string, unknown>
        expect(body).toMatchObject({
          name: collection,
          attributes: ['plan'],
          groupBy: ['plan'],
          timezone: 'Europe/Berlin',
          retention: null,
        })
        const again = await put(collection, body)
        expect([again.status, await again.json()]).toEqual([200, body])
        const got = await call(`/api/collections/${collection}`, { headers: admin() })
        expect([got.status, await got.json()]).toEqual([200, body])
        expect(got.headers.get('Cache-Control')).toBe('no-store')
        const { key } = await makeKey(collection, 'write')
        expect(
          (await call(`/${collection}?key=${key}`, { method: 'POST', body: '{"page":"/"}' })).status,
        ).toBe(201)
        const path = `/api/collections/${collection}`
        expect((await call(path, { method: 'DELETE', headers: admin() })).status).toBe(204)
        expect((await call(path, { headers: admin() })).status).toBe(404)
        expect((await call(path, { method: 'DELETE', headers: admin() })).status).toBe(404)
        expect(
          (await call(`/${collection}?key=${key}`, { method: 'POST', body: '{"page":"/"}' })).status,
        ).toBe(401)
        await put(collection)
        expect(await (await call(`/${collection}/count`, { headers: admin() })).json()).toEqual({ count: 0 })
      })

      test('count by what they say now, over everything there is', async () => {
        const shop = await makeSite({ attributes: ['plan'] })
        await send(shop, '{"page":"/","plan":"pro"}')
        expect((await call(`/${shop.name}/plan/pro/count`, { headers: as(shop.read) })).status).toBe(404)
        await put(shop.name, { attributes: ['plan'], groupBy: ['plan'] })
        expect(await count(shop, '/plan/pro/count')).toBe(1)
      })

      test('with faults change nothing, and every fault is told', async () => {
        const response = await put(freshName('bad'), {
          attributes: 'plan',
          groupBy: ['nope'],
          timezone: 'Mars/Base',
          extra: 1,
        })
        expect(response.status).toBe(422)
        const { code, errors } = (await response.json()) as {
          code: string
          errors: { pointer: string; detail: string }[]
        }
        expect(code).toBe('invalid_definition')
        expect(errors.map(({ pointer }) => pointer)).toEqual(
          expect.arrayContaining(['/attributes', '/timezone']),
        )
        expect(errors.every(({ detail }) => detail.length > 5 && detail !== 'Invalid input')).toBe(true)
        const wrong = { groupBy: ['agent'], origins: ['shop.example'], retention: 0 }
        for (const [name, value] of Object.entries(wrong)) {
          expect(await refusal(await put(site.name, { [name]: value }))).toEqual([422, 'invalid_definition'])
        }
        expect(
          await refusal(
            await call(`/api/collections/${site.name}`, { method: 'PUT', headers: admin(), body: 'x' }),
          ),
        ).toEqual([400, 'malformed_body'])
        expect(
          await (await call(`/api/collections/${site.name}`, { headers: admin() })).json(),
        ).toMatchObject({ groupBy: ['page'] })
      })

      test('have names that fit a path', async () => {
        for (const name of ['api', 'health', 'x.js', 'UPPER', '-x', 'a'.repeat(64), 'a%2Fb', '__proto__']) {
          const response = await put(name)
          expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
            422,
            'invalid_definition',
          ])
        }
        const odd = `${freshName()}.example_com-`
        expect((await put(odd)).status).toBe(201)
      })

      test('keep their time zone once they hold events', async () => {
        const shop = await makeSite({ timezone: 'UTC' })
        expect((await put(shop.name, { timezone: 'Asia/Tokyo' })).status).toBe(200)
        await send(shop, '{"page":"/"}')
        expect(await refusal(await put(shop.name, { timezone: 'UTC' }))).toEqual([409, 'conflict'])
        expect((await put(shop.name, { timezone: 'Asia/Tokyo', query: ['q'] })).status).toBe(200)
      })

      test('share no alias', async () => {
        const [one, two, alias] = [freshName(), freshName(), freshName('alias')]
        expect((await put(one, { aliases: [alias] })).status).toBe(201)
        expect(await refusal(await put(two, { aliases: [alias] }))).toEqual([409, 'conflict'])
        expect(await refusal(await put(two, { aliases: [one] }))).toEqual([409, 'conflict'])
        expect(await refusal(await put(alias))).toEqual([409, 'conflict'])
        expect((await call(`/api/collections/${two}`, { headers: admin() })).status).toBe(404)
      })
    })

    // ——— asking ———

    describe('GET /:collection/events', () => {
      test('gives whole days of the zone, or instants, in order of time', async () => {
        const shop = await makeSite({ timezone: 'Europe/Berlin' })
        const times = [
          '2024-03-30T22:59:59Z',
          '2024-03-30T23:00:00Z',
          '2024-03-31T21:59:59Z',
          '2024-03-31T22:00:00Z',
        ]
        const body = JSON.stringify([...times].reverse().map((time) => ({ page: '/', time })))
        expect((await call(`/${shop.name}`, { method: 'POST', headers: as(shop.server), body })).status).toBe(
          201,
        )
        const at = async (query: string): Promise<unknown[]> =>
          (await rows(shop, query)).map(({ time }) => time)
        const iso = times.map((time) => time.replace('Z', '.000Z'))
        expect(await at('')).toEqual(iso)
        expect(await at('?from=2024-03-31&to=2024-03-31')).toEqual(iso.slice(1, 3))
        expect(await at('?from=2024-03-31T21:59:59Z')).toEqual(iso.slice(2))
        expect(await at('?to=2024-03-31T00:00:00%2B01:00')).toEqual(iso.slice(0, 2))
        for (const query of ['?from=yesterday', '?from=2024-02-31', '?from=2024-03-31T00:00:00', '?what=1']) {
          const response = await call(`/${shop.name}/events${query}`, { headers: as(shop.read) })
          expect(await refusal(response)).toEqual([422, 'invalid_query'])
        }
      })
    })

    // ——— everything else a client may rely on ———

    describe('every answer', () => {
      test('tells its time, and that of each layer', async () => {
        for (const [path, init] of [
          ['/health/live', {}],
          [`/${site.name}/count`, { headers: as(site.read) }],
          ['/no/such/route', {}],
        ] as const) {
          const response = await call(path, init)
          expect(response.headers.get('X-Response-Time')).toMatch(/^\d+(\.\d+)?ms$/)
          expect(response.headers.get('Server-Timing')).toMatch(
            /^recover;dur=[\d.]+, timing;dur=[\d.]+, cors;dur=[\d.]+/,
          )
        }
        const { headers } = await send(site, '{"page":"/"}')
        expect(
          headers
            .get('Server-Timing')
            ?.split(', ')
            .map((mark) => mark.split(';')[0]),
        ).toEqual(['recover', 'timing', 'cors', 'auth', 'limit', 'shed', 'validate', 'identify', 'collect'])
      })

      test('sets no cookie', async () => {
        const response = await send(site, '{"page":"/"}', { Cookie: 'a=b' })
        expect(response.headers.get('Set-Cookie')).toBeNull()
      })

      test('is 404 for a route there is not, 405 with what there is for another method, after auth', async () => {
        expect(await refusal(await call('/no/such/route'))).toEqual([404, 'not_found'])
        expect((await call(`/${site.name}/count`, { method: 'DELETE' })).status).toBe(401)
        const response = await call(`/${site.name}/count`, { method: 'DELETE', headers: as(site.read) })
        expect([...(await refusal(response)), response.headers.get('Allow')]).toEqual([
          405,
          'method_not_allowed',
          'GET, HEAD',
        ])
        const bare = await call(`/${site.name}`, { headers: as(site.write) })
        expect([...(await refusal(bare)), bare.headers.get('Allow')]).toEqual([
          405,
          'method_not_allowed',
          'POST',
        ])
      })

      test('to HEAD is that to GET without its body', async () => {
        const response = await call(`/${site.name}/count`, { method: 'HEAD', headers: as(site.read) })
        expect([response.status, await response.text()]).toEqual([200, ''])
      })
    })

    describe('pages of other sites', () => {
      const origin = 'https://page.example'
      test('get the same leave to send for every name', async () => {
        for (const path of [`/${site.name}`, '/no-such', '/__proto__']) {
          const headers = {
            Origin: origin,
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'content-type',
          }
          const response = await call(path, { method: 'OPTIONS', headers })
          expect(response.status).toBe(204)
          expect(Object.fromEntries(response.headers)).toMatchObject({
            'access-control-allow-origin': origin,
            'access-control-allow-credentials': 'true',
            'access-control-allow-headers': 'content-type',
            'access-control-allow-methods': expect.stringContaining('POST'),
            'access-control-max-age': '86400',
            vary: 'Origin',
          })
        }
      })

      test('may read the answer to what they sent, good or bad', async () => {
        for (const body of ['{"page":"/"}', 'x']) {
          const { headers } = await send(site, body, { Origin: origin })
          expect(headers.get('Access-Control-Allow-Origin')).toBe(origin)
          expect(headers.get('Access-Control-Expose-Headers')).toContain('Skerry-Refused')
          expect(headers.get('Vary')).toContain('Origin')
        }
        const refused = await call(`/${site.name}`, {
          method: 'POST',
          body: '{}',
          headers: { Origin: origin },
        })
        expect([refused.status, refused.headers.get('Access-Control-Allow-Origin')]).toEqual([401, origin])
      })

      test('may not read counts, unless the definition embeds them', async () => {
        const shop = await makeSite({ embed: [origin] })
        const ask = async (of: Site, method = 'GET'): Promise<string | null> => {
          const preflight = {
            'Access-Control-Request-Method': 'GET',
            'Access-Control-Request-Headers': 'authorization',
          }
          const headers = { Origin: origin, ...(method === 'OPTIONS' ? preflight : as(of.read)) }
          return (await call(`/${of.name}/count`, { method, headers })).headers.get(
            'Access-Control-Allow-Origin',
          )
        }
        expect([await ask(site), await ask(site, 'OPTIONS')]).toEqual([null, null])
        expect([await ask(shop), await ask(shop, 'OPTIONS')]).toEqual([origin, origin])
      })
    })

    describe('the pixel', () => {
      const pixel = (of: Site, query: string, init?: RequestInit): Promise<Response> =>
        call(`/${of.name}?key=${of.write}${query}`, init)
      test('counts and is an image, also when a field is at fault', async () => {
        const shop = await makeSite()
        for (const [query, refused] of [
          ['&page=/p', null],
          ['&page=/p&age=x', 'invalid_event'],
        ] as const) {
          const response = await pixel(shop, query)
          expect(response.status).toBe(200)
          expect((await response.arrayBuffer()).byteLength).toBe(43)
          expect(response.headers.get('Skerry-Refused')).toBe(refused)
          expect(Object.fromEntries(response.headers)).toMatchObject({
            'content-type': 'image/gif',
            'cache-control': 'no-store',
            'cross-origin-resource-policy': 'cross-origin',
          })
        }
        expect((await pixel(shop, '&page=/p', { method: 'HEAD' })).status).toBe(200)
        expect(await count(shop, '/page/%2Fp/count')).toBe(1)
        expect((await call(`/${shop.name}?page=/p`)).status).toBe(401)
      })
    })

    describe('health', () => {
      test('is live, and ready with the durability of what it acknowledges', async () => {
        expect((await call('/health/live')).status).toBe(200)
        const response = await call('/health/ready')
        expect(response.status).toBe(200)
        expect(await response.json()).toMatchObject({
          durability: expect.stringMatching(/^(always|everysec|memory)$/),
        })
      })
    })

    test('nothing acknowledged is lost or doubled when many send at once', async () => {
      const shop = await makeSite()
      const beacons = Array.from({ length: 200 }, (_, i) =>
        JSON.stringify({ id: `n${i % 150}`, page: `/${i % 7}` }),
      )
      const answers = await Promise.all(beacons.map((body) => send(shop, body)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
      expect(await count(shop)).toBe(150)
      expect(await rows(shop)).toHaveLength(150)
    })
  })
}
