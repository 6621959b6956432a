import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshName } from '../support/event.ts'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

/** A page view: what is said of it, and how it is sent. */
interface View {
  readonly page?: string
  readonly referrer?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Sending {
  readonly path: string
  readonly method?: 'GET'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** An answer's status where the event counts. */
  readonly ok: number
}

/** A collection that trackers know under a domain of its own. */
interface ForeignSite extends Site {
  readonly domain: string
}

type Speech = (site: ForeignSite, page: string, referrer: string) => Sending

const encoded = encodeURIComponent

/** The smallest page view of our own route, and of each dialect. */
const speeches: Readonly<Record<string, Speech>> = {
  native: ({ name, write }, page, referrer) => ({
    ...{ path: `/${name}?key=${write}`, body: { page, referrer }, ok: 201 },
  }),
  Plausible: ({ domain }, u, r) => ({
    ...{ path: '/api/event', body: { n: 'pageview', u, d: domain, r }, ok: 202 },
  }),
  Umami: ({ domain: website }, url, referrer) => ({
    ...{ path: '/api/send', body: { type: 'event', payload: { website, url, referrer } }, ok: 200 },
  }),
  'Umami, many': ({ domain: website }, url, referrer) => ({
    ...{ path: '/api/batch', body: [{ type: 'event', payload: { website, url, referrer } }], ok: 200 },
  }),
  GoatCounter: ({ domain }, page, r) => ({
    path: `/count?p=${encoded(new URL(page).pathname)}&r=${encoded(r)}`,
    ...{ headers: { Referer: `https://${domain}/` }, ok: 200 },
  }),
  'GoatCounter, an image': (...view) => ({ ...(speeches.GoatCounter as Speech)(...view), method: 'GET' }),
  Counterscale: ({ domain }, page, r) => ({
    path: `/collect?sid=${domain}&p=${encoded(new URL(page).pathname)}&h=https://shop.test&r=${encoded(r)}`,
    ...{ method: 'GET', ok: 200 },
  }),
  Matomo: ({ domain }, page, r) => ({
    path: `/matomo.php?idsite=${domain}&rec=1&url=${encoded(page)}&urlref=${encoded(r)}`,
    ...{ method: 'GET', ok: 200 },
  }),
  'Matomo, by its old name': ({ domain }, page, r) => ({
    path: `/piwik.php?idsite=${domain}&rec=1&url=${encoded(page)}&urlref=${encoded(r)}&send_image=0`,
    ok: 204,
  }),
  'Matomo, many': ({ domain }, page, r) => ({
    path: '/matomo.php',
    body: { requests: [`?idsite=${domain}&rec=1&url=${encoded(page)}&urlref=${encoded(r)}`] },
    ok: 200,
  }),
}
const foreign = Object.keys(speeches).filter((name) => name !== 'native')

/** Whatever the rule, a beacon of another product's tracker is judged by it as one of ours is. */
const refusals: readonly (readonly [what: string, code: string, settings: Json, view: View])[] = [
  ['a bot', 'bot', {}, { headers: { 'User-Agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' } }],
  ['a program', 'bot', {}, { headers: { 'User-Agent': 'curl/8.10' } }],
  ['a page fetched ahead', 'prefetch', {}, { headers: { 'Sec-Purpose': 'prefetch;prerender' } }],
  ['spam', 'spam', {}, { referrer: 'https://semalt.com/' }],
  ['a foreign page', 'origin', { origins: ['https://a.test'] }, { headers: { Origin: 'https://b.test' } }],
  ['no page at all', 'origin', { origins: ['https://a.test'] }, { headers: { Origin: 'null' } }],
  ['Sec-GPC', 'privacy', { privacy: { gpc: 'drop' } }, { headers: { 'Sec-GPC': '1' } }],
  ['DNT', 'privacy', { privacy: { dnt: 'drop' } }, { headers: { DNT: '1' } }],
]

const counted: readonly (readonly [what: string, settings: Json, view: View, visitors: number])[] = [
  ['a person', {}, {}, 1],
  ['a listed page', { origins: ['https://a.test'] }, { headers: { Origin: 'https://a.test' } }, 1],
  ['any agent, where bots are let in', { policies: { bots: 'off' } }, { headers: { 'User-Agent': 'x' } }, 1],
  ['Sec-GPC, unheeded', { privacy: { gpc: 'ignore' } }, { headers: { 'Sec-GPC': '1' } }, 1],
  ['Sec-GPC, as nobody', { privacy: { gpc: 'anonymous' } }, { headers: { 'Sec-GPC': '1' } }, 0],
  ['DNT, as nobody', { privacy: { dnt: 'anonymous' } }, { headers: { DNT: '1' } }, 0],
]

/** As many as one address may send at once; `start` has to allow 1 a second. */
export const BURST = 20

/** Other products' beacons are under the same rules as ours: who is refused, who counts, how much, how often, from where. */
export function dialectRules(name: string, start: () => Promise<Subject>): void {
  describe(`the rules of dialects: ${name}`, () => {
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

    function send({ path, method, body, headers }: Sending, more: View['headers'] = {}): Promise<Response> {
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      return client.call(path, { method: method ?? 'POST', headers: { ...headers, ...more }, ...text })
    }

    function speak(which: string, site: ForeignSite, view: View = {}): Promise<Response> {
      const { page = 'https://shop.test/', referrer = 'https://other.test/' } = view
      return send((speeches[which] as Speech)(site, page, referrer), view.headers)
    }

    async function refusedOf(site: Site): Promise<unknown> {
      const response = await client.call(`/${site.name}/refused`, { headers: client.as(site.read) })
      return ((await response.json()) as Json).counts
    }

    describe.each(Object.keys(speeches))('%s', (which) => {
      test.each(refusals)('does not count %s: %s', async (_, code, settings, view) => {
        const site = await makeSite(settings)
        const response = await speak(which, site, view)
        expect([response.status < 300, response.headers.get('Skerry-Refused')]).toEqual([true, code])
        expect(response.headers.get('Access-Control-Allow-Origin')).toBeNull()
        expect([await client.count(site), await refusedOf(site)]).toEqual([0, { [code]: 1 }])
      })

      test.each(counted)('counts %s', async (_, settings, view, visitors) => {
        const site = await makeSite(settings)
        const due = (speeches[which] as Speech)(site, 'https://shop.test/', '').ok
        for (const _twice of [1, 2]) {
          const response = await speak(which, site, view)
          expect([response.status, response.headers.get('Skerry-Refused')]).toEqual([due, null])
          expect(response.headers.get('Access-Control-Allow-Origin')).toBe(view.headers?.Origin ?? null)
          expect(response.headers.get('Set-Cookie')).toBeNull()
        }
        const asked = { metrics: ['pageviews', 'visitors'], date_range: 'day' }
        expect([await client.table(site, asked), await refusedOf(site)]).toEqual([[[2, visitors]], {}])
      })

      test('keeps neither address nor agent, nor what a page must not tell', async () => {
        const site = await makeSite()
        await speak(which, site, {
          page: 'https://shop.test/a/jane@doe.example',
          referrer: 'https://x.test/?q=s3cret',
        })
        const [row] = await client.rows(site)
        expect(row).toMatchObject({ page: '/a/*', referrer: 'https://x.test/', browser: 'Chrome' })
        expect(JSON.stringify(row)).not.toMatch(/s3cret|jane|Mozilla|127\.0\.0\.1/)
      })

      test(`lets one address send ${BURST} at once, and says when to come back`, async () => {
        const site = await makeSite()
        const address = `198.51.100.${1 + Object.keys(speeches).indexOf(which)}`
        const headers = { 'X-Forwarded-For': address, 'CF-Connecting-IP': address }
        const answers = await Promise.all(
          Array.from({ length: 3 * BURST }, () => speak(which, site, { headers })),
        )
        const limited = answers.filter(({ status }) => status === 429)
        expect(limited.length).toBeGreaterThan(BURST)
        expect(await client.count(site)).toBe(answers.length - limited.length)
        expect(limited[0]?.headers.get('Retry-After')).toMatch(/^\d+$/)
        expect(limited[0]?.headers.get('RateLimit-Policy')).toBe(`"beacons";q=${BURST};w=${BURST}`)
      })
    })

    describe.each(foreign)('%s', (which) => {
      test('is closed where the site says so, as if there were no such site', async () => {
        const [closed, none] = [await makeSite({ policies: { dialects: false } }), await makeSite()]
        await client.put(none.name, {})
        const answers = [closed, none].map(async (site) => {
          const response = await speak(which, site)
          return [response.status, (await response.text()).replaceAll(site.domain, 'DOMAIN')]
        })
        const [one, other] = await Promise.all(answers)
        expect(one).toEqual(other)
        expect([await client.count(closed), await refusedOf(closed)]).toEqual([0, {}])
      })

      test('is preflighted for every origin and header', async () => {
        const { path } = (speeches[which] as Speech)(await makeSite(), 'https://shop.test/', '')
        const response = await client.call(path, {
          method: 'OPTIONS',
          headers: {
            ...{ Origin: 'https://a.example', 'Access-Control-Request-Method': 'POST' },
            'Access-Control-Request-Headers': 'content-type,x-umami-cache',
          },
        })
        expect([response.status, response.headers.get('Access-Control-Allow-Origin')]).toEqual([
          ...[204, 'https://a.example'],
        ])
        expect(response.headers.get('Access-Control-Allow-Headers')).toBe('content-type,x-umami-cache')
        expect(response.headers.get('Access-Control-Max-Age')).toBe('86400')
      })

      test('takes no other method', async () => {
        const { path } = (speeches[which] as Speech)(await makeSite(), 'https://shop.test/', '')
        for (const method of ['DELETE', 'PUT', 'PATCH']) {
          const response = await client.call(path, { method })
          expect([method, response.status]).toEqual([method, 405])
          expect(response.headers.get('Allow')).toMatch(/GET|POST/)
        }
      })
    })

    test('a limit is told in the words of each product', async () => {
      const site = await makeSite()
      const headers = { 'X-Forwarded-For': '198.51.100.200', 'CF-Connecting-IP': '198.51.100.200' }
      await Promise.all(Array.from({ length: 3 * BURST }, () => speak('native', site, { headers })))
      const [umami, many, goat] = await Promise.all(
        ['Umami', 'Umami, many', 'GoatCounter'].map((which) => speak(which, site, { headers })),
      )
      const error = { message: expect.any(String), code: 'rate-limited', status: 429 }
      expect([await umami?.json(), await many?.json()]).toEqual([{ error }, { error }])
      expect([goat?.status, goat?.headers.get('Content-Type')]).toEqual([429, 'image/gif'])
      expect(goat?.headers.get('X-Rate-Limit-Limit')).toBe(String(BURST))
      expect(goat?.headers.get('X-Rate-Limit-Remaining')).toBe('0')
      expect(goat?.headers.get('X-Rate-Limit-Reset')).toBe(goat?.headers.get('Retry-After'))
    })
  })
}
