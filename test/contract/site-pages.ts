import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

const DAY_MS = 86_400_000

interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The pages of a collection beside its report, and the report's checks: they show what the API answers. */
export function sitePagesContract(name: string, start: () => Promise<Subject>): void {
  describe(`pages of a collection: ${name}`, () => {
    let subject: Subject
    let site: Site
    let other: Site
    let cookie: string
    const client = new Client(() => subject)

    beforeAll(async () => {
      subject = await start()
      site = await client.makeSite({ goals: [{ name: 'Signup', event: 'signup' }] })
      other = await client.makeSite()
      await client.deliver(site, events())
      await client.deliver(other, [{ page: '/' }])
      const response = await client.call('/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ do: 'sign-in', key: site.read }).toString(),
      })
      cookie = (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    async function get(search: string): Promise<Page> {
      const response = await client.call(`/?site=${site.name}&period=28d${search}`, {
        headers: { Cookie: cookie },
      })
      return { status: response.status, headers: response.headers, text: await response.text() }
    }

    async function ask<T>(path: string, question: Json): Promise<T> {
      const init = { method: 'POST', headers: client.as(site.read), body: JSON.stringify(question) }
      return (await (await client.call(`/${site.name}/${path}`, init)).json()) as T
    }

    describe('a funnel', () => {
      const steps = '&show=funnel&step=page%3A%2F&step=~page%3A%2Fpro&step=goal%3ASignup'
      test.each(['visit', 'visitor'])('within a %s has the numbers of the API', async (within) => {
        const { text } = await get(`${steps}&within=${within}`)
        const unit = `${within}s`
        const { results } = await ask<{ results: readonly Record<string, number>[] }>('funnel', {
          steps: [[['is', 'page', ['/']]], [['contains', 'page', ['/pro']]], [['is', 'goal', ['Signup']]]],
          ...{ within, date_range: '28d' },
        })
        expect(results.map((row) => row[unit])).toEqual([30, 20, 10])
        expect(cellsOf(text, 'funnel')).toEqual(
          results.map((row, i) =>
            [
              ...[String(row[unit]), `${row.conversion_rate}%`, i > 0 ? `${row.step_rate}%` : ''],
              i > 0 ? `−${row.dropped}` : '',
            ].map(rounded),
          ),
        )
        expect(text).toContain('2. Page contains /pro')
      })

      test('is bounded by the filters of the page', async () => {
        const all = cellsOf((await get(steps)).text, 'funnel')
        const some = cellsOf((await get(`${steps}&f=country%3ADE`)).text, 'funnel')
        expect(Number(some[0]?.[0])).toBeLessThan(Number(all[0]?.[0]))
      })

      test('is put together by a form, and asks for nothing before it has two steps', async () => {
        const said = await get('&show=funnel&sd=page&so=&sv=%2F&sd=name&so=~&sv=sign&sd=page&so=&sv=')
        expect([said.status, said.headers.get('Location')]).toEqual([
          303,
          `/?site=${site.name}&show=funnel&period=28d&step=page%3A%2F&step=%7Ename%3Asign`,
        ])
        const one = await get('&show=funnel&step=page%3A%2F')
        expect(one.text).toContain('Choose two steps or more')
        expect(one.text).toContain('value="/"')
        expect(one.text).toContain('<option value="/products"></option>')
      })

      test.each(['&step=nothing', '&step=page%3Ax&step=nowhere%3Ax', '&step=%21goal%3ASignup&step=page%3Ax'])(
        '%s is refused in words',
        async (search) => {
          const { status, text } = await get(`&show=funnel${search}`)
          expect([status, text.includes('<!doctype html>')]).toEqual([422, true])
        },
      )
    })

    describe('journeys', () => {
      test.each([
        ['', {}],
        ['&start=page%3A%2F', { from: [['is', 'page', ['/']]] }],
        ['&end=name%3Asignup', { to: [['is', 'name', ['signup']]] }],
        ['&of=event&depth=3&within=visitor', { of: 'event', steps: 3, within: 'visitor' }],
      ])('%s are those of the API', async (search, question) => {
        const { text } = await get(`&show=journeys${search}`)
        const { results } = await ask<{ results: readonly (Json & { path: readonly string[] })[] }>(
          'journeys',
          {
            ...question,
            date_range: '28d',
          },
        )
        expect(results.length).toBeGreaterThan(0)
        const arrow = search.includes('end') ? ' ← ' : ' → '
        const rows = [...text.matchAll(/class="way">([^<]*)<\/th><td>(\d+)</g)].map(([, way, count]) => [
          way,
          count,
        ])
        expect(rows).toEqual(
          results.map(({ path, visits, visitors }) => [path.join(arrow), String(visits ?? visitors)]),
        )
        // The tree's first branches are the ways put together.
        const [, first] =
          /<ul class="tree"><li><p>.*?class="label"[^>]*>[^<]*<\/a><span>(\d+)</s.exec(text) ?? []
        const sums = new Map<string, number>()
        for (const { path, visits, visitors } of results)
          sums.set(path[0] ?? '', (sums.get(path[0] ?? '') ?? 0) + Number(visits ?? visitors))
        expect(Number(first)).toBe(Math.max(...sums.values()))
      })

      test('a form becomes an address like any other', async () => {
        const said = await get(
          '&show=journeys&door=end&jd=name&jo=&jv=signup&of=event&depth=3&within=visitor',
        )
        expect(said.headers.get('Location')).toBe(
          `/?site=${site.name}&show=journeys&period=28d&within=visitor&of=event&end=name%3Asignup&depth=3`,
        )
      })

      test.each(['&depth=1', '&depth=11', '&depth=x', '&start=nothing'])(
        '%s is refused in words',
        async (search) => {
          expect((await get(`&show=journeys${search}`)).status).toBe(422)
        },
      )
    })

    test('web vitals are those of the API, rated as web.dev says', async () => {
      const { text } = await get('')
      const panel = text.slice(text.indexOf('id="vitals"'), text.indexOf('id="reports"'))
      const row = await client.table(site, {
        metrics: ['p75(event:props:lcp)', 'p75(event:props:cls)'],
        filters: [['is', 'event:name', ['web-vital']]],
        date_range: '28d',
      })
      expect(row).toEqual([[3000, 0.3]])
      expect(panel).toMatch(/LCP<\/abbr><\/th><td class="needs-improvement">3s <small>needs work/)
      expect(panel).toMatch(/CLS<\/abbr><\/th><td class="poor">0.3 <small>poor/)
      expect(panel).toContain('good 50%, needs work 25%, poor 25%')
      expect(panel).not.toContain('INP')
      const pages = await get('&panel=vital_page&format=csv')
      expect(pages.text.split('\r\n')[0]).toBe(
        'page,events,p75(event:props:lcp),p75(event:props:inp),p75(event:props:cls),p75(event:props:fcp),p75(event:props:ttfb)',
      )
      const sorted = await get(`&panel=vital_page&sort=${encodeURIComponent('p75(event:props:lcp)')}`)
      expect([sorted.status, sorted.text.includes('LCP p75')]).toEqual([200, true])
      expect((await get('&panel=vital')).status).toBe(422)
    })

    test('errors, reports and refusals are told by what they say', async () => {
      const kinds = await get('&panel=report&format=csv')
      expect(kinds.text.trim().split('\r\n').slice(1).sort()).toEqual(['csp-violation,2', 'js-error,4'])
      expect((await get('&panel=error&format=csv')).text).toContain('it is not a function,4')
      expect((await get('&panel=blocked&format=csv')).text).toContain('https://evil.example/x.js,2')
      expect((await get('&panel=directive')).text).toContain('script-src')
      expect((await get('&panel=refused_page')).status).toBe(200)
      // What browsers tell is no event of people.
      expect((await get('&panel=name&format=csv')).text).not.toMatch(/web-vital|js-error|csp/)
    })

    test('the map has a link for each country that the list has', async () => {
      const { text } = await get('')
      const linked = [
        ...text.matchAll(
          /f=country%3A(\w\w)"[^>]*><use class="shade-(\d)" href="\/assets\/world\.svg\?v=\w+#(\w\w)"/g,
        ),
      ]
      expect(linked.map(([, code, , shape]) => [code, shape]).sort()).toEqual([
        ['DE', 'DE'],
        ['FR', 'FR'],
      ])
      expect(linked.map(([, code, shade]) => [code, shade])).toContainEqual(['DE', '5'])
      const [address = ''] = /\/assets\/world\.svg\?v=\w+/.exec(text) ?? []
      const map = await client.call(address)
      expect([map.headers.get('Content-Type'), (await map.text()).includes('id="DE"')]).toEqual([
        'image/svg+xml',
        true,
      ])
    })

    test('the live page says who is here, and comes again by itself without scripts', async () => {
      const { text } = await get('&show=live')
      expect(text).toMatch(/<noscript><meta http-equiv="refresh" content="10"><\/noscript>/)
      expect(text).toContain(`data-live="/?site=${site.name}&amp;show=live`)
      expect(text).toMatch(/\d current visitors/)
    })
  })
}

/** The cells of a table's rows, without their first. */
function cellsOf(text: string, name: string): readonly (readonly string[])[] {
  const table = new RegExp(`<table class="list ${name}">.*?</table>`, 's').exec(text)?.[0] ?? ''
  return [...table.matchAll(/<\/th>((?:<td>[^<]*<\/td>)+)<\/tr>/g)].map(([, cells = '']) =>
    [...cells.matchAll(/<td>([^<]*)</g)].map(([, cell = '']) => cell),
  )
}

/** As pages write percentages. */
function rounded(cell: string): string {
  return /^[\d.]+%$/.test(cell) ? `${Math.round(Number.parseFloat(cell) * 10) / 10}%` : cell
}

/** Thirty visitors: a third looks at one page, a third at a product as well, a third signs up. */
function events(): readonly Json[] {
  const ways = Array.from({ length: 30 }, (_, i) => {
    const at = Date.now() - ((i % 9) + 1) * DAY_MS
    const event = (second: number, more: Json): Json => ({
      time: new Date(at + second * 1000).toISOString(),
      visitor: `visitor ${i}`,
      country: i % 4 ? 'DE' : 'FR',
      ...more,
    })
    return [
      event(0, { page: '/' }),
      ...(i % 3 > 0 ? [event(5, { page: '/products' })] : []),
      ...(i % 3 > 1 ? [event(9, { name: 'signup', page: '/products' })] : []),
    ]
  })
  const time = new Date(Date.now() - DAY_MS).toISOString()
  const told = (name: string, props: Json): Json => ({
    name,
    time,
    page: '/checks',
    interactive: false,
    props,
  })
  return [
    ...ways.flat(),
    ...[1000, 2000, 3000, 9000].map((lcp) =>
      told('web-vital', { lcp, rating: lcp < 2500 ? 'good' : lcp < 4000 ? 'needs-improvement' : 'poor' }),
    ),
    ...[0.1, 0.3].map((cls) => told('web-vital', { cls, rating: cls > 0.25 ? 'poor' : 'good' })),
    ...[1, 2, 3, 4].map((line) =>
      told('js-error', { message: 'it is not a function', source: '/app.js', line }),
    ),
    ...[1, 2].map(() =>
      told('csp-violation', { effectiveDirective: 'script-src', blockedURL: 'https://evil.example/x.js' }),
    ),
  ]
}
