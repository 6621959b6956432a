import { beforeAll, describe, expect, test } from 'vitest'
import type { Client, Json, Problem, Site } from './client.ts'
import { days } from './shop.ts'

/** What is wrong, where (the beginning of its pointer), and the names that must be told. */
type Bad = readonly [what: string, query: Json, pointer: string, ...names: string[]]

const filtered = (...filters: unknown[]): Json => ({ filters })
/** Filters as text: a `not` of a `not` of … */
const nested = (depth: number): string =>
  `[${'["not",'.repeat(depth)}["is","visit:country",["DE"]]${']'.repeat(depth)}]`

const wrongMembers: readonly Bad[] = [
  ['an unknown member', { what: 1 }, '/what', 'what'],
  ['a range of ages', { date_range: ['1900-01-01', '2026-03-02'] }, '/date_range', '36600'],
  [
    'minutes of years',
    { dimensions: ['time:minute'], date_range: ['2025-01-01', '2026-01-01'], include: { time_labels: true } },
    '/date_range',
    '10000',
  ],
  ['no metrics', { metrics: undefined }, '/metrics'],
  ['empty metrics', { metrics: [] }, '/metrics'],
  ['metrics that are text', { metrics: 'visitors' }, '/metrics'],
  ['a metric that is a number', { metrics: ['visitors', 5] }, '/metrics/1'],
  ['an unknown metric', { metrics: ['visitors', 'nope'] }, '/metrics/1', 'nope'],
  ['a percentile there is not', { metrics: ['p100(event:props:lcp)'] }, '/metrics/0', 'p100'],
  ['numbers of a page', { metrics: ['p75(event:page)'] }, '/metrics/0', 'event:page'],
  ['numbers of nothing', { metrics: ['p75(event:props:)'] }, '/metrics/0', 'p75'],
  ['numbers told in another way', { metrics: ['median(event:props:lcp)'] }, '/metrics/0', 'median'],
  ['numbers without an end', { metrics: ['p75(event:props:lcp'] }, '/metrics/0', 'p75'],
  ['a metric of every object', { metrics: ['constructor'] }, '/metrics/0', 'constructor'],
  ['dimensions that are text', { dimensions: 'visit:country' }, '/dimensions'],
  ['a dimension that is null', { dimensions: [null] }, '/dimensions/0'],
  ['an unknown dimension', { dimensions: ['visit:country', 'visit:nope'] }, '/dimensions/1', 'visit:nope'],
  ['a dimension under the wrong prefix', { dimensions: ['visit:page'] }, '/dimensions/0', 'visit:page'],
  ['a dimension of every object', { dimensions: ['__proto__'] }, '/dimensions/0', '__proto__'],
  ['a property without name', { dimensions: ['event:props:'] }, '/dimensions/0'],
  ['two dimensions of time', { dimensions: ['time:day', 'time:hour'] }, '/dimensions'],
  ['time and a week', { dimensions: ['time', 'time:week'] }, '/dimensions'],
  ['an unknown part of time', { dimensions: ['time:second'] }, '/dimensions/0', 'time:second'],
  ['no range', { date_range: undefined }, '/date_range'],
  ['an unknown range', { date_range: '5 days' }, '/date_range'],
  ['a range that is a number', { date_range: 7 }, '/date_range'],
  ['a range of one day', { date_range: ['2026-03-02'] }, '/date_range'],
  ['a range of three days', { date_range: ['2026-03-02', '2026-03-03', '2026-03-04'] }, '/date_range'],
  ['a range that ends before it begins', { date_range: ['2026-03-04', '2026-03-02'] }, '/date_range'],
  ['a day there is not', { date_range: ['2026-02-30', '2026-03-02'] }, '/date_range'],
  ['a zone there is not', { timezone: 'Mars/Base' }, '/timezone'],
  ['an order by what was not asked', { order_by: [['visits', 'desc']] }, '/order_by/0', 'visits'],
  ['an order by another dimension', { order_by: [['visit:os', 'asc']] }, '/order_by/0', 'visit:os'],
  ['an order that is no pair', { order_by: ['visitors'] }, '/order_by/0'],
  ['an order upwards', { order_by: [['visitors', 'up']] }, '/order_by/0'],
  ['an unknown include', { include: { what: true } }, '/include/what', 'what'],
  ['an include that is text', { include: { time_labels: 'yes' } }, '/include/time_labels'],
  ['an unknown comparison', { include: { comparison: 'last_week' } }, '/include/comparison'],
  ['a limit below nothing', { pagination: { limit: -1 } }, '/pagination/limit'],
  ['a limit that is text', { pagination: { limit: 'x' } }, '/pagination/limit'],
  ['an offset in halves', { pagination: { limit: 5, offset: 0.5 } }, '/pagination/offset'],
]

