import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asset } from '../support/assets.ts'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

const DAY_MS = 86_400_000
const EMBED = ['https://intra.example', 'https://*.example.org']

interface Operation {
  readonly 'x-keys': readonly string[]
}

interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What a link to a dashboard opens, and that it opens nothing else. */
export function linksContract(name: string, start: () => Promise<Subject>): void {
  describe(`shared dashboards: ${name}`, () => {
    let subject: Subject
    let site: Site
    let other: Site
    let admin: string
    const client = new Client(() => subject)

    beforeAll(async () => {
      subject = await start()
      site = await client.makeSite({
        attributes: ['plan'],
        goals: [{ name: 'Signup', event: 'signup' }],
        embed: EMBED,
      })
      other = await client.makeSite()
      await client.deliver(site, events())
      admin = await signIn(subject.adminKey)
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    async function post(form: readonly (readonly [string, string])[], cookie = admin): Promise<Page> {
      const body = new URLSearchParams(form.map(([key, value]) => [key, value])).toString()
      const type = 'application/x-www-form-urlencoded'
      return read(
        await client.call('/', { method: 'POST', headers: { 'Content-Type': type, Cookie: cookie }, body }),
      )
    }

    async function read(response: Response): Promise<Page> {
      return { status: response.status, headers: response.headers, text: await response.text() }
    }

    async function signIn(key: string): Promise<string> {
      const { headers } = await post(
        [
          ['do', 'sign-in'],
          ['key', key],
        ],
        '',
      )
      return cookieOf(headers)
    }

    const get = async (search: string, headers: Record<string, string> = {}): Promise<Page> =>
      read(await client.call(`/${search}`, { headers }))

    /** A link, and its token. */
    async function share(filters: readonly string[] = [], password = ''): Promise<string> {
      const made = await post([
        ['do', 'add-link'],
        ['site', site.name],
        ['label', 'For the board'],
        ['password', password],
        ...filters.map((filter) => ['f', filter] as const),
      ])
      expect([made.status, made.status === 201 || made.text]).toEqual([201, true])
      const [, token = ''] = /\/\?view=(skv_[\w-]+)/.exec(made.text) ?? []
      expect(token).toMatch(/^skv_[\w-]{40}$/)
      return token
    }

    /** A browser that followed a link: where it is, and its cookie. */
    async function follow(token: string): Promise<{ readonly search: string; readonly cookie: string }> {
      const first = await get(`?view=${token}`, { 'Sec-Fetch-Dest': 'document' })
      expect([first.status, first.headers.get('Referrer-Policy')]).toEqual([303, 'strict-origin'])
      const search = (first.headers.get('Location') ?? '').slice(1)
      expect(search).toMatch(/^\?view=[\w-]{12}$/)
      return { search, cookie: cookieOf(first.headers) }
    }

    const safe = (cookie: string): Record<string, string> => ({ Cookie: cookie })

    test('a link leads to an address without its token, by a cookie for this link alone', async () => {
      const token = await share()
      const { search, cookie } = await follow(token)
      const report = await get(search, safe(cookie))
      expect(report.status).toBe(200)
      expect(report.text).toContain('class="panels"')
      expect(report.text).not.toContain(token)
      expect(report.headers.get('Referrer-Policy')).toBe('strict-origin')
      expect(report.text).not.toMatch(/show=(?:live|links)|sign-out/)
      expect((await get(search)).status).toBe(404)
      expect((await get('', safe(cookie))).text).toContain('type="password"')
      for (const place of [`?site=${site.name}`, `?site=${other.name}`])
        expect((await get(place, safe(cookie))).text).toContain('type="password"')
    })

    test('whatever else the address names, it shows its own collection', async () => {
      const { search, cookie } = await follow(await share())
      const { text } = await get(`${search}&site=${other.name}`, safe(cookie))
      expect(text).toContain(`<h1 class="site">${site.name}</h1>`)
      expect(text).toContain('class="panels"')
      for (const more of ['&show=live', '&show=links', '&show=live&part=live'])
        expect((await get(search + more, safe(cookie))).status).toBe(403)
    })

    test('an empty collection does not show its key to guests', async () => {
      const made = await post([
        ['do', 'add-link'],
        ['site', other.name],
      ])
      const [, token] = /view=(skv_[\w-]+)/.exec(made.text) ?? []
      const { status, text } = await get(`?view=${token}`)
      expect([status, text.includes(other.write)]).toEqual([200, false])
    })

    test('no route of the API takes its token or its cookie', async () => {
      const token = await share()
      const { cookie } = await follow(token)
      const { paths } = JSON.parse(await asset('openapi.json')) as {
        paths: Record<string, Record<string, Operation>>
      }
      let tried = 0
      for (const [path, methods] of Object.entries(paths))
        for (const [method, operation] of Object.entries(methods)) {
          if (operation['x-keys'].length === 0) continue
          tried++
          const at = path.replace(/\{(collection|name)\}/, site.name).replaceAll(/\{\w+\}/g, 'page')
          const init = { method: method.toUpperCase(), ...(method !== 'get' && { body: '{"page":"/"}' }) }
          const byToken = await client.call(at, { ...init, headers: client.as(token) })
          const byCookie = await client.call(at, { ...init, headers: safe(cookie) })
          const inUrl = await client.call(`${at}?key=${token}`, init)
          // Some dialects know no other answer than 401.
          expect([method, path, [401, 403].includes(byToken.status), byCookie.status, inUrl.status]).toEqual([
            ...[method, path, true, 401, 400],
          ])
        }
      expect(tried).toBeGreaterThan(25)
    }, 60_000)

    test('it does not sign in, nor change anything', async () => {
      const token = await share()
      const { cookie } = await follow(token)
      const opened = await post(
        [
          ['do', 'sign-in'],
          ['key', token],
        ],
        '',
      )
      expect([opened.status, opened.headers.get('Set-Cookie')]).toEqual([403, null])
      for (const what of ['add-link', 'remove-link'])
        expect(
          (
            await post(
              [
                ['do', what],
                ['site', site.name],
              ],
              cookie,
            )
          ).status,
        ).toBe(401)
      const reader = await signIn(site.read)
      expect(
        (
          await post(
            [
              ['do', 'add-link'],
              ['site', site.name],
            ],
            reader,
          )
        ).status,
      ).toBe(403)
    })

    describe('limited to a filter', () => {
      const limits: readonly (readonly [string, Json])[] = [
        ['country:DE', ['is', 'visit:country', ['DE']] as unknown as Json],
        ['!page:/pricing', ['is_not', 'event:page', ['/pricing']] as unknown as Json],
        ['props%3Aplan:pro', ['is', 'event:props:plan', ['pro']] as unknown as Json],
        ['plan:pro', ['is', 'event:plan', ['pro']] as unknown as Json],
      ]
      test.each(limits)(
        '%s holds for sums, lists, CSV and whatever is asked besides',
        async (text, filter) => {
          const { search, cookie } = await follow(await share([text]))
          const look = (more: string): Promise<Page> => get(`${search}&period=28d${more}`, safe(cookie))
          const ask = async (more: readonly unknown[] = []): Promise<unknown> => {
            const query = { metrics: ['visitors'], date_range: '28d', filters: [filter, ...more] }
            return (await client.table(site, query))[0]?.[0]
          }
          const visitors = await ask()
          expect(Number(visitors)).toBeGreaterThan(0)
          expect(visitors).not.toBe(
            (await client.table(site, { metrics: ['visitors'], date_range: '28d' }))[0]?.[0],
          )
          expect(tileOf((await look('')).text)).toBe(String(visitors))
          // What is asked besides is added to it, also where it is of the same dimension.
          for (const [more, also] of [
            ['&f=country%3AFR', ['is', 'visit:country', ['FR']]],
            ['&f=%21country%3ADE', ['is_not', 'visit:country', ['DE']]],
            ['&f=props%253Aplan%3Afree', ['is', 'event:props:plan', ['free']]],
          ] as const)
            expect(tileOf((await look(more)).text)).toBe(String(await ask([also])))
          const rows = await client.table(site, {
            metrics: ['visitors'],
            dimensions: ['visit:country'],
            date_range: '28d',
            filters: [filter],
          })
          const csv = (await look('&panel=country&format=csv')).text.trim().split('\r\n').slice(1)
          expect(csv.map((line) => line.split(',').slice(0, 2)).sort()).toEqual(
            rows.map(([country, count]) => [String(country), String(count)]).sort(),
          )
          const goals = (await look('&panel=goal&format=csv')).text.trim().split('\r\n').slice(1)
          const signups = goals.map((line) => line.split(','))
          // A rate is of those that the filter leaves.
          for (const [, converted, , rate] of signups)
            expect(Number(rate)).toBeCloseTo((100 * Number(converted)) / Number(visitors), 1)
        },
      )

      test.each([
        ['!page:/pricing', 422, 403],
        ['plan:pro', 422, 403],
        ['country:DE', 200, 200],
        ['hostname:shop.example', 200, 200],
      ])(
        '%s: pages that visits came in by are seen where all of the visit is',
        async (text, listed, filtered) => {
          const { search, cookie } = await follow(await share([text]))
          const statusOf = async (more: string): Promise<number> =>
            (await get(`${search}&period=28d${more}`, safe(cookie))).status
          expect(await statusOf('')).toBe(200)
          for (const door of ['entry_page', 'exit_page']) {
            expect(await statusOf(`&panel=${door}`)).toBe(listed)
            expect(await statusOf(`&panel=${door}&format=csv`)).toBe(listed)
            expect(await statusOf(`&f=visit%253A${door}%3A%2Fpricing`)).toBe(filtered)
            expect(await statusOf(`&f=%21~${door}%3A%2Fp`)).toBe(filtered)
          }
        },
      )

      test('it is shown, and cannot be taken away', async () => {
        const { search, cookie } = await follow(await share(['country:DE']))
        const { text } = await get(search, safe(cookie))
        expect(text).toContain('<li class="chip fixed"><span>Country is Germany</span></li>')
        expect(text).not.toContain('Remove filter')
      })

      test.each(['goal:Signup', 'nowhere:x'])('%s is refused', async (filter) => {
        const made = await post([
          ['do', 'add-link'],
          ['site', site.name],
          ['f', filter],
        ])
        expect([made.status, made.text.includes('skv_')]).toEqual([422, false])
      })
    })

    test('a password is asked for, kept from guessing, and not needed again', async () => {
      const token = await share([], 'a long password')
      const asked = await get(`?view=${token}`, { 'Sec-Fetch-Dest': 'document' })
      expect([asked.status, asked.headers.get('Set-Cookie')]).toEqual([200, null])
      expect(asked.text).toContain('name="password"')
      expect(asked.text).not.toContain('class="panels"')
      expect(asked.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
      const open = (password: string): Promise<Page> =>
        post(
          [
            ['do', 'open-link'],
            ['view', token],
            ['password', password],
          ],
          '',
        )
      expect((await open('another password')).status).toBe(401)
      const right = await open('a long password')
      expect(right.status).toBe(303)
      const search = (right.headers.get('Location') ?? '').slice(1)
      const cookie = cookieOf(right.headers)
      const report = await get(search, safe(cookie))
      expect([report.status, report.text.includes('class="panels"')]).toEqual([200, true])
      const again = await get(`?view=${token}`, { 'Sec-Fetch-Dest': 'document', ...safe(cookie) })
      expect([again.status, cookieOf(again.headers)]).toEqual([303, cookie])
      // Without the proof the token alone, in the address or in the cookie, is not enough.
      const [kept = ''] = cookie.split('.')
      expect((await get(search, safe(kept))).text).not.toContain('class="panels"')
      expect((await get(search, safe(`${kept}.${'0'.repeat(64)}`))).text).not.toContain('class="panels"')
      const statuses: number[] = []
      for (let i = 0; i < 40; i++) statuses.push((await open(`guess number ${i}`)).status)
      expect(statuses.at(-1)).toBe(429)
      expect((await open('a long password')).status).toBe(429)
    }, 30_000)

    test.each(['short', 'x'.repeat(201)])('the password "%s" is refused', async (password) => {
      const made = await post([
        ['do', 'add-link'],
        ['site', site.name],
        ['password', password],
      ])
      expect([made.status, made.text.includes('role="alert"'), made.text.includes('skv_')]).toEqual([
        ...[422, true, false],
      ])
    })

    test('a page may be framed where the collection says so; there the token stays in the address', async () => {
      const token = await share()
      const framed = await get(`?view=${token}`, { 'Sec-Fetch-Dest': 'iframe' })
      expect([framed.status, framed.headers.get('Set-Cookie')]).toEqual([200, null])
      expect(framed.headers.get('Content-Security-Policy')).toContain(`frame-ancestors ${EMBED.join(' ')};`)
      expect(framed.headers.get('Referrer-Policy')).toBe('strict-origin')
      expect(framed.text).toContain(`/?view=${token}&amp;`)
      const own = await get(`?site=${site.name}`, { Cookie: admin })
      expect(own.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    })

    test('its name has no control characters', async () => {
      const made = await post([
        ['do', 'add-link'],
        ['site', other.name],
        ['label', ' a\u0000b\u001bc '],
      ])
      expect([made.status, made.text.includes('<th scope="row">abc</th>')]).toEqual([201, true])
    })

    test.each(['add-link', 'remove-link'])('the form "%s" says what cannot be on a page', async (what) => {
      const { status, headers } = await post([
        ['do', what],
        ['site', 'made-by-nobody'],
      ])
      expect([status, headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8'])
    })

    test('links are listed, and a removed one opens nothing', async () => {
      const token = await share(['country:DE'], '')
      const { search, cookie } = await follow(token)
      const list = await get(`?site=${site.name}&show=links`, { Cookie: admin })
      expect(list.text).toContain('For the board')
      expect(list.text).not.toContain(token)
      const keys = await client.call(`/api/collections/${site.name}/keys`, {
        headers: client.as(subject.adminKey),
      })
      const text = await keys.text()
      expect(text).toContain('"kind":"view"')
      expect(text).not.toMatch(/skv_|digest|hash|salt/)
      const removed = await post([
        ['do', 'remove-link'],
        ['site', site.name],
        ['id', search.slice('?view='.length)],
      ])
      expect(removed.status).toBe(303)
      await expect
        .poll(async () => (await get(search, safe(cookie))).status, { timeout: 65_000, interval: 500 })
        .toBe(404)
      expect((await get(`?view=${token}`)).status).toBe(404)
    }, 70_000)

    test.each(['', 'x', 'skv_', `skv_${'A'.repeat(40)}`, "'><script>", '../..'])(
      '"%s" is no link',
      async (ref) => {
        const { status, text } = await get(`?view=${encodeURIComponent(ref)}`)
        expect(status).toBe(404)
        expect(text).not.toContain('<script>')
      },
    )
  })
}

function cookieOf(headers: Headers): string {
  return (headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
}

function tileOf(text: string): string | undefined {
  return /<span class="value">([^<]*)</.exec(text)?.[1]?.replaceAll(',', '')
}

function events(): readonly Json[] {
  return Array.from({ length: 90 }, (_, i) => ({
    time: new Date(Date.now() - ((i % 9) + 1) * DAY_MS).toISOString(),
    visitor: `visitor ${i >> 1}`,
    page: ['/', '/pricing', '/blog'][i % 3],
    country: i % 4 ? 'DE' : 'FR',
    props: { plan: i % 5 ? 'free' : 'pro' },
    ...(i % 7 === 0 && { name: 'signup' }),
  }))
}
