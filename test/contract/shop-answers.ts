import { describe, expect, test } from 'vitest'
import { type Client, type Json, moneys, type Rows, rowsOf, type Site } from './client.ts'
import { days } from './shop.ts'

/** `Desktop 5, (not set) 1` as rows. */
function ranked(text: string): Rows {
  return text.split(', ').map((row) => {
    const space = row.lastIndexOf(' ')
    return [row.slice(0, space), Number(row.slice(space + 1))]
  })
}

export function metricsOfTheShop(table: (query: Json) => Promise<Rows>): void {
  describe('metrics', () => {
    test.each([
      ['visitors', 9],
      ['visits', 10],
      ['pageviews', 13],
      ['events', 19],
      ['bounce_rate', 40],
      ['visit_duration', 540],
      ['bounces', 4],
      ['total_visit_duration', 5400],
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

    test('numbers of a property, over several days: nearest rank, null without any', async () => {
      // 1200, 800, 4000.5, 2000, 800; and a text that is no number
      const takes = ['p50', 'p75', 'p99', 'min', 'max', 'avg', 'sum']
      const metrics = takes.map((take) => `${take}(event:props:lcp)`)
      expect(await table({ metrics })).toEqual([[1200, 2000, 4000.5, 800, 4000.5, 1760.1, 8800.5]])
      expect(await table({ metrics: ['p75(props:lcp)', 'events'], dimensions: ['event:page'] })).toEqual([
        ['/pricing', 4000.5, 6],
        ['/blog/a', 2000, 5],
        ['/docs/x', 800, 2],
        ['/', null, 2],
        ['/blog/b', null, 3],
        ['/landing', null, 1],
      ])
      const order_by = [['p75(props:lcp)', 'asc']]
      const byDay = { metrics: ['p75(event:props:lcp)'], dimensions: ['time:day'], order_by }
      expect(await table(byDay)).toEqual([
        ['2026-03-09', 800],
        ['2026-03-02', 1200],
        ['2026-03-04', 2000],
        ['2026-03-03', 4000.5],
      ])
      expect(await table({ metrics: ['p50(tier)', 'avg(props:never)'] })).toEqual([[null, null]])
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

export function dimensionsOfTheShop(table: (query: Json) => Promise<Rows>): void {
  describe('dimensions', () => {
    const visitorsBy = [
      ['visit:device', 'Desktop 5, Mobile 3, Tablet 1'],
      ['visit:browser', 'Chrome 3, Firefox 3, Safari 2, (not set) 1'],
      ['visit:browser_version', '120 3, 128 3, 17 2, (not set) 1'],
      ['visit:os', 'Android 2, Linux 2, Windows 2, (not set) 1, iOS 1, macOS 1'],
      ['visit:os_version', '(not set) 6, 11 2, 17 1'],
      ['visit:country', 'DE 3, FR 2, US 2, (not set) 1, AT 1'],
      ['visit:region', '(not set) 7, DE-BE 1, DE-BY 1'],
      ['visit:city', '(not set) 7, Berlin 1, Munich 1'],
      ['visit:country_name', 'Germany 3, France 2, United States 2, (not set) 1, Austria 1'],
      ['visit:source', 'Direct / None 4, Google 2, Facebook 1, Hacker News 1, newsletter 1'],
      ['visit:channel', 'Direct 4, Organic Search 2, Email 1, Organic Social 1, Referral 1'],
      ['visit:utm_source', '(not set) 8, newsletter 1'],
      ['visit:utm_medium', '(not set) 8, email 1'],
      ['visit:utm_campaign', '(not set) 8, spring 1'],
      ['visit:utm_content', '(not set) 8, top 1'],
      ['visit:utm_term', '(not set) 8, shoes 1'],
    ] as const
    test.each(visitorsBy)('visitors by %s, with its prefix and without', async (dimension, expected) => {
      expect(await table({ metrics: ['visitors'], dimensions: [dimension] })).toEqual(ranked(expected))
      const short = dimension.replace('visit:', '')
      expect(await table({ metrics: ['visitors'], dimensions: [short] })).toEqual(ranked(expected))
    })

    test('visitors by visit:referrer', async () => {
      expect(await table({ metrics: ['visitors'], dimensions: ['visit:referrer'] })).toEqual([
        ['Direct / None', 8],
        [expect.stringContaining('news.ycombinator.com/item'), 1],
      ])
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

    test.each([
      ['visit:exit_page', '/blog/a 3, /pricing 3, /docs/x 2, (not set) 1, /blog/b 1'],
      ['visit:entry_page_hostname', 'shop.example 7, blog.shop.example 2, (not set) 1'],
      ['visit:exit_page_hostname', 'shop.example 8, (not set) 1, blog.shop.example 1'],
    ])('visits by %s', async (dimension, expected) => {
      expect(await table({ metrics: ['visits'], dimensions: [dimension] })).toEqual(ranked(expected))
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

    test('declared attributes are no properties: (not set) for events that lack them', async () => {
      const expected = ranked('(not set) 8, gold 1, silver 1')
      expect(await table({ metrics: ['visitors'], dimensions: ['tier'] })).toEqual(expected)
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

export function filtersOfTheShop(table: (query: Json) => Promise<Rows>): void {
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

export function rowsInOrder(client: Client, shop: () => Site, table: (query: Json) => Promise<Rows>): void {
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
      const order_by = [
        ['time:day', 'desc'],
        ['visitors', 'asc'],
      ]
      const latest = await table({ ...asked, dimensions: ['time:day', 'visit:device'], order_by })
      expect(latest.slice(0, 2)).toEqual([expected[5], expected[4]])
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

export function timeOfTheShop(client: Client, shop: () => Site, table: (query: Json) => Promise<Rows>): void {
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