const wrongFilters: readonly Bad[] = [
  ['filters that are an object', { filters: {} }, '/filters'],
  ['a filter that is an object', filtered({}), '/filters/0'],
  ['an unknown operator', filtered(['like', 'visit:country', ['DE']]), '/filters/0/0', 'like'],
  ['an unknown name', filtered(['is', 'visit:nope', ['DE']]), '/filters/0/1', 'visit:nope'],
  ['time', filtered(['is', 'time:day', ['2026-03-02']]), '/filters/0'],
  ['time alone', filtered(['is', 'time', ['2026-03-02']]), '/filters/0'],
  ['no clauses', filtered(['is', 'visit:country']), '/filters/0'],
  ['a clause outside a list', filtered(['is', 'visit:country', 'DE']), '/filters/0/2'],
  ['a clause that is an object', filtered(['is', 'visit:country', ['DE', {}]]), '/filters/0/2'],
  ['an unknown modifier', filtered(['is', 'visit:country', ['DE'], { cased: true }]), '/filters/0/3'],
  [
    'a case that is text',
    filtered(['is', 'visit:country', ['DE'], { case_sensitive: 'no' }]),
    '/filters/0/3',
  ],
  [
    'a pattern whatever the case',
    filtered(['matches', 'event:page', ['^/blog'], { case_sensitive: false }]),
    '/filters/0',
  ],
  ['an or of nothing listed', filtered(['or', ['is', 'visit:country', ['DE']]]), '/filters/0/1'],
  ['a not of nothing', filtered(['not']), '/filters/0'],
  ['a fault deep inside', filtered(['and', [['not', ['is', 'visit:nope', ['x']]]]]), '/filters/0/1/0/1/1'],
  ['a pattern that is none', filtered(['matches', 'event:page', ['(']]), '/filters/0/2/0'],
  ['another', filtered(['matches_not', 'event:page', ['^/', '[z-a]']]), '/filters/0/2/1'],
  ['a goal that matches', filtered(['matches', 'event:goal', ['Sign.*']]), '/filters/0', 'event:goal'],
  ['a goal that is not', filtered(['is_not', 'event:goal', ['Signup']]), '/filters/0', 'event:goal'],
  [
    'a goal below the top',
    filtered([
      'or',
      [
        ['is', 'event:goal', ['Signup']],
        ['is', 'visit:country', ['DE']],
      ],
    ]),
    '/filters/0',
    'event:goal',
  ],
  [
    'a host below the top',
    filtered(['not', ['is', 'event:hostname', ['x']]]),
    '/filters/0',
    'event:hostname',
  ],
  [
    'has_done of a visit',
    filtered(['has_done', ['is', 'visit:country', ['DE']]]),
    '/filters/0',
    'visit:country',
  ],
  [
    'has_done of has_done',
    filtered(['has_done', ['has_not_done', ['is', 'event:page', ['/']]]]),
    '/filters/0',
    'has_not_done',
  ],
]

