import { describe, expect, test } from 'vitest'
import type { Client, Json, Site } from './client.ts'
import { days } from './shop.ts'

const page = (path: string): unknown => [['is', 'event:page', [path]]]
const purchase = [['is', 'event:goal', ['Purchase']]]

/** Funnels and journeys of the shop. All numbers are by hand. */
export function pathsOfTheShop(client: Client, shop: () => Site): void {
  const ask = async (what: string, query: Json): Promise<Json> => {
    const init = { method: 'POST', headers: client.as(shop().read), body: JSON.stringify(query) }
    const response = await client.call(`/${shop().name}/${what}`, init)
    const text = await response.text()
    expect([response.status, response.status === 200 || text]).toEqual([200, true])
    return JSON.parse(text) as Json
  }
  const steps = [page('/'), page('/pricing'), purchase]
  const funnel = { steps, date_range: days.march }
  const journeys = { steps: 3, date_range: days.march }

  describe('a funnel', () => {
    test('counts the visits that take each step after the ones before', async () => {
      const { results, meta, query } = await ask('funnel', funnel)
      expect(results).toEqual([
        { step: 1, visits: 2, dropped: 0, step_rate: 100, conversion_rate: 100 },
        { step: 2, visits: 1, dropped: 1, step_rate: 50, conversion_rate: 50 },
        { step: 3, visits: 1, dropped: 0, step_rate: 100, conversion_rate: 50 },
      ])
      expect(meta).toMatchObject({ visitors: 'sum_of_daily_visitors', erased: [] })
      expect(query).toMatchObject({ within: 'visit', steps, filters: [] })
    })

    test('or the visitors of a day, whose visits it looks at together', async () => {
      const { results } = await ask('funnel', { ...funnel, within: 'visitor' })
      expect(results).toEqual([
        { step: 1, visitors: 2, dropped: 0, step_rate: 100, conversion_rate: 100 },
        { step: 2, visitors: 2, dropped: 0, step_rate: 100, conversion_rate: 100 },
        { step: 3, visitors: 1, dropped: 1, step_rate: 50, conversion_rate: 50 },
      ])
    })

    test('with filters, and in another order', async () => {
      const counts = async (query: Json): Promise<unknown> =>
        ((await ask('funnel', { ...funnel, within: 'visitor', ...query })).results as Json[]).map(
          ({ visitors }) => visitors,
        )
      expect(await counts({ filters: [['is', 'visit:country', ['DE']]] })).toEqual([1, 1, 0])
      expect(await counts({ date_range: ['2026-03-03', '2026-03-03'] })).toEqual([1, 1, 1])
      expect(await counts({ date_range: ['2026-03-05', '2026-03-06'] })).toEqual([0, 0, 0])
      expect(await counts({ steps: [purchase, page('/')] })).toEqual([2, 0])
      // One event takes one step.
      expect(await counts({ steps: [purchase, purchase, purchase] })).toEqual([2, 1, 0])
    })
  })

  describe('journeys', () => {
    test('are the ways through the pages, the most frequent first', async () => {
      const { results, meta } = await ask('journeys', { ...journeys, limit: 3 })
      expect(results).toEqual([
        { path: ['/blog/a'], visits: 2, percentage: 22.22 },
        { path: ['/', '/blog/a'], visits: 1, percentage: 11.11 },
        { path: ['/', '/pricing'], visits: 1, percentage: 11.11 },
      ])
      expect(meta).toMatchObject({ totals: { visits: 9 }, total_rows: 8, other: [] })
    })

    test('from an event, within the day of a visitor', async () => {
      const { results } = await ask('journeys', { ...journeys, from: page('/'), within: 'visitor' })
      expect(results).toEqual([
        { path: ['/', '/blog/a', '/pricing'], visitors: 1, percentage: 50 },
        { path: ['/', '/pricing'], visitors: 1, percentage: 50 },
      ])
    })

    test('to an event, also one that is no page', async () => {
      const before = await ask('journeys', { ...journeys, to: purchase })
      expect(before.results).toEqual([
        { path: ['/', '/pricing'], visits: 1, percentage: 50 },
        { path: ['/blog/a'], visits: 1, percentage: 50 },
      ])
      const events = await ask('journeys', { ...journeys, to: purchase, of: 'event' })
      expect(events.results).toEqual([{ path: ['pageview', 'Purchase'], visits: 2, percentage: 100 }])
    })
  })

  describe('funnels and journeys', () => {
    test('are the same in the URL, and only for those who may ask', async () => {
      for (const [what, query] of Object.entries({ funnel, journeys })) {
        const path = `/${shop().name}/${what}`
        const url = `${path}?q=${encodeURIComponent(JSON.stringify(query))}`
        const response = await client.call(url, { headers: client.as(shop().read) })
        expect(await response.json()).toEqual(await ask(what, query))
        expect(response.headers.get('Cache-Control')).toBe('no-store')
        expect((await client.call(url)).status).toBe(401)
        expect((await client.call(url, { headers: client.as(shop().write) })).status).toBe(403)
        const put = await client.call(path, { method: 'PUT', headers: client.as(shop().read) })
        expect([put.status, put.headers.get('Allow')]).toEqual([405, 'GET, HEAD, POST'])
      }
    })

    test.each<readonly [what: string, kind: 'funnel' | 'journeys', query: unknown, ...pointers: string[]]>([
      ['no object', 'funnel', [], ''],
      ['nothing', 'funnel', {}, '/date_range', '/steps'],
      ['one step', 'funnel', { ...funnel, steps: [purchase] }, '/steps'],
      ['eleven steps', 'funnel', { ...funnel, steps: Array(11).fill(purchase) }, '/steps'],
      ['a step without filters', 'funnel', { ...funnel, steps: [purchase, []] }, '/steps/1'],
      ['a step that is text', 'funnel', { ...funnel, steps: [purchase, '/pricing'] }, '/steps/1'],
      [
        'a step that is wrong',
        'funnel',
        { ...funnel, steps: [purchase, [['is', 'x', ['y']]]] },
        '/steps/1/0/1',
      ],
      [
        '201 filters',
        'funnel',
        { ...funnel, steps: [purchase, Array(200).fill(purchase[0])] },
        '/steps/1/199',
      ],
      ['an unknown member', 'funnel', { ...funnel, dimensions: [] }, '/dimensions'],
      ['within what there is not', 'funnel', { ...funnel, within: 'year' }, '/within'],
      ['steps that are a list', 'journeys', { ...journeys, steps }, '/steps'],
      ['journeys of one step', 'journeys', { ...journeys, steps: 1 }, '/steps'],
      ['both ends', 'journeys', { ...journeys, from: purchase, to: purchase }, '/to'],
      ['what there is not', 'journeys', { ...journeys, of: 'title' }, '/of'],
      ['too many rows', 'journeys', { ...journeys, limit: 1001 }, '/limit'],
      [
        'a pattern that is none',
        'journeys',
        { ...journeys, from: [['matches', 'page', ['(']]] },
        '/from/0/2/0',
      ],
    ])('refuse %s', async (_, kind, query, ...pointers) => {
      const init = { method: 'POST', headers: client.as(shop().read), body: JSON.stringify(query) }
      const problem = await client.problem(await client.call(`/${shop().name}/${kind}`, init))
      expect(problem).toMatchObject({ status: 422, code: 'invalid_query' })
      expect([...problem.pointers].sort()).toEqual(pointers)
    })
  })
}
