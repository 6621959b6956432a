import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

const DAY_MS = 86_400_000

/** What the pages do, over whatever runs the program. */
export function dashboardContract(name: string, start: () => Promise<Subject>): void {
  describe(`the dashboard: ${name}`, () => {
    let subject: Subject
    let site: Site
    let other: Site
    let cookie: string
    const client = new Client(() => subject)

    beforeAll(async () => {
      subject = await start()
      site = await client.makeSite({ goals: [{ name: 'Signup', event: 'signup' }], attributes: ['plan'] })
      other = await client.makeSite()
      await client.deliver(site, events())
      cookie = await signIn(subject.adminKey)
    }, 90_000)
    afterAll(() => subject?.stop())

    function post(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
      const body = new URLSearchParams(form).toString()
      const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
      return client.call('/', { method: 'POST', headers: { ...type, ...headers }, body })
    }

    async function signIn(key: string): Promise<string> {
      const response = await post({ do: 'sign-in', key })
      expect([response.status, response.headers.get('Location')]).toEqual([303, '/'])
      return (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
    }

    async function get(search: string, headers: Record<string, string> = { Cookie: cookie }) {
      const response = await client.call(search.startsWith('/') ? search : `/${search}`, { headers })
      return { status: response.status, headers: response.headers, text: await response.text() }
    }

    const report = (search = '', headers?: Record<string, string>) =>
      get(`?site=${site.name}${search}`, headers)

    test('without a session it asks for a key, and says nothing else', async () => {
      const { status, text, headers } = await report('', {})
      expect(status).toBe(200)
      expect(text).toContain('type="password"')
      expect(text).not.toContain('class="panels"')
      expect(headers.get('Cache-Control')).toBe('no-store')
      expect(headers.get('Content-Security-Policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
      expect(headers.get('Content-Security-Policy')).not.toContain('unsafe')
    })

    test('a session is no key, is kept from scripts and other sites, and ends with signing out', async () => {
      const response = await post({ do: 'sign-in', key: site.read, back: `?site=${site.name}&period=7d` })
      expect(response.headers.get('Location')).toBe(`/?site=${site.name}&period=7d`)
      const set = response.headers.get('Set-Cookie') ?? ''
      expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+/)
      expect(set).not.toContain(site.read)
      const own = { Cookie: set.split(';')[0] ?? '' }
      expect((await report('', own)).text).toContain('class="panels"')
      const token = own.Cookie.split('=')[1] ?? ''
      const asKey = await client.call(`/${site.name}/count`, { headers: client.as(token) })
      expect(asKey.status).toBe(401)
      expect((await client.call(`/${site.name}/count`, { headers: own })).status).toBe(401)
      expect((await post({ do: 'sign-out' }, own)).status).toBe(303)
      expect((await report('', own)).text).toContain('type="password"')
    })

    test('who has a read key sees his collection only', async () => {
      const own = { Cookie: await signIn(site.read) }
      expect((await get('', own)).text).toContain(site.name)
      const foreign = await get(`?site=${other.name}`, own)
      expect([foreign.status, (await get('?site=nobody', own)).status]).toEqual([403, 403])
      expect(foreign.text).toContain('<!doctype html>')
      expect((await get('?site=nobody')).status).toBe(404)
    })

    test('a session ends with its key', async () => {
      const made = await client.call(`/api/collections/${site.name}/keys`, {
        method: 'POST',
        headers: client.as(subject.adminKey),
        body: '{"kind":"read"}',
      })
      const { id, key } = (await made.json()) as { id: string; key: string }
      const own = { Cookie: await signIn(key) }
      expect((await report('', own)).text).toContain('class="panels"')
      const init = { method: 'DELETE', headers: client.as(subject.adminKey) }
      expect((await client.call(`/api/collections/${site.name}/keys/${id}`, init)).status).toBe(204)
      await expect
        .poll(async () => (await report('', own)).text, { timeout: 65_000, interval: 500 })
        .toContain('type="password"')
    }, 70_000)

    test.each([
      ['', 401],
      ['no-such-key-anywhere', 401],
      ['write', 403],
      ['server', 403],
    ])('the key "%s" opens nothing', async (kind, status) => {
      const key = kind === 'write' ? site.write : kind === 'server' ? site.server : kind
      const response = await post({ do: 'sign-in', key })
      expect([response.status, response.headers.get('Set-Cookie')]).toEqual([status, null])
      expect(await response.text()).toContain('role="alert"')
    })

    test.each([
      [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
      [{ 'Sec-Fetch-Site': 'same-site' }, 403],
      [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }, 303],
      [{ Origin: 'https://evil.example' }, 403],
      [{ Origin: 'null' }, 403],
    ])('a form with %o is answered %d', async (headers, status) => {
      expect((await post({ do: 'sign-out' }, headers)).status).toBe(status)
    })

    test('a secret key in the address is refused', async () => {
      const problem = await client.problem(await client.call(`/?key=${subject.adminKey}`))
      expect([problem.status, problem.code]).toEqual([400, 'key_in_url'])
    })

    test('the numbers are those of the API, also under filters', async () => {
      const filters = [['is', 'visit:country', ['DE']]]
      const question = { metrics: ['visitors', 'pageviews'], date_range: '7d' }
      for (const [search, more] of [
        ['&period=7d', {}],
        ['&period=7d&f=country%3ADE', { filters }],
      ] as const) {
        const [row] = await client.table(site, { ...question, ...more })
        const { text } = await report(search)
        expect(tilesOf(text).slice(0, 1)).toEqual([String(row?.[0])])
        expect(tilesOf(text)).toContain(String(row?.[1]))
      }
    })

    test('any row filters the page, filters stack, and are turned round and removed', async () => {
      const first = await report('&period=7d')
      const link = hrefOf(first.text, /href="([^"]*f=country%3ADE[^"]*)"/)
      const second = await get(link)
      expect(second.text).toContain('Country is Germany')
      expect(second.text).toMatch(/href="[^"]*f=country%3ADE[^"]*f=page%3A[^"]*"/)
      const turned = await get(hrefOf(second.text, /href="([^"]*f=%21country%3ADE[^"]*)"/))
      expect(turned.text).toContain('Country is not Germany')
      expect(tilesOf(turned.text)[0]).not.toBe(tilesOf(second.text)[0])
    })

    test('forms for filters and periods become addresses like any other', async () => {
      const filter = await report('&period=7d&fd=page&fo=~&fv=%2Fblog')
      expect([filter.status, filter.headers.get('Location')]).toEqual([
        303,
        `/?site=${site.name}&period=7d&f=%7Epage%3A%2Fblog`,
      ])
      const period = await report('&from=2026-01-31&to=2026-01-01')
      expect(period.headers.get('Location')).toBe(`/?site=${site.name}&period=2026-01-01_2026-01-31`)
    })

    test.each([
      '&period=never',
      '&by=decade',
      '&compare=yesterday',
      '&metric=luck',
      '&f=nothing',
      '&f=nowhere%3Ax',
      '&panel=none',
      '&period=2026-02-31_2026-03-01',
    ])('%s is refused in words', async (search) => {
      const { status, text } = await report(search)
      expect(status).toBe(422)
      expect(text).toContain('<!doctype html>')
      expect(text).not.toMatch(/\.ts:\d|node_modules/)
    })

    test('a list in full can be searched, sorted, and taken away as CSV', async () => {
      const list = await report('&period=7d&panel=page&q=BLOG')
      expect(list.text).toContain('/blog/one')
      expect(list.text).not.toContain('>/pricing<')
      const file = await report('&period=7d&panel=page&format=csv')
      expect(file.headers.get('Content-Type')).toContain('text/csv')
      expect(file.text.split('\r\n')[0]).toMatch(/^page,visitors,pageviews/)
      const names = await report('&period=7d&panel=name&format=csv')
      expect(names.text).toContain("\r\n'=1+1,")
    })

    test('an empty collection shows what to put on pages, and says when something has come', async () => {
      const empty = await get(`?site=${other.name}`)
      expect(empty.text).toContain(other.write)
      expect((await get(`?site=${other.name}&part=current`)).status).toBe(204)
      await client.deliver(other, [{ page: '/first' }])
      expect((await get(`?site=${other.name}&part=current`)).status).toBe(200)
      expect((await get(`?site=${other.name}`)).text).toContain('>Today<')
    })

    test('it speaks German', async () => {
      const { text } = await report('&period=7d', { Cookie: cookie, 'Accept-Language': 'de-DE,de;q=0.9' })
      expect(text).toContain('<html lang="de"')
      expect(text).toContain('Seitenaufrufe')
      const chosen = await post({ do: 'look', theme: 'dark', language: 'de', back: `?site=${site.name}` })
      const look = (chosen.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
      const dark = await report('', { Cookie: `${cookie}; ${look}` })
      expect(dark.text).toContain('<html lang="de" data-theme="dark"')
    })

    test('files of the pages are kept by their content, and there are no others', async () => {
      const { text } = await report()
      const script = hrefOf(text, /src="([^"]*)"/)
      const found = await client.call(script)
      expect(found.headers.get('Cache-Control')).toContain('immutable')
      expect(found.headers.get('Content-Type')).toContain('javascript')
      for (const name of ['sources.txt', '..%2fpackage.json', 'dashboard.ts'])
        expect((await client.call(`/assets/${name}`)).status).toBe(404)
    })
  })
}

/** What the tiles at the top show. */
function tilesOf(text: string): readonly string[] {
  return [...text.matchAll(/<span class="value">([^<]*)</g)].map(([, value = '']) =>
    value.replaceAll(',', ''),
  )
}

function hrefOf(text: string, pattern: RegExp): string {
  const [, href = ''] = pattern.exec(text) ?? []
  expect(href).not.toBe('')
  return href.replaceAll('&amp;', '&')
}

function events(): readonly Json[] {
  const pages = ['/', '/pricing', '/blog/one', '/blog/two']
  return Array.from({ length: 60 }, (_, i) => ({
    time: new Date(Date.now() - ((i % 9) + 1) * DAY_MS).toISOString(),
    visitor: `visitor ${i >> 1}`,
    page: pages[i % pages.length],
    country: i % 3 ? 'DE' : 'FR',
    ...(i % 7 === 0 && { name: i % 2 ? 'signup' : '=1+1', props: { plan: 'pro' } }),
  }))
}