const countries = { dimensions: ['visit:country'] }
const refusedMixes: readonly Bad[] = [
  [
    'bounce_rate by a property',
    { metrics: ['bounce_rate'], dimensions: ['event:props:plan'] },
    '',
    'bounce_rate',
    'event:props:plan',
  ],
  [
    'visit_duration by a goal',
    { metrics: ['visitors', 'visit_duration'], dimensions: ['event:goal'] },
    '',
    'visit_duration',
    'event:goal',
  ],
  [
    'views_per_visit by page',
    { metrics: ['views_per_visit'], dimensions: ['event:page'] },
    '',
    'views_per_visit',
    'event:page',
  ],
  [
    'views_per_visit by host',
    { metrics: ['views_per_visit'], dimensions: ['event:hostname'] },
    '',
    'views_per_visit',
    'event:hostname',
  ],
  [
    'views_per_visit of a page',
    { metrics: ['views_per_visit'], ...filtered(['is', 'event:page', ['/']]) },
    '',
    'views_per_visit',
    'event:page',
  ],
  [
    'events by entry page',
    { metrics: ['events'], dimensions: ['visit:entry_page'] },
    '',
    'events',
    'visit:entry_page',
  ],
  [
    'revenue by exit page',
    { metrics: ['total_revenue'], dimensions: ['visit:exit_page'] },
    '',
    'total_revenue',
    'visit:exit_page',
  ],
  [
    'numbers by exit page',
    { metrics: ['p75(event:props:lcp)'], dimensions: ['visit:exit_page'] },
    '',
    'event:props:lcp',
    'visit:exit_page',
  ],
  ['scroll_depth without a page', { metrics: ['scroll_depth'], ...countries }, '', 'scroll_depth'],
  ['time_on_page without a page', { metrics: ['time_on_page'] }, '', 'time_on_page'],
  ['percentage without a dimension', { metrics: ['percentage'] }, '', 'percentage'],
  ['conversion_rate without a goal', { metrics: ['conversion_rate'], ...countries }, '', 'conversion_rate'],
  [
    'group_conversion_rate without a goal',
    { metrics: ['group_conversion_rate'], ...countries },
    '',
    'group_conversion_rate',
  ],
]

