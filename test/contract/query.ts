import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from './app.ts'
import { badQueries } from './bad-query.ts'
import { Client, type Json, moneys, rowsOf, type Site } from './client.ts'
import { exportsAndErasure } from './events.ts'
import { days, earlierEvents, shopDefinition, shopEvents } from './shop.ts'

type Rows = readonly (readonly unknown[])[]

const HOUR = 3_600_000

/** What a question must answer (docs/api.md), the same on every runtime and store. All numbers are by hand. */
export function queryContract(name: string, start: () => Promise<Subject>): void {
  describe(`query: ${name}`, () => {
    let subject: Subject
    let shop: Site
    const client = new Client(() => subject)
    beforeAll(async () => {
      subject = await start()
      shop = await client.makeSite(shopDefinition)
      await client.deliver(shop, shopEvents.slice(0, 12), 'lines')
      await client.deliver(shop, [...shopEvents.slice(12), ...earlierEvents])
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    /** The rows of the shop's answer, over its days of March unless said otherwise. */
    const table = (query: Json): Promise<Rows> => client.table(shop, { date_range: days.march, ...query })

    whoMayAsk(client, () => shop)
    metricsOfTheShop(table)
    dimensionsOfTheShop(table)
    filtersOfTheShop(table)
    rowsInOrder(client, () => shop, table)
    timeOfTheShop(client, () => shop, table)
    whatIsTold(client, () => shop)
    visits(client)
    clocksThatChange(client)
    rangesUpToNow(client)
    pagesThatSend(client)
    sources(client)
    definitions(client)
    badQueries(client, () => shop)
    exportsAndErasure(client)

    describe('counts', () => {
      test.each([
        ['/count', 22],
        ['/page/%2F/count', 4],
        [`/page/${encodeURIComponent('https://blog.shop.example/blog/b')}/count`, 3],
        ['/tier/gold/count', 1],
        ['/country/DE/count', 9],
        ['/country/XX/count', 0],
      ])('%s is still %i after all that, without engagements', async (path, expected) => {
        expect(await client.count(shop, path)).toBe(expected)
      })
    })
  })
}

function whoMayAsk(client: Client, shop: () => Site): void {
  describe('a question', () => {
    const query = { metrics: ['visitors', 'events'], dimensions: ['visit:country'], date_range: days.march }
    const inUrl = (text: string): string => `/${shop().name}/query?q=${encodeURIComponent(text)}`

    test('is the same by POST and in the URL, with a read key and with an admin key', async () => {
      const posted = await client.ask(shop(), query)
      expect(rowsOf(posted)).toHaveLength(5)
      expect(await client.ask(shop(), query, client.adminKey)).toEqual(posted)
      for (const key of [shop().read, client.adminKey]) {
        const response = await client.call(inUrl(JSON.stringify(query)), { headers: client.as(key) })
        expect([response.status, await response.json()]).toEqual([200, posted])
      }
    })

    test('is refused without its key: 401, 403, 404 and only then what is wrong with it', async () => {
      const statuses = async (to: { name: string }, key?: string): Promise<readonly number[]> => {
        const headers = key === undefined ? {} : client.as(key)
        const path = `/${to.name}/query`
        const responses = await Promise.all([
          client.call(path, { method: 'POST', headers, body: JSON.stringify(query) }),
          client.call(path, { method: 'POST', headers, body: 'not JSON' }),
          client.call(`${path}?q=${encodeURIComponent(JSON.stringify(query))}`, { headers }),
        ])
        return responses.map(({ status }) => status)
      }
      const other = await client.makeSite()
      expect(await statuses(shop())).toEqual([401, 401, 401])
      expect(await statuses(shop(), 'unknown')).toEqual([401, 401, 401])
      for (const key of [shop().write, shop().server, other.read]) {
        expect(await statuses(shop(), key)).toEqual([403, 403, 403])
      }
      expect(await statuses({ name: 'no-such' }, shop().read)).toEqual([403, 403, 403])
      expect(await statuses({ name: 'no-such' }, client.adminKey)).toEqual([404, 404, 404])
    })

    test('is answered privately, with its time; HEAD as GET; other methods 405', async () => {
      const headers = client.as(shop().read)
      const response = await client.post(shop(), JSON.stringify(query), shop().read)
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(response.headers.get('X-Response-Time')).toMatch(/^\d+(\.\d+)?ms$/)
      expect(response.headers.get('Server-Timing')).toMatch(/;dur=/)
      const head = await client.call(inUrl(JSON.stringify(query)), { method: 'HEAD', headers })
      expect([head.status, await head.text()]).toEqual([200, ''])
      const put = await client.call(`/${shop().name}/query`, { method: 'PUT', headers, body: '{}' })
      expect(put.status).toBe(405)
      expect(put.headers.get('Allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
    })
  })
}

function metricsOfTheShop(table: (query: Json) => Promise<Rows>): void {
  describe('metrics', () => {
    test.each([
      ['visitors', 9],
      ['visits', 10],
      ['pageviews', 13],
      ['events', 19],
      ['bounce_rate', 40],
      ['visit_duration', 540],
      ['views_per_visit', 1.3],
    ])('%s is %d', async (metric, expected) => {
      expect(await table({ metrics: [metric] })).toEqual([[expected]])
    })

    test('are answered in the order asked', async () => {
      expect(await table({ metrics: ['bounce_rate', 'events', 'views_per_visit', 'visitors'] })).toEqual([
        [40, 19, 1.3, 9],
      ])
    })

    test('of a range without events are 0 or nothing, never missing', async () => {
      const date_range = ['2026-03-05', '2026-03-07']
      const metrics = ['visitors', 'visits', 'pageviews', 'events', 'total_revenue']
      expect(await table({ date_range, metrics })).toEqual([[0, 0, 0, 0, null]])
    })

    test('scroll_depth and time_on_page: per visit and page, and null without engagements', async () => {
      const metrics = ['visitors', 'scroll_depth', 'time_on_page']
      expect(await table({ metrics, dimensions: ['event:page'] })).toEqual([
        ['/pricing', 4, null, null],
        ['/blog/a', 3, 50, 45], // anna 80 % and 80 s, ben 20 % and 10 s
        ['/', 2, 50, 30],
        ['/blog/b', 2, null, null],
        ['/docs/x', 2, null, null],
        ['/landing', 1, null, null],
      ])
      // depths 50, 80 and 20; anna's visit 30 + 80 s, ben's 10 s
      expect(await table({ metrics, filters: [['is', 'event:page', ['/', '/blog/a']]] })).toEqual([
        [4, 50, 60],
      ])
    })

    test('percentage is of all visitors under the same filters, to two decimals', async () => {
      const metrics = ['visitors', 'percentage']
      const dimensions = ['visit:country']
      expect(await table({ metrics, dimensions })).toEqual([
        ['DE', 3, 33.33],
        ['FR', 2, 22.22],
        ['US', 2, 22.22],
        ['(not set)', 1, 11.11],
        ['AT', 1, 11.11],
      ])
      expect(await table({ metrics, dimensions, filters: [['is', 'device', ['Desktop']]] })).toEqual([
        ['US', 2, 40],
        ['AT', 1, 20],
        ['DE', 1, 20],
        ['FR', 1, 20],
      ])
    })

    // ——— conversions: the desktop's five visitors are anna, dora, fay, hal and ida ———

    const desktop = ['is', 'visit:device', ['Desktop']]

    test('conversion_rate by goal, of events and of pages', async () => {
      const metrics = ['visitors', 'events', 'conversion_rate']
      expect(await table({ metrics, dimensions: ['event:goal'], filters: [desktop] })).toEqual([
        ['Read a post', 3, 3, 60],
        ['Purchase', 2, 3, 40],
        ['Signup', 1, 1, 20],
      ])
      expect(await table({ metrics: ['visitors', 'events'], dimensions: ['event:goal'] })).toEqual([
        ['Read a post', 5, 5],
        ['Purchase', 2, 3],
        ['Signup', 2, 2],
      ])
    })

    test.each<readonly [what: string, filters: Rows, visitors: number, rate: number]>([
      ['an event goal', [desktop, ['is', 'event:goal', ['Signup']]], 1, 20],
      ['a page goal', [desktop, ['is', 'event:goal', ['Read a post']]], 3, 60],
      ['any of two goals', [desktop, ['is', 'event:goal', ['Signup', 'Purchase']]], 3, 60],
      ['goals that contain', [desktop, ['contains', 'event:goal', ['urch']]], 2, 40],
      [
        'a property, which does not narrow all visitors',
        [desktop, ['is', 'event:goal', ['Purchase']], ['is', 'event:props:plan', ['Basic']]],
        1,
        20,
      ],
      [
        'a page, which does',
        [
          ['is', 'event:goal', ['Purchase']],
          ['is', 'event:page', ['/pricing']],
        ],
        1,
        25,
      ],
    ])('conversion_rate with %s', async (_, filters, visitors, rate) => {
      expect(await table({ metrics: ['visitors', 'conversion_rate'], filters })).toEqual([[visitors, rate]])
    })

    test('group_conversion_rate divides by the visitors of the same group', async () => {
      const metrics = ['visitors', 'conversion_rate', 'group_conversion_rate']
      const filters = [['is', 'event:goal', ['Purchase']]]
      const asked = { metrics, dimensions: ['visit:country'], filters, date_range: days.firstThree }
      expect(await table(asked)).toEqual([
        ['AT', 1, 12.5, 100],
        ['FR', 1, 12.5, 50],
      ])
    })

    // ——— revenue ———

    test('total_revenue and average_revenue in one currency', async () => {
      const filters = [['is', 'visit:country', ['AT']]]
      const [[total, average] = []] = await table({ metrics: ['total_revenue', 'average_revenue'], filters })
      expect(total).toMatchObject({
        value: 30.5,
        currency: 'EUR',
        short: expect.any(String),
        long: expect.any(String),
      })
      expect(average).toMatchObject({ value: 15.25, currency: 'EUR' })
    })

    test('total_revenue and average_revenue in two currencies, never added', async () => {
      const [[total, average] = []] = await table({ metrics: ['total_revenue', 'average_revenue'] })
      expect([moneys(total), moneys(average)]).toEqual([
        ['30.5 EUR', '5 USD'],
        ['15.25 EUR', '5 USD'],
      ])
    })

    test('total_revenue by a dimension, null where there is none', async () => {
      const metrics = ['visitors', 'total_revenue']
      const byCountry = await table({ metrics, dimensions: ['country'] })
      expect(byCountry.map(([country, , total]) => [country, total && moneys(total)])).toEqual([
        ['DE', null],
        ['FR', ['5 USD']],
        ['US', null],
        ['(not set)', null],
        ['AT', ['30.5 EUR']],
      ])
      const filters = [['is_not', 'event:props:plan', ['(none)']]]
      const byPlan = await table({ metrics, dimensions: ['event:props:plan'], filters })
      expect(byPlan.map(([plan, , total]) => [plan, total && moneys(total)])).toEqual([
        ['pro', ['10 EUR', '5 USD']],
        ['Basic', ['20.5 EUR']],
        ['Pro', null],
      ])
    })
  })
}

function dimensionsOfTheShop(table: (query: Json) => Promise<Rows>): void {
  describe('dimensions', () => {
    const visitorsBy: readonly (readonly [dimension: string, Rows])[] = [
      [
        'visit:device',
        [
          ['Desktop', 5],
          ['Mobile', 3],
          ['Tablet', 1],
        ],
      ],
      [
        'visit:browser',
        [
          ['Chrome', 3],
          ['Firefox', 3],
          ['Safari', 2],
          ['(not set)', 1],
        ],
      ],
      [
        'visit:browser_version',
        [
          ['120', 3],
          ['128', 3],
          ['17', 2],
          ['(not set)', 1],
        ],
      ],
      [
        'visit:os',
        [
          ['Android', 2],
          ['Linux', 2],
          ['Windows', 2],
          ['(not set)', 1],
          ['iOS', 1],
          ['macOS', 1],
        ],
      ],
      [
        'visit:os_version',
        [
          ['(not set)', 6],
          ['11', 2],
          ['17', 1],
        ],
      ],
      [
        'visit:country',
        [
          ['DE', 3],
          ['FR', 2],
          ['US', 2],
          ['(not set)', 1],
          ['AT', 1],
        ],
      ],
      [
        'visit:region',
        [
          ['(not set)', 7],
          ['DE-BE', 1],
          ['DE-BY', 1],
        ],
      ],
      [
        'visit:city',
        [
          ['(not set)', 7],
          ['Berlin', 1],
          ['Munich', 1],
        ],
      ],
      [
        'visit:country_name',
        [
          ['Germany', 3],
          ['France', 2],
          ['United States', 2],
          ['(not set)', 1],
          ['Austria', 1],
        ],
      ],
      [
        'visit:source',
        [
          ['Direct / None', 4],
          ['Google', 2],
          ['Facebook', 1],
          ['Hacker News', 1],
          ['newsletter', 1],
        ],
      ],
      [
        'visit:channel',
        [
          ['Direct', 4],
          ['Organic Search', 2],
          ['Email', 1],
          ['Organic Social', 1],
          ['Referral', 1],
        ],
      ],
      [
        'visit:referrer',
        [
          ['Direct / None', 8],
          [expect.stringContaining('news.ycombinator.com/item'), 1],
        ],
      ],
      [
        'visit:utm_source',
        [
          ['(not set)', 8],
          ['newsletter', 1],
        ],
      ],
      [
        'visit:utm_medium',
        [
          ['(not set)', 8],
          ['email', 1],
        ],
      ],
      [
        'visit:utm_campaign',
        [
          ['(not set)', 8],
          ['spring', 1],
        ],
      ],
      [
        'visit:utm_content',
        [
          ['(not set)', 8],
          ['top', 1],
        ],
      ],
      [
        'visit:utm_term',
        [
          ['(not set)', 8],
          ['shoes', 1],
        ],
      ],
    ]
    test.each(visitorsBy)('visitors by %s, with its prefix and without', async (dimension, expected) => {
      expect(await table({ metrics: ['visitors'], dimensions: [dimension] })).toEqual(expected)
      const short = dimension.replace('visit:', '')
      expect(await table({ metrics: ['visitors'], dimensions: [short] })).toEqual(expected)
    })

    test('visit metrics by country', async () => {
      const metrics = ['visits', 'pageviews', 'bounce_rate', 'visit_duration', 'views_per_visit']
      expect(await table({ metrics, dimensions: ['visit:country'] })).toEqual([
        ['DE', 4, 5, 25, 600, 1.25],
        ['FR', 2, 2, 50, 300, 1],
        ['US', 2, 3, 50, 450, 1.5],
        ['(not set)', 1, 1, 100, 600, 1],
        ['AT', 1, 2, 0, 900, 2],
      ])
    })

    test('entry pages are those of the first page view, and custom events enter nowhere', async () => {
      const metrics = ['visits', 'visitors', 'bounce_rate', 'views_per_visit']
      expect(await table({ metrics, dimensions: ['visit:entry_page'] })).toEqual([
        ['/', 2, 2, 0, 2],
        ['/blog/a', 2, 2, 50, 1],
        ['/blog/b', 2, 2, 50, 1.5],
        ['/pricing', 2, 2, 50, 1.5],
        ['(not set)', 1, 1, 0, 0],
        ['/docs/x', 1, 1, 100, 1],
      ])
    })

    test.each<readonly [dimension: string, Rows]>([
      [
        'visit:exit_page',
        [
          ['/blog/a', 3],
          ['/pricing', 3],
          ['/docs/x', 2],
          ['(not set)', 1],
          ['/blog/b', 1],
        ],
      ],
      [
        'visit:entry_page_hostname',
        [
          ['shop.example', 7],
          ['blog.shop.example', 2],
          ['(not set)', 1],
        ],
      ],
      [
        'visit:exit_page_hostname',
        [
          ['shop.example', 8],
          ['(not set)', 1],
          ['blog.shop.example', 1],
        ],
      ],
    ])('visits by %s', async (dimension, expected) => {
      expect(await table({ metrics: ['visits'], dimensions: [dimension] })).toEqual(expected)
    })

    test('event:page', async () => {
      const metrics = ['visitors', 'visits', 'pageviews', 'events']
      expect(await table({ metrics, dimensions: ['event:page'] })).toEqual([
        ['/pricing', 4, 4, 4, 6],
        ['/blog/a', 3, 3, 3, 5],
        ['/', 2, 2, 2, 2],
        ['/blog/b', 2, 2, 2, 3],
        ['/docs/x', 2, 2, 2, 2],
        ['/landing', 1, 1, 0, 1],
      ])
    })

    test('bounce_rate by event:page is that of the visits that entered there', async () => {
      const asked = { metrics: ['visitors', 'bounce_rate'], dimensions: ['event:page'] }
      expect(await table({ ...asked, pagination: { limit: 5, offset: 0 } })).toEqual([
        ['/pricing', 4, 50],
        ['/blog/a', 3, 50],
        ['/', 2, 0],
        ['/blog/b', 2, 50],
        ['/docs/x', 2, 100],
      ])
    })

    test('event:hostname', async () => {
      expect(await table({ metrics: ['visitors', 'pageviews'], dimensions: ['event:hostname'] })).toEqual([
        ['shop.example', 8, 11],
        ['blog.shop.example', 2, 2],
      ])
    })

    test('properties, and (none) for events that lack them', async () => {
      expect(await table({ metrics: ['visitors', 'events'], dimensions: ['event:props:plan'] })).toEqual([
        ['(none)', 8, 14],
        ['pro', 3, 3],
        ['Basic', 1, 1],
        ['Pro', 1, 1],
      ])
    })

    test('declared attributes by their name', async () => {
      const filters = [['is', 'tier', ['gold', 'silver']]]
      expect(await table({ metrics: ['visitors', 'events'], dimensions: ['tier'], filters })).toEqual([
        ['gold', 1, 1],
        ['silver', 1, 1],
      ])
    })

    test('several, of visits and of events', async () => {
      const dimensions = ['visit:country', 'event:page']
      const filters = [['is', 'visit:country', ['DE', 'AT']]]
      expect(await table({ metrics: ['pageviews', 'visitors'], dimensions, filters })).toEqual([
        ['DE', '/pricing', 2, 2],
        ['AT', '/', 1, 1],
        ['AT', '/pricing', 1, 1],
        ['DE', '/', 1, 1],
        ['DE', '/blog/a', 1, 1],
        ['DE', '/docs/x', 1, 1],
        ['DE', '/landing', 0, 1],
      ])
    })
  })
}

function filtersOfTheShop(table: (query: Json) => Promise<Rows>): void {
  describe('filters', () => {
    const country = (...of: string[]): Rows[number] => ['is', 'visit:country', of]
    const device = (...of: string[]): Rows[number] => ['is', 'visit:device', of]
    const plan = (operator: string, ...of: string[]): Rows[number] => [operator, 'event:props:plan', of]
    const page = (operator: string, ...of: string[]): Rows[number] => [operator, 'event:page', of]
    const anyCase = { case_sensitive: false }

    test.each<readonly [what: string, filter: Rows[number], visitors: number]>([
      ['is, any of', country('DE', 'FR'), 5],
      ['is what does not occur', country('XX'), 0],
      ['is_not, blanks included', ['is_not', 'visit:country', ['DE']], 6],
      ['is_not, none of', ['is_not', 'country', ['DE', 'FR']], 4],
      ['is (not set)', country('(not set)'), 1],
      ['is_not (not set)', ['is_not', 'visit:country', ['(not set)']], 8],
      ['is Direct / None', ['is', 'visit:source', ['Direct / None']], 4],
      ['is_not Direct / None', ['is_not', 'visit:source', ['Direct / None']], 5],
      ['is Direct, the channel', ['is', 'visit:channel', ['Direct']], 4],
      ['contains, any of', ['contains', 'visit:source', ['oogle', 'book']], 3],
      ['contains', page('contains', '/blog'), 5],
      ['contains_not', page('contains_not', '/blog'), 6],
      ['contains_not, none of', page('contains_not', '/blog', '/pricing'), 5],
      ['matches', page('matches', '^/blog/[ab]$'), 5],
      ['matches, any of, anywhere', page('matches', '^/$', 'landin'), 3],
      ['matches_not', page('matches_not', '^/(blog|pricing)'), 5],
      ['a pattern of nested quantifiers', page('matches', '^(/[a-z]+)+$'), 9],
      ['is on pages', page('is', '/'), 2],
      ['is_not on pages, event by event', page('is_not', '/blog/a'), 7],
      ['an entry page', ['is', 'visit:entry_page', ['/pricing']], 2],
      ['an exit page', ['contains', 'visit:exit_page', ['/blog']], 4],
      ['a host', ['is', 'event:hostname', ['blog.shop.example']], 2],
      ['a host it contains', ['contains', 'event:hostname', ['blog.']], 2],
      ['a raw tag', ['is', 'visit:utm_campaign', ['spring']], 1],
      ['is, whatever the case', ['is', 'visit:browser', ['fireFOX'], anyCase], 3],
      ['is, case by case', ['is', 'visit:browser', ['fireFOX']], 0],
      ['contains, whatever the case', [...page('contains', '/BLOG'), anyCase], 5],
      ['contains, case by case', [...page('contains', '/BLOG'), { case_sensitive: true }], 0],
      ['or', ['or', [country('AT'), country('US')]], 3],
      ['and', ['and', [country('DE'), device('Mobile')]], 2],
      ['not', ['not', country('DE')], 6],
      ['not not', ['not', ['not', country('DE')]], 3],
      ['not or', ['not', ['or', [country('DE'), device('Desktop')]]], 2],
      ['not and', ['not', ['and', [country('DE'), device('Mobile')]]], 7],
      ['not event by event', ['not', page('is', '/blog/a')], 7],
      [
        'or of ands',
        [
          'or',
          [
            ['and', [country('DE'), device('Mobile')]],
            ['and', [country('FR'), device('Desktop')]],
          ],
        ],
        3,
      ],
      ['or of a visit and an event', ['or', [page('is', '/landing'), country('AT')]], 2],
    ])('%s', async (_, filter, visitors) => {
      expect(await table({ metrics: ['visitors'], filters: [filter] })).toEqual([[visitors]])
    })

    test.each<readonly [what: string, filter: Rows[number], visitors: number, events: number]>([
      ['is', plan('is', 'pro'), 3, 3],
      ['is (none)', plan('is', '(none)'), 8, 14],
      ['is a value or (none)', plan('is', 'pro', '(none)'), 8, 17],
      ['is_not, events without it included', plan('is_not', 'pro'), 9, 16],
      ['is_not, unless (none) is listed', plan('is_not', 'pro', '(none)'), 2, 2],
      ['is_not (none)', plan('is_not', '(none)'), 4, 5],
      ['contains', plan('contains', 'ro'), 4, 4],
      ['contains_not, only events that have it', plan('contains_not', 'ro'), 1, 1],
      ['matches', plan('matches', '^(pro|Basic)$'), 3, 4],
      ['matches_not, only events that have it', plan('matches_not', '^pro$'), 2, 2],
      ['is, whatever the case', [...plan('is', 'PRO'), anyCase], 4, 4],
    ])('on a property: %s', async (_, filter, visitors, events) => {
      expect(await table({ metrics: ['visitors', 'events'], filters: [filter] })).toEqual([
        [visitors, events],
      ])
    })

    test.each<readonly [what: string, filter: Rows[number], visitors: number, events: number]>([
      ['an event goal', ['is', 'event:goal', ['Signup']], 2, 2],
      ['two goals', ['is', 'event:goal', ['Signup', 'Purchase']], 4, 5],
      ['a goal it contains', ['contains', 'event:goal', ['urchas']], 2, 3],
      ['a page goal', ['is', 'event:goal', ['Read a post']], 5, 5],
    ])('%s', async (_, filter, visitors, events) => {
      expect(await table({ metrics: ['visitors', 'events'], filters: [filter] })).toEqual([
        [visitors, events],
      ])
    })

    const signup = ['is', 'event:goal', ['Signup']]
    const pricing = page('is', '/pricing')
    test.each<readonly [what: string, filters: Rows, ...numbers: number[]]>([
      // visitors, visits, pageviews, events
      ['has_done', [['has_done', signup]], 2, 2, 2, 4],
      ['has_not_done', [['has_not_done', signup]], 8, 8, 11, 15],
      ['has_done a page', [['has_done', pricing]], 4, 4, 7, 9],
      ['has_done a page goal', [['has_done', ['is', 'event:goal', ['Read a post']]]], 5, 5, 7, 10],
      [
        'both',
        [
          ['has_done', page('is', '/')],
          ['has_not_done', pricing],
        ],
        1,
        1,
        2,
        3,
      ],
      ['within a visit, not within a visitor', [['has_done', pricing], page('is', '/')], 1, 1, 1, 1],
      ['has_done with a property', [['has_done', plan('is', 'Basic')]], 1, 1, 2, 4],
      ['has_done inside or', [['or', [['has_done', signup], country('AT')]]], 3, 3, 4, 8],
      ['not has_done', [['not', ['has_done', pricing]]], 6, 6, 6, 10],
    ])('%s', async (_, filters, ...numbers) => {
      const metrics = ['visitors', 'visits', 'pageviews', 'events']
      expect(await table({ metrics, filters })).toEqual([numbers])
    })

    test('several are all of them', async () => {
      const filters = [country('DE', 'FR'), device('Mobile'), page('contains', '/blog', '/landing')]
      expect(await table({ metrics: ['visitors', 'events'], filters })).toEqual([[2, 2]])
    })

    test('bounce_rate with a page filter is that of the visits that entered there', async () => {
      const asked = { metrics: ['bounce_rate'] }
      expect(await table({ ...asked, filters: [page('is', '/blog/a')] })).toEqual([[50]])
      expect(await table({ ...asked, filters: [pricing] })).toEqual([[50]])
      expect(await table({ ...asked, filters: [page('is', '/', '/docs/x')] })).toEqual([[33]])
    })

    test('a host filter also restricts the hosts where visits entered', async () => {
      const by = (host: string): Promise<Rows> =>
        table({
          metrics: ['visits'],
          dimensions: ['visit:entry_page'],
          filters: [['is', 'event:hostname', [host]]],
        })
      expect(await by('blog.shop.example')).toEqual([['/blog/b', 2]])
      expect(await by('shop.example')).toEqual([
        ['/', 2],
        ['/blog/a', 2],
        ['/pricing', 2],
        ['/docs/x', 1],
      ])
    })
  })
}

function rowsInOrder(client: Client, shop: () => Site, table: (query: Json) => Promise<Rows>): void {
  describe('rows', () => {
    const byCountry = { metrics: ['visitors', 'pageviews'], dimensions: ['visit:country'] }
    const [de, fr, us, none, at] = [
      ['DE', 3, 5],
      ['FR', 2, 2],
      ['US', 2, 3],
      ['(not set)', 1, 1],
      ['AT', 1, 2],
    ]

    test.each<readonly [order: Rows | undefined, Rows]>([
      [undefined, [de, fr, us, none, at]],
      [
        [
          ['pageviews', 'desc'],
          ['visit:country', 'asc'],
        ],
        [de, us, at, fr, none],
      ],
      [
        [
          ['pageviews', 'desc'],
          ['visit:country', 'desc'],
        ],
        [de, us, fr, at, none],
      ],
      [
        [
          ['visitors', 'asc'],
          ['pageviews', 'desc'],
        ],
        [at, none, us, fr, de],
      ],
      [[['visit:country', 'desc']], [us, fr, de, at, none]],
      [[['country', 'asc']], [none, at, de, fr, us]],
    ])('ordered by %j', async (order_by, expected) => {
      expect(await table({ ...byCountry, ...(order_by && { order_by }) })).toEqual(expected)
    })

    test('come by time, then by the first metric, then by name', async () => {
      const asked = { metrics: ['visitors'], date_range: days.firstThree }
      const expected = [
        ['2026-03-02', 'Mobile', 2],
        ['2026-03-02', 'Desktop', 1],
        ['2026-03-03', 'Desktop', 1],
        ['2026-03-03', 'Tablet', 1],
        ['2026-03-04', 'Desktop', 2],
        ['2026-03-04', 'Mobile', 1],
      ]
      expect(await table({ ...asked, dimensions: ['time:day', 'visit:device'] })).toEqual(expected)
      const flipped = expected.map(([day, device, visitors]) => [device, day, visitors])
      expect(await table({ ...asked, dimensions: ['visit:device', 'time:day'] })).toEqual(flipped)
    })

    test('come page by page, and total_rows counts them all', async () => {
      const page = async (pagination: Json): Promise<unknown> => {
        const asked = { ...byCountry, date_range: days.march, include: { total_rows: true }, pagination }
        const report = await client.ask(shop(), asked)
        return [report.meta.total_rows, ...rowsOf(report)]
      }
      expect(await page({ limit: 2, offset: 0 })).toEqual([5, de, fr])
      expect(await page({ limit: 2, offset: 1 })).toEqual([5, fr, us])
      expect(await page({ limit: 2, offset: 4 })).toEqual([5, at])
      expect(await page({ limit: 2, offset: 9 })).toEqual([5])
      expect(await page({ limit: 3 })).toEqual([5, de, fr, us])
      expect(await page({ offset: 3 })).toEqual([5, none, at])
    })
  })
}

function timeOfTheShop(client: Client, shop: () => Site, table: (query: Json) => Promise<Rows>): void {
  describe('time', () => {
    const monday = { date_range: ['2026-03-02', '2026-03-02'] }
    const labelsOf = async (date_range: unknown, dimension: string): Promise<readonly string[]> => {
      const asked = { metrics: ['visitors'], dimensions: [dimension], include: { time_labels: true } }
      const { meta } = await client.ask(shop(), { ...asked, date_range })
      return meta.time_labels as string[]
    }

    test('by the day: no empty buckets', async () => {
      const metrics = ['visitors', 'visits', 'pageviews', 'events']
      expect(await table({ metrics, dimensions: ['time:day'] })).toEqual([
        ['2026-03-02', 3, 4, 6, 7],
        ['2026-03-03', 2, 2, 3, 6],
        ['2026-03-04', 3, 3, 3, 5],
        ['2026-03-09', 1, 1, 1, 1],
      ])
    })

    test('by the hour: visits and visitors in every hour in which they were active', async () => {
      const metrics = ['visitors', 'visits', 'pageviews']
      expect(await table({ ...monday, metrics, dimensions: ['time:hour'] })).toEqual([
        ['2026-03-02 09:00:00', 2, 2, 3],
        ['2026-03-02 10:00:00', 1, 1, 1],
        ['2026-03-02 13:00:00', 1, 1, 1],
        ['2026-03-02 14:00:00', 1, 1, 1],
      ])
    })

    test('by the hour: visitors of a filtered event in the hour of the event', async () => {
      const asked = { metrics: ['visitors', 'pageviews'], dimensions: ['time:hour'] }
      const filters = [['is', 'event:page', ['/docs/x']]]
      expect(await table({ ...monday, ...asked, filters })).toEqual([['2026-03-02 14:00:00', 1, 1]])
    })

    test('by the minute', async () => {
      const date_range = ['2026-03-02T09:00:00Z', '2026-03-02T10:30:00Z']
      const asked = { metrics: ['pageviews'], dimensions: ['time:minute'], date_range }
      expect(await table(asked)).toEqual([
        ['2026-03-02 09:00:00', 1],
        ['2026-03-02 09:10:00', 1],
        ['2026-03-02 09:30:00', 1],
        ['2026-03-02 10:00:00', 1],
      ])
    })

    test('by the week from Monday, the first cut at the first day', async () => {
      const asked = { metrics: ['visitors'], dimensions: ['time:week'] }
      expect(await table(asked)).toEqual([
        ['2026-03-02', 8],
        ['2026-03-09', 1],
      ])
      expect(await table({ ...asked, date_range: ['2026-03-04', '2026-03-09'] })).toEqual([
        ['2026-03-04', 3],
        ['2026-03-09', 1],
      ])
    })

    test('by the month', async () => {
      const asked = { metrics: ['visitors'], dimensions: ['time:month'] }
      expect(await table({ ...asked, date_range: ['2026-02-01', '2026-03-31'] })).toEqual([
        ['2026-02-01', 1],
        ['2026-03-01', 9],
      ])
    })

    test('time_labels list every bucket', async () => {
      expect(await labelsOf(days.firstThree, 'time:day')).toEqual(['2026-03-02', '2026-03-03', '2026-03-04'])
      const weeks = ['2026-03-04', '2026-03-09', '2026-03-16']
      expect(await labelsOf(['2026-03-04', '2026-03-17'], 'time:week')).toEqual(weeks)
      const months = ['2026-02-01', '2026-03-01', '2026-04-01']
      expect(await labelsOf(['2026-02-01', '2026-04-30'], 'time:month')).toEqual(months)
      const hours = await labelsOf(monday.date_range, 'time:hour')
      expect([hours.length, hours[0], hours.at(-1)]).toEqual([
        24,
        '2026-03-02 00:00:00',
        '2026-03-02 23:00:00',
      ])
    })

    test.each<readonly [from: string, to: string, first: string, last: string, labels: number]>([
      ['2026-03-02', '2026-03-02', '2026-03-02 00:00:00', '2026-03-02 23:00:00', 24],
      ['2026-03-02', '2026-03-03', '2026-03-02 00:00:00', '2026-03-03 23:00:00', 48],
      ['2026-03-02', '2026-03-04', '2026-03-02', '2026-03-04', 3],
      ['2026-01-01', '2026-02-09', '2026-01-01', '2026-02-09', 40],
      ['2026-01-01', '2026-02-10', '2026-01-01', '2026-02-09', 7],
      ['2026-01-01', '2026-10-27', '2026-01-01', '2026-10-26', 44],
      ['2024-01-01', '2025-12-31', '2024-01-01', '2025-12-01', 24],
    ])('alone from %s to %s runs from %s to %s', async (from, to, first, last, count) => {
      const labels = await labelsOf([from, to], 'time')
      expect([labels[0], labels.at(-1), labels.length]).toEqual([first, last, count])
    })

    test('in another zone, for series of hours', async () => {
      const date_range = ['2026-03-04T23:00:00Z', '2026-03-04T23:59:59Z']
      const asked = { metrics: ['pageviews'], dimensions: ['time:hour'], date_range }
      expect(await table({ ...asked, timezone: 'Asia/Tokyo' })).toEqual([['2026-03-05 08:00:00', 2]])
    })

    test('from one instant to another', async () => {
      const between = (from: string, to: string): Promise<Rows> =>
        table({ metrics: ['pageviews'], date_range: [from, to] })
      expect(await between('2026-03-02T09:05:00Z', '2026-03-02T09:59:00Z')).toEqual([[2]])
      expect(await between('2026-03-02T10:05:00+01:00', '2026-03-02T10:59:00+01:00')).toEqual([[2]])
    })

    test('compared with the period before, and with the year before', async () => {
      const compared = async (comparison: string, more: Json = {}): Promise<Rows> => {
        const asked = { metrics: ['visitors', 'visits', 'pageviews'], date_range: days.firstThree }
        const { results } = await client.ask(shop(), { ...asked, ...more, include: { comparison } })
        return results.map((row) => [row.dimensions, row.metrics, row.comparison?.metrics])
      }
      expect(await compared('previous_period')).toEqual([[[], [8, 9, 12], [1, 1, 2]]])
      expect(await compared('year_over_year')).toEqual([[[], [8, 9, 12], [1, 1, 1]]])
      expect(await compared('previous_period', { dimensions: ['visit:country'] })).toEqual([
        [['DE'], [3, 4, 5], [1, 1, 2]],
        [['FR'], [2, 2, 2], [0, 0, 0]],
        [['(not set)'], [1, 1, 1], [0, 0, 0]],
        [['AT'], [1, 1, 2], [0, 0, 0]],
        [['US'], [1, 1, 2], [0, 0, 0]],
      ])
    })

    test('all of it', async () => {
      expect(await table({ metrics: ['visitors', 'pageviews'], date_range: 'all' })).toEqual([[11, 16]])
    })
  })
}

function whatIsTold(client: Client, shop: () => Site): void {
  describe('an answer tells', () => {
    test('how each metric was found, what a visitor means, what has no data and what was erased', async () => {
      const metrics = ['visitors', 'events', 'bounce_rate']
      const { meta } = await client.ask(shop(), { metrics, date_range: days.march })
      const exact = { method: 'exact' }
      expect(meta.metrics).toMatchObject({ visitors: exact, events: exact, bounce_rate: exact })
      expect(meta.visitors).toEqual(expect.stringMatching(/./))
      const noData = JSON.stringify(meta.no_data)
      for (const day of ['2026-03-05', '2026-03-08']) expect(noData).toContain(day)
      for (const day of ['2026-03-02', '2026-03-04', '2026-03-09']) expect(noData).not.toContain(day)
      expect(meta.erased).toEqual([])
    })

    test('of several days that visitors are summed, of one day that they are not', async () => {
      const meaning = async (to: string): Promise<unknown> =>
        (await client.ask(shop(), { metrics: ['visitors'], date_range: ['2026-03-02', to] })).meta.visitors
      expect(await meaning('2026-03-03')).not.toEqual(await meaning('2026-03-02'))
    })

    test('what was asked', async () => {
      const asked = { metrics: ['visitors'], dimensions: ['country'], date_range: days.march }
      const { query } = await client.ask(shop(), asked)
      expect(query).toMatchObject({ metrics: ['visitors'], dimensions: ['visit:country'] })
      expect(query.date_range).toEqual([
        expect.stringMatching(/^2026-03-02/),
        expect.stringMatching(/^2026-03-09/),
      ])
    })
  })
}

type Step = readonly [minuteAndSecond: string, name: string, fields?: Json]

function visits(client: Client): void {
  describe('visits', () => {
    const read = (page = '/'): Json => ({ page: `https://shop.example${page}` })
    const engagement = { ...read(), ms: 1000 }
    // each on a day of its own, by one visitor: visits, pageviews, events, bounce_rate, visit_duration
    const cases: readonly (readonly [what: string, steps: readonly Step[], numbers: readonly number[]])[] = [
      ['one page bounces', [['00:00', 'pageview']], [1, 1, 1, 100, 0]],
      [
        'an engagement neither ends a bounce nor counts nor lasts',
        [
          ['00:00', 'pageview'],
          ['05:00', 'engagement', engagement],
        ],
        [1, 1, 1, 100, 0],
      ],
      [
        'a custom event ends a bounce',
        [
          ['00:00', 'pageview'],
          ['05:00', 'Play'],
        ],
        [1, 1, 2, 0, 300],
      ],
      [
        'one that is not interactive does not',
        [
          ['00:00', 'pageview'],
          ['05:00', 'Play', { interactive: false }],
        ],
        [1, 1, 2, 100, 300],
      ],
      [
        'two pages do',
        [
          ['00:00', 'pageview'],
          ['00:30', 'pageview'],
        ],
        [1, 2, 2, 0, 30],
      ],
      [
        'a gap under 30 minutes is one visit',
        [
          ['00:00', 'pageview'],
          ['29:59', 'pageview'],
        ],
        [1, 2, 2, 0, 1799],
      ],
      [
        'a gap over 30 minutes makes two',
        [
          ['00:00', 'pageview'],
          ['30:01', 'pageview'],
        ],
        [2, 2, 2, 100, 0],
      ],
      [
        'an engagement keeps a visit alive',
        [
          ['00:00', 'pageview'],
          ['25:00', 'engagement', engagement],
          ['50:00', 'pageview'],
        ],
        [1, 2, 2, 0, 3000],
      ],
      ['a custom event alone is a visit without pages', [['00:00', 'Play']], [1, 0, 1, 0, 0]],
      [
        'the order of arrival does not matter',
        [
          ['20:00', 'pageview'],
          ['00:00', 'pageview'],
          ['40:00', 'Play'],
        ],
        [1, 2, 3, 0, 2400],
      ],
      [
        'entry and exit are pages, source and place the first event’s',
        [
          ['00:00', 'Play', { ...read('/x'), country: 'DE', source: 'one' }],
          ['01:00', 'pageview', { ...read('/in'), country: 'FR', source: 'two' }],
          ['02:00', 'pageview', read('/out')],
          ['03:00', 'Play', read('/y')],
        ],
        [1, 2, 4, 0, 180],
      ],
    ]
    const dayOf = (index: number): string => `2025-06-${String(index + 1).padStart(2, '0')}`

    let site: Site
    beforeAll(async () => {
      site = await client.makeSite()
      const events = cases.flatMap(([, steps], index) =>
        steps.map(([offset, name, fields]) => {
          const [minutes, seconds] = offset.split(':').map(Number)
          const time = Date.parse(`${dayOf(index)}T10:00:00Z`) + ((minutes ?? 0) * 60 + (seconds ?? 0)) * 1000
          return { name, time, visitor: `v${index}`, ...read(), ...fields }
        }),
      )
      await client.deliver(site, events)
    })

    const ask = (index: number, query: Json): Promise<Rows> =>
      client.table(site, { date_range: [dayOf(index), dayOf(index)], ...query })

    test.each(cases.map(([what, , numbers], index) => [what, index, numbers] as const))(
      '%s',
      async (...of) => {
        const [, index, numbers] = of
        const metrics = ['visits', 'pageviews', 'events', 'bounce_rate', 'visit_duration', 'visitors']
        expect(await ask(index, { metrics })).toEqual([[...numbers, 1]])
      },
    )

    test('entry, exit, source and country of the last of them', async () => {
      const dimensions = ['visit:entry_page', 'visit:exit_page', 'visit:source', 'visit:country']
      expect(await ask(cases.length - 1, { metrics: ['visits'], dimensions })).toEqual([
        ['/in', '/out', 'one', 'DE', 1],
      ])
    })

    describe('of a visitor', () => {
      const at = (time: string, who: Json): Json => ({ ...read(), time: `2025-07-${time}:00Z`, ...who })
      const numbers = (of: Site, from: string, to: string): Promise<Rows> =>
        client.table(of, {
          metrics: ['visitors', 'visits'],
          date_range: [`2025-07-${from}`, `2025-07-${to}`],
        })

      test('known by name: the same across batches of a day, whatever its agent and address', async () => {
        const shop = await client.makeSite()
        await client.deliver(shop, [at('01T10:00', { visitor: 'x', agent: 'a', address: '192.0.2.1' })])
        await client.deliver(shop, [
          at('01T10:10', { visitor: 'x', agent: 'b', address: '192.0.2.2' }),
          at('01T10:20', { visitor: 'y', agent: 'b', address: '192.0.2.2' }),
        ])
        expect(await numbers(shop, '01', '01')).toEqual([[2, 2]])
      })

      test('known by address and agent: another agent or address is another, and so is another day', async () => {
        const shop = await client.makeSite()
        const who = { address: '192.0.2.1', agent: 'Mozilla/5.0 one' }
        await client.deliver(shop, [
          at('01T10:00', who),
          at('01T10:10', who),
          at('01T10:10', { ...who, agent: 'Mozilla/5.0 two' }),
          at('01T10:20', { ...who, address: '192.0.2.2' }),
          at('02T10:00', who),
        ])
        expect(await numbers(shop, '01', '01')).toEqual([[3, 3]])
        expect(await numbers(shop, '02', '02')).toEqual([[1, 1]])
        expect(await numbers(shop, '01', '02')).toEqual([[4, 4]])
      })
    })
  })
}

function clocksThatChange(client: Client): void {
  describe('in Berlin', () => {
    let berlin: Site
    beforeAll(async () => {
      berlin = await client.makeSite({ timezone: 'Europe/Berlin' })
      const times = [
        ...['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z'],
        ...['2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'],
        ...['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
        ...['2026-10-25T22:59:59Z', '2026-10-25T23:00:00Z'],
      ]
      await client.deliver(
        berlin,
        times.map((time, i) => ({ time, visitor: `v${i}`, page: '/' })),
      )
    })

    const hours = async (day: string): Promise<unknown> => {
      const include = { time_labels: true }
      const asked = { metrics: ['pageviews', 'visitors'], dimensions: ['time:hour'], include }
      const report = await client.ask(berlin, { ...asked, date_range: [day, day] })
      return { rows: rowsOf(report), labels: report.meta.time_labels }
    }
    const labelsOf = (day: string, but: readonly number[] = []): readonly string[] =>
      Array.from({ length: 24 }, (_, hour) => hour)
        .filter((hour) => !but.includes(hour))
        .map((hour) => `${day} ${String(hour).padStart(2, '0')}:00:00`)

    test('29 March 2026 has 23 hours, without the third', async () => {
      expect(await hours('2026-03-29')).toEqual({
        rows: [
          ['2026-03-29 00:00:00', 1, 1],
          ['2026-03-29 01:00:00', 1, 1],
          ['2026-03-29 03:00:00', 1, 1],
          ['2026-03-29 23:00:00', 1, 1],
        ],
        labels: labelsOf('2026-03-29', [2]),
      })
    })

    test('25 October 2026 has 25 hours, two of them under one label', async () => {
      expect(await hours('2026-10-25')).toEqual({
        rows: [
          ['2026-10-25 00:00:00', 1, 1],
          ['2026-10-25 02:00:00', 2, 2],
          ['2026-10-25 23:00:00', 1, 1],
        ],
        labels: labelsOf('2026-10-25'),
      })
    })

    test('days begin at its midnights', async () => {
      const asked = { metrics: ['pageviews'], dimensions: ['time:day'] }
      expect(await client.table(berlin, { ...asked, date_range: ['2026-03-28', '2026-03-30'] })).toEqual([
        ['2026-03-28', 1],
        ['2026-03-29', 4],
        ['2026-03-30', 1],
      ])
      expect(await client.table(berlin, { ...asked, date_range: ['2026-10-24', '2026-10-26'] })).toEqual([
        ['2026-10-24', 1],
        ['2026-10-25', 4],
        ['2026-10-26', 1],
      ])
    })
  })
}

/** A zone where it is between 12:00 and 13:00 now, and its dates: no test of "today" runs across a midnight. */
function noonZone(): { timezone: string; noonOf(date: string): number; addDays(days: number): string } {
  const now = Date.now()
  const offset = 12 - new Date(now).getUTCHours()
  const sign = offset > 0 ? '-' : '+'
  const local = (time: number): string => new Date(time + offset * HOUR).toISOString().slice(0, 10)
  return {
    timezone: offset === 0 ? 'UTC' : `Etc/GMT${sign}${Math.abs(offset)}`,
    noonOf: (date) => Date.parse(`${date}T12:00:00Z`) - offset * HOUR,
    addDays: (days) => local(now + days * 24 * HOUR),
  }
}

/** `2026-03` and 6 months before: `2025-09`. */
function monthBefore(month: string, months: number): string {
  const [year = 0, index = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, index - 1 - months)).toISOString().slice(0, 7)
}

function rangesUpToNow(client: Client): void {
  describe('ranges up to now', () => {
    const { timezone, noonOf, addDays } = noonZone()
    const today = addDays(0)
    const month = today.slice(0, 7)
    const daysAgo = [2, 7, 8, 28, 29, 30, 31, 91, 92]
    const monthsAgo = [1, 6, 7, 12, 13]
    const dates = [
      ...daysAgo.map((days) => addDays(-days)),
      ...monthsAgo.map((months) => `${monthBefore(month, months)}-15`),
    ]
    /** The dates of all events: two are of yesterday, 23 and 25 hours ago, and one is of now. */
    const all = [today, addDays(-1), addDays(-1), ...dates]

    let site: Site
    beforeAll(async () => {
      site = await client.makeSite({ timezone })
      const times = [Date.now() - 23 * HOUR, Date.now() - 25 * HOUR, ...dates.map(noonOf)]
      const events = ['now', ...times].map((time, i) => ({ time, visitor: `v${i}`, page: '/' }))
      await client.deliver(site, events)
    })

    const of = (wanted: (date: string) => boolean): number => all.filter(wanted).length
    const lastDays = (days: number): number => of((date) => date >= addDays(-days) && date < today)
    const lastMonths = (months: number): number =>
      of((date) => date.slice(0, 7) >= monthBefore(month, months) && date.slice(0, 7) < month)
    test.each<readonly [range: string, pageviews: number]>([
      ['day', 1],
      ['24h', 2],
      ['7d', 4], // yesterday twice, 2 and 7 days ago
      ['28d', lastDays(28)],
      ['30d', lastDays(30)],
      ['91d', lastDays(91)],
      ['month', of((date) => date.startsWith(month))],
      ['6mo', lastMonths(6)],
      ['12mo', lastMonths(12)],
      ['year', of((date) => date.startsWith(today.slice(0, 4)))],
      ['realtime', 1],
      ['all', 17],
    ])('%s', async (date_range, pageviews) => {
      expect(await client.table(site, { metrics: ['pageviews', 'visitors'], date_range })).toEqual([
        [pageviews, pageviews],
      ])
    })

    test('month and year run to their calendar end', async () => {
      const labels = async (date_range: string, dimension: string): Promise<readonly string[]> => {
        const asked = { metrics: ['visitors'], dimensions: [dimension], include: { time_labels: true } }
        return (await client.ask(site, { ...asked, date_range })).meta.time_labels as string[]
      }
      const lastOfMonth = new Date(Date.parse(`${monthBefore(month, -1)}-01`) - HOUR)
        .toISOString()
        .slice(0, 10)
      const monthDays = await labels('month', 'time:day')
      expect([monthDays[0], monthDays.at(-1)]).toEqual([`${month}-01`, lastOfMonth])
      const yearMonths = await labels('year', 'time:month')
      expect([yearMonths[0], yearMonths.at(-1)]).toEqual([
        `${today.slice(0, 4)}-01-01`,
        `${today.slice(0, 4)}-12-01`,
      ])
      expect(await labels('7d', 'time:day')).toEqual([-7, -6, -5, -4, -3, -2, -1].map(addDays))
    })
  })
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'

function pagesThatSend(client: Client): void {
  describe('what pages send', () => {
    const { timezone } = noonZone()
    const send = async (site: Site, event: Json, agent = firefox): Promise<void> => {
      const body = JSON.stringify(event)
      const headers = { 'User-Agent': agent }
      const response = await client.call(`/${site.name}?key=${site.write}`, { method: 'POST', body, headers })
      expect([response.status, response.headers.get('Skerry-Refused')]).toEqual([201, null])
    }
    const numbers = async (site: Site, date_range: string, ...metrics: string[]): Promise<unknown> =>
      (await client.table(site, { metrics, date_range }))[0]

    test('is in the next answer at once', async () => {
      const site = await client.makeSite({ timezone })
      for (const sent of [1, 2, 3, 4, 5]) {
        await send(site, { page: `/${sent}` })
        for (const range of ['day', '24h', 'realtime', 'all']) {
          expect([range, await numbers(site, range, 'pageviews')]).toEqual([range, [sent]])
        }
      }
      expect(await client.count(site)).toBe(5)
    })

    test('is of one visitor by address and agent, of another by another agent', async () => {
      const site = await client.makeSite({ timezone })
      await send(site, { page: '/' })
      await send(site, { page: '/b' })
      expect(await numbers(site, 'day', 'visitors', 'visits', 'pageviews')).toEqual([1, 1, 2])
      await send(site, { page: '/' }, chrome)
      expect(await numbers(site, 'day', 'visitors', 'visits', 'pageviews')).toEqual([2, 2, 3])
      expect(JSON.stringify(await client.rows(site))).not.toMatch(/Mozilla|visitor|127\.0\.0\.1/)
    })

    test('names no visitor: the fields of servers are ignored', async () => {
      const site = await client.makeSite({ timezone })
      await send(site, { page: '/', visitor: 'a', country: 'DE', time: '2020-01-01T00:00:00Z' })
      await send(site, { page: '/', visitor: 'b', country: 'FR', agent: chrome })
      expect(await numbers(site, 'day', 'visitors', 'pageviews')).toEqual([1, 2])
      const filters = [['is', 'visit:country', ['DE', 'FR']]]
      expect(await client.table(site, { metrics: ['visitors'], date_range: 'all', filters })).toEqual([[0]])
    })

    test('counts as of when it happened', async () => {
      const site = await client.makeSite({ timezone })
      await send(site, { page: '/', age: 2 * HOUR })
      await send(site, { page: '/', age: 23 * HOUR })
      await send(site, { page: '/' })
      expect(await numbers(site, 'day', 'pageviews', 'visits')).toEqual([2, 2])
      expect(await numbers(site, '24h', 'pageviews')).toEqual([3])
      expect(await numbers(site, 'realtime', 'pageviews')).toEqual([1])
    })

    test('engagements are how long and how deep, and no events', async () => {
      const site = await client.makeSite({ timezone })
      await send(site, { page: '/', age: 120_000 })
      await send(site, { name: 'engagement', page: '/', ms: 20_000, depth: 30, age: 60_000 })
      await send(site, { name: 'engagement', page: '/', ms: 25_000, depth: 70 })
      expect(await numbers(site, 'all', 'events', 'pageviews', 'bounce_rate', 'visits')).toEqual([
        1, 1, 100, 1,
      ])
      const asked = { metrics: ['visitors', 'time_on_page', 'scroll_depth'], dimensions: ['event:page'] }
      expect(await client.table(site, { ...asked, date_range: 'all' })).toEqual([['/', 1, 45, 70]])
      expect(await client.count(site)).toBe(1)
    })
  })
}

function sources(client: Client): void {
  describe('sources and channels', () => {
    const own = 'https://shop.example'
    const cases: readonly (readonly [search: string, referrer: string, source: string, channel: string])[] = [
      ['', '', 'Direct / None', 'Direct'],
      ['', 'https://www.google.com/', 'Google', 'Organic Search'],
      ['', 'https://www.facebook.com/', 'Facebook', 'Organic Social'],
      ['', 'https://news.ycombinator.com/item?id=1', 'Hacker News', expect.any(String)],
      ['', 'https://www.unknown.example/x', 'unknown.example', 'Referral'],
      ['', 'https://chatgpt.com/', expect.any(String), 'AI Assistants'],
      ['', 'https://www.shop.example/other', 'Direct / None', 'Direct'],
      ['', 'https://blog.shop.example/', 'blog.shop.example', 'Referral'],
      ['?utm_source=one&source=two&ref=three', 'https://www.google.com/', 'one', 'Referral'],
      ['?source=two&ref=three', 'https://www.google.com/', 'two', 'Referral'],
      ['?ref=three', 'https://www.google.com/', 'three', 'Referral'],
      ['?utm_source=letter&utm_medium=email', '', 'letter', 'Email'],
      ['?utm_source=google&utm_medium=cpc', '', expect.stringMatching(/^google$/i), 'Paid Search'],
      ['?gclid=abc', 'https://www.google.com/', 'Google', 'Paid Search'],
      ['?msclkid=abc', 'https://www.bing.com/', 'Bing', 'Paid Search'],
      ['?gclid=abc', 'https://www.unknown.example/', 'unknown.example', 'Referral'],
    ]
    let found: Rows
    beforeAll(async () => {
      const site = await client.makeSite()
      const events = cases.map(([search, referrer], i) => ({
        ...{ page: `${own}/${search}`, time: '2025-06-01T10:00:00Z', visitor: `v${i}`, props: { case: i } },
        ...(referrer !== '' && { referrer }),
      }))
      await client.deliver(site, events)
      const dimensions = ['event:props:case', 'visit:source', 'visit:channel']
      found = await client.table(site, { metrics: ['visitors'], dimensions, date_range: 'all' })
    })
    test.each(cases.map((of, i) => [...of, i] as const))('%s from %s is %s, %s', (...of) => {
      const [, , source, channel, i] = of
      expect(found.find(([index]) => index === String(i))).toEqual([String(i), source, channel, 1])
    })
  })
}

function definitions(client: Client): void {
  describe('definitions', () => {
    test('keep their goals and their retention', async () => {
      const goals = [
        { name: 'Buy', event: 'Purchase' },
        { name: 'Docs', page: '/docs/*' },
      ]
      const site = await client.makeSite({ goals, retention: 400 })
      const path = `/api/collections/${site.name}`
      const headers = client.as(client.adminKey)
      expect(await (await client.call(path, { headers })).json()).toMatchObject({ goals, retention: 400 })
    })

    test.each<readonly [what: string, settings: Json, pointer: string]>([
      ['a goal that is neither', { goals: [{ name: 'x' }] }, '/goals/0'],
      ['a goal without a name', { goals: [{ event: 'x' }] }, '/goals/0'],
      ['a goal that is no object', { goals: ['x'] }, '/goals/0'],
      ['goals that are no list', { goals: { name: 'x', event: 'y' } }, '/goals'],
      ['a retention of text', { retention: 'x' }, '/retention'],
      ['a retention of no days', { retention: -1 }, '/retention'],
      ['a retention of half days', { retention: 1.5 }, '/retention'],
    ])('refuse %s', async (_, settings, pointer) => {
      const site = await client.makeSite()
      const { status, code, pointers } = await client.problem(await client.put(site.name, settings))
      expect([status, code]).toEqual([422, 'invalid_definition'])
      expect(pointers).toEqual([expect.stringMatching(new RegExp(`^${pointer}`))])
    })

    test('with another goal answer by it, over everything there is', async () => {
      const site = await client.makeSite()
      await client.deliver(site, [{ page: '/thanks', time: '2025-06-01T10:00:00Z', visitor: 'a' }])
      const asked = {
        metrics: ['visitors', 'conversion_rate'],
        dimensions: ['event:goal'],
        date_range: 'all',
      }
      expect(await client.table(site, asked)).toEqual([])
      const changed = await client.put(site.name, { goals: [{ name: 'Thanked', page: '/than*' }] })
      expect(changed.status).toBe(200)
      expect(await client.table(site, asked)).toEqual([['Thanked', 1, 100]])
    })
  })
}