/** What may not be asked, and what may cost much. */
export function badQueries(client: Client, shop: () => Site): void {
  const good = { metrics: ['visitors'], date_range: days.firstThree }
  const ask = (query: unknown, of: Site = shop()): Promise<Response> =>
    client.post(of, typeof query === 'string' ? query : JSON.stringify(query), of.read)
  const refused = async (query: unknown): Promise<Problem> => client.problem(await ask(query))

  describe('refuses with 422', () => {
    for (const [kind, cases] of Object.entries({ wrongMembers, wrongFilters, refusedMixes })) {
      describe(kind, () => {
        for (const [what, query, pointer, ...names] of cases)
          test(what, async () => {
            const { status, code, pointers, text } = await refused({ ...good, ...query })
            expect([status, code]).toEqual([422, 'invalid_query'])
            expect(pointers.length).toBeGreaterThan(0)
            expect(pointers.filter((one) => !one.startsWith(pointer))).toEqual([])
            for (const name of names) expect(text).toContain(name)
          })
      })
    }

    test.each([['null'], ['[]'], ['5'], ['"x"'], ['true']])('the body %s', async (body) => {
      expect(await refused(body)).toMatchObject({ status: 422, code: 'invalid_query', pointers: [''] })
    })

    test('every fault at once, each with its pointer', async () => {
      const query = { metrics: ['nope'], dimensions: ['x:y'], date_range: 'soon', filters: [['zz']] }
      const { pointers } = await refused(query)
      const expected = ['/date_range', '/dimensions/0', '/filters/0/0', '/metrics/0']
      expect([...pointers].sort()).toEqual(expected)
    })

    test('the same in the URL', async () => {
      const q = encodeURIComponent(JSON.stringify({ ...good, metrics: ['nope'] }))
      const response = await client.call(`/${shop().name}/query?q=${q}`, { headers: client.as(shop().read) })
      expect(await client.problem(response)).toMatchObject({ status: 422, pointers: ['/metrics/0'] })
    })

    test('at most a hundred faults, and what was sent is cut', async () => {
      const metrics = Array.from({ length: 500 }, (_, i) => `nope${i}`)
      expect((await refused({ ...good, metrics })).pointers.length).toBeLessThanOrEqual(100)
      const filters = metrics.map((name) => ['is', name, ['x']])
      expect((await refused({ ...good, filters })).pointers.length).toBeLessThanOrEqual(100)
      const long = await refused({ ...good, metrics: ['x'.repeat(5000)], dimensions: ['y'.repeat(5000)] })
      expect(long.status).toBe(422)
      expect(long.text).not.toMatch(/x{101}|y{101}/)
    })
  })

  describe('takes mixes that are not refused', () => {
    test.each<readonly [what: string, query: Json]>([
      ['visit_duration by page', { metrics: ['visit_duration'], dimensions: ['event:page'] }],
      ['bounce_rate by host', { metrics: ['bounce_rate'], dimensions: ['event:hostname'] }],
      ['bounce_rate of a page', { metrics: ['bounce_rate'], filters: [['is', 'event:page', ['/']]] }],
      ['visitors by entry and exit page', { dimensions: ['visit:entry_page', 'visit:exit_page'] }],
      ['nothing but metrics and range', {}],
    ])('%s', async (_, query) => {
      await client.ask(shop(), { ...good, ...query })
    })
  })

  describe('bodies', () => {
    test.each([['{"metrics":'], ['metrics=visitors'], ['']])('%j is 400', async (body) => {
      expect(await refused(body)).toMatchObject({ status: 400, code: 'malformed_body' })
    })

    test('over 256 KiB are 413', async () => {
      const body = (bytes: number): string => {
        const text = JSON.stringify(good)
        return text + ' '.repeat(bytes - text.length)
      }
      expect((await ask(body(256 * 1024))).status).toBe(200)
      expect(await refused(body(256 * 1024 + 1))).toMatchObject({ status: 413, code: 'too_large' })
    })
  })

  describe('answers soon', () => {
    let long: Site
    beforeAll(async () => {
      long = await client.makeSite()
      const events = Array.from({ length: 50 }, (_, i) => ({
        ...{ time: '2026-03-02T10:00:00Z', visitor: `v${i}`, page: '/' },
        props: { long: `${'a'.repeat(1900)}${i}!` },
      }))
      await client.deliver(long, events)
    })

    /** Milliseconds, status and code of the answer to hostile filters. */
    async function timed(filters: string): Promise<readonly [ms: number, status: number]> {
      const query = JSON.stringify({ ...good, filters: 0 }).replace('0}', `${filters}}`)
      const began = performance.now()
      const response = await ask(query, long)
      const status = response.status
      if (status === 200) await response.arrayBuffer()
      else expect(['invalid_query', 'malformed_body']).toContain((await client.problem(response)).code)
      return [performance.now() - began, status]
    }

    test.each([
      ['(a+)+$'],
      ['^(a+)+$'],
      ['(a|a)*$'],
      ['(a|aa)+$'],
      ['^(([a-z])+.)+[A-Z]([a-z])+$'],
      ['(.*)*x'],
      ['(.*a){12}$'],
      ['a{1000}{1000}'],
      ['(a?){2000}a{2000}'],
      ['(((((a*)*)*)*)*)*b'],
      ['\\p{L}+$'],
    ])('to the pattern %s', async (pattern) => {
      const [ms, status] = await timed(JSON.stringify([['matches', 'event:props:long', [pattern]]]))
      expect([200, 422]).toContain(status)
      expect(ms).toBeLessThan(2000)
    })

    test('to a pattern as long as the body allows', async () => {
      const [ms, status] = await timed(`[["matches","event:props:long",["${'(a|b)*'.repeat(30_000)}"]]]`)
      expect([200, 422]).toContain(status)
      expect(ms).toBeLessThan(2000)
    })

    test('to nesting: some is taken, much is refused', async () => {
      expect(await timed(nested(8))).toEqual([expect.any(Number), 200])
      for (const depth of [1000, 10_000]) {
        const [ms, status] = await timed(nested(depth))
        expect([400, 422]).toContain(status)
        expect(ms).toBeLessThan(2000)
      }
    })

    test('to 10,000 clauses, and to 2,000 filters', async () => {
      const clauses = Array.from({ length: 10_000 }, (_, i) => `clause${i}`)
      for (const operator of ['is', 'contains', 'matches']) {
        const [ms, status] = await timed(JSON.stringify([[operator, 'event:props:long', clauses]]))
        expect([200, 422]).toContain(status)
        expect(ms).toBeLessThan(2000)
      }
      const filters = Array.from({ length: 2000 }, (_, i) => ['is_not', 'event:props:long', [`x${i}`]])
      const [ms, status] = await timed(JSON.stringify(filters))
      expect([200, 422]).toContain(status)
      expect(ms).toBeLessThan(2000)
    })

    test('and answers others meanwhile', async () => {
      const hostile = timed('[["matches","event:props:long",["^(([a-z])+.)+[A-Z]([a-z])+$"]]]')
      const began = performance.now()
      expect((await client.call('/health/live')).status).toBe(200)
      expect(performance.now() - began).toBeLessThan(2000)
      await hostile
    })
  })
}
