import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readQuery } from '../src/asking/query-reader.ts'
import type { Event } from '../src/event.ts'
import type { ReportRow } from '../src/report.ts'
import { definition, event } from './support/event.ts'
import { answer, withoutWords } from './support/model.ts'
import { cases } from './support/questions.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const goals = [
  { name: 'Signup', event: 'signup' },
  { name: 'Blog', page: '/blog*' },
  { name: 'Any', page: '*' },
]

/** An event of a visitor at a time, on 10 March unless said. */
function at(clock: string, visitor: string | null, fields: Partial<Event> = {}): Event {
  const time = Date.parse(clock.includes('T') ? clock : `2026-03-10T${clock}Z`)
  return event({ time, ...(visitor !== null && { visitor }), ...fields })
}

const custom = (name: string, fields: Partial<Event> = {}): Partial<Event> => ({ name, ...fields })
const read = (page: string, ms?: number, depth?: number): Partial<Event> => ({
  name: 'engagement',
  page,
  ...(ms !== undefined && { ms }),
  ...(depth !== undefined && { depth }),
})

interface Asking {
  readonly now?: number
  readonly settings?: Readonly<Record<string, unknown>>
}

function ask(
  events: readonly Event[],
  document: Readonly<Record<string, unknown>>,
  { now = NOW, settings = {} }: Asking = {},
): ReturnType<typeof answer> {
  const own = definition({ goals, attributes: ['plan'], ...settings })
  return answer(events, own, readQuery({ date_range: 'day', ...document }, own), now)
}

/** Rows as [...dimensions, ...metrics]. */
function rows(...asked: Parameters<typeof ask>): unknown[][] {
  return ask(...asked).results.map(({ dimensions, metrics }) => [...dimensions, ...metrics])
}

/** The metrics of the only row. */
function numbers(
  events: readonly Event[],
  metrics: readonly string[],
  more = {},
  asking: Asking = {},
): unknown {
  return rows(events, { metrics, ...more }, asking)[0]
}

describe('events', () => {
  test('count once for each id, the first to arrive', () => {
    const first = at('09:00:00', 'a', { id: 'x', page: '/first' })
    const events = [first, at('08:00:00', 'a', { id: 'x', page: '/second' })]
    expect(rows(events, { metrics: ['events'], dimensions: ['event:page'] })).toEqual([['/first', 1]])
  })

  test('are all but engagement, and pageviews are some of them', () => {
    const events = [at('09:00:00', 'a'), at('09:01:00', 'a', custom('x')), at('09:02:00', 'a', read('/', 1))]
    expect(numbers(events, ['events', 'pageviews'])).toEqual([2, 1])
  })

  test('of nobody count, but are no visitor and no visit', () => {
    expect(
      numbers(
        [at('09:00:00', null), at('09:01:00', 'a')],
        ['pageviews', 'visitors', 'visits', 'bounce_rate'],
      ),
    ).toEqual([2, 1, 1, 100])
    const events = [at('09:00:00', null, { source: 'A' })]
    expect(rows(events, { metrics: ['pageviews'], dimensions: ['visit:source'] })).toEqual([['A', 1]])
  })

  test('nothing at all still makes a row without dimensions, and none with', () => {
    const metrics = ['visitors', 'bounce_rate', 'visit_duration', 'views_per_visit', 'total_revenue']
    expect(ask([], { metrics })).toMatchObject({
      results: [{ dimensions: [], metrics: [0, 0, 0, 0, null] }],
      totalRows: 1,
      timeLabels: [],
    })
    expect(ask([], { metrics, dimensions: ['visit:source'] })).toMatchObject({ results: [], totalRows: 0 })
  })
})

describe('a visit', () => {
  test('lasts while gaps are thirty minutes at most, engagement included', () => {
    const visits = (...clocks: string[]): unknown =>
      numbers(
        clocks.map((clock) => at(clock, 'a')),
        ['visits'],
      )
    expect(visits('09:00:00', '09:30:00')).toEqual([1])
    expect(visits('09:00:00', '09:30:00.001')).toEqual([2])
    const alive = [at('09:00:00', 'a'), at('09:20:00', 'a', read('/', 1)), at('09:40:00', 'a')]
    expect(numbers(alive, ['visits'])).toEqual([1])
    const arrival = [at('10:00:00', 'a', { page: '/late' }), at('09:40:00', 'a', { page: '/early' })]
    expect(rows(arrival, { metrics: ['visits'], dimensions: ['entry_page'] })).toEqual([['/early', 1]])
  })

  test('and a visitor end with the day of the collection', () => {
    const events = [at('2026-03-08T22:50:00Z', 'a'), at('2026-03-08T23:10:00Z', 'a')]
    const more = { date_range: '7d' }
    expect(numbers(events, ['visitors', 'visits'], more)).toEqual([1, 1])
    const berlin = { settings: { timezone: 'Europe/Berlin' } }
    expect(numbers(events, ['visitors', 'visits'], more, berlin)).toEqual([2, 2])
  })

  test('of engagement alone does not count, but its reading does', () => {
    const events = [at('09:00:00', 'a', read('/', 4000, 50))]
    const metrics = ['visits', 'visitors', 'visit_duration', 'bounce_rate', 'scroll_depth', 'time_on_page']
    const filters = [['is', 'event:page', ['/']]]
    expect(numbers(events, metrics, { filters })).toEqual([0, 0, 0, 0, 50, 4])
    expect(numbers(events, ['visits', 'visitors'])).toEqual([0, 0])
  })

  test('has the facts of its first event, of any kind', () => {
    const events = [
      at('09:00:00', 'a', { ...read('/', 1), country: 'DE' }),
      at('09:01:00', 'a', { country: 'US', source: 'Google' }),
    ]
    const dimensions = ['visit:country_name', 'visit:source']
    expect(rows(events, { metrics: ['pageviews'], dimensions })).toEqual([['Germany', 'Direct / None', 1]])
  })

  test('enters by its first page view and exits by its last', () => {
    const events = [
      at('09:00:00', 'a', custom('x', { page: '/x' })),
      at('09:01:00', 'a', { page: '/in', hostname: 'in.example' }),
      at('09:02:00', 'a', { page: '/out', hostname: 'out.example' }),
      at('09:03:00', 'a', custom('x', { page: '/x' })),
    ]
    const dimensions = ['entry_page', 'entry_page_hostname', 'exit_page', 'exit_page_hostname']
    const doors = ['/in', 'in.example', '/out', 'out.example']
    expect(rows(events, { metrics: ['visits'], dimensions })).toEqual([[...doors, 1]])
    expect(rows(events.slice(0, 1), { metrics: ['visits'], dimensions: ['entry_page'] })).toEqual([
      ['(not set)', 1],
    ])
  })

  test('bounces with one page view and nothing interactive', () => {
    const bounceRate = (...fields: Partial<Event>[]): unknown =>
      numbers(
        fields.map((one, i) => at(`09:0${i}:00`, 'a', one)),
        ['bounce_rate'],
      )
    expect(bounceRate({})).toEqual([100])
    expect(bounceRate({}, {})).toEqual([0])
    expect(bounceRate({}, custom('x'))).toEqual([0])
    expect(bounceRate({}, custom('x', { interactive: false }))).toEqual([100])
    expect(bounceRate({}, read('/', 1))).toEqual([100])
    expect(bounceRate(custom('x', { interactive: false }))).toEqual([0])
  })

  test('lasts from its first to its last event, in seconds, engagement left out', () => {
    const events = [
      at('09:00:00', 'a'),
      at('09:00:11', 'a', custom('x')),
      at('09:20:00', 'a', read('/', 1)),
      at('09:00:00', 'b'),
    ]
    expect(numbers(events, ['visit_duration', 'views_per_visit'])).toEqual([6, 1])
  })

  test('has page views, on average with two decimals', () => {
    const events = ['a', 'a', 'b', 'c', 'c', 'c', 'c'].map((visitor, i) => at(`09:0${i}:00`, visitor))
    expect(numbers(events, ['views_per_visit', 'bounce_rate'])).toEqual([2.33, 33])
  })
})

describe('visitors and visits', () => {
  const range = ['2026-03-10T10:00:00Z', '2026-03-10T10:59:59.999Z']

  test('are those of visits that overlap the range, when no event is asked for', () => {
    const events = [
      ...[at('09:45:00', 'a'), at('10:10:00', 'a', read('/', 1))],
      ...[at('09:45:00', 'b'), at('09:59:59.999', 'b')],
      ...[at('10:59:59.999', 'c'), at('11:00:00', 'd')],
      ...[at('09:45:00', 'e'), at('10:00:00', 'e')],
    ]
    expect(numbers(events, ['visitors', 'visits', 'bounce_rate'], { date_range: range })).toEqual([3, 3, 67])
  })

  test('are those with a matching event in the range, when an event is asked for', () => {
    const events = [
      at('09:45:00', 'a', { page: '/x' }),
      at('10:10:00', 'a', { page: '/y' }),
      at('10:10:00', 'b'),
    ]
    const more = { date_range: range, filters: [['is_not', 'event:page', ['/']]] }
    expect(numbers(events, ['visitors', 'visits'], more)).toEqual([1, 1])
    expect(rows(events, { metrics: ['visitors'], date_range: range, dimensions: ['event:page'] })).toEqual([
      ['/', 1],
      ['/y', 1],
    ])
    const before = { date_range: range, filters: [['is', 'event:page', ['/x']]] }
    expect(numbers(events, ['visitors', 'visits', 'events'], before)).toEqual([0, 0, 0])
  })

  test('has_done does not ask for events, nor does it look at engagement', () => {
    const events = [at('09:45:00', 'a', { page: '/x' }), at('10:10:00', 'a', read('/y', 1))]
    const done = (page: string): object => ({
      date_range: range,
      filters: [['has_done', ['is', 'page', [page]]]],
    })
    expect(numbers(events, ['visitors', 'bounce_rate', 'events'], done('/x'))).toEqual([1, 100, 0])
    expect(numbers(events, ['visitors'], done('/y'))).toEqual([0])
  })

  test('of which a percentage is, are counted as without dimensions', () => {
    const events = [at('09:45:00', 'a'), at('10:10:00', 'a', read('/', 1)), at('10:00:00', 'b')]
    const more = { metrics: ['percentage'], date_range: range, dimensions: ['event:page'] }
    expect(rows(events, more)).toEqual([['/', 50]])
  })

  test('count in every hour or minute in which the visit was active, cut at the range', () => {
    const events = [
      at('09:50:00', 'a'),
      at('10:10:00', 'a'),
      at('10:40:00', 'a'),
      at('11:01:00', 'a', read('/', 1)),
    ]
    const metrics = ['visitors', 'bounce_rate', 'pageviews']
    expect(rows(events, { metrics, dimensions: ['time:hour'] })).toEqual([
      ['2026-03-10 09:00:00', 1, 0, 1],
      ['2026-03-10 10:00:00', 1, 0, 2],
      ['2026-03-10 11:00:00', 1, 0, 0],
    ])
    const minutes = {
      date_range: ['2026-03-10T09:55:00Z', '2026-03-10T10:04:59Z'],
      dimensions: ['time:minute'],
    }
    expect(rows(events, { metrics: ['visits'], ...minutes })).toHaveLength(10)
    const ofEvents = {
      metrics: ['visits'],
      dimensions: ['time:hour'],
      filters: [['is', 'event:page', ['/']]],
    }
    expect(rows(events, ofEvents)).toHaveLength(2)
  })

  test('are in weeks and months the sum of days', () => {
    const events = [at('2026-03-09T09:00:00Z', 'a'), at('2026-03-10T09:00:00Z', 'a'), at('10:00:00', 'a')]
    for (const [unit, label] of [
      ['week', '2026-03-09'],
      ['month', '2026-03-01'],
    ])
      expect(
        rows(events, { metrics: ['visitors', 'visits'], date_range: 'month', dimensions: [`time:${unit}`] }),
      ).toEqual([[label, 2, 3]])
  })
})

describe('metrics of visits', () => {
  const events = [
    ...[
      at('09:00:00', 'a', { page: '/a', hostname: 'h' }),
      at('09:01:00', 'a', { page: '/b', hostname: 'i' }),
    ],
    at('09:00:00', 'b', { page: '/b', hostname: 'i' }),
    at('09:00:00', 'c', custom('x', { page: '/b' })),
  ]

  test('with a filter on pages are of visits that entered there', () => {
    const filters = [['is', 'event:page', ['/b']]]
    expect(numbers(events, ['bounce_rate', 'visitors'], { filters })).toEqual([100, 3])
  })

  test('with a filter on hosts are of visits that entered there', () => {
    const filters = [['is', 'event:hostname', ['i']]]
    expect(numbers(events, ['bounce_rate', 'visitors'], { filters })).toEqual([100, 2])
  })

  test('with the page as dimension are by entry page, visits without one left out', () => {
    expect(rows(events, { metrics: ['bounce_rate', 'events'], dimensions: ['event:page'] })).toEqual([
      ['/b', 100, 3],
      ['/a', 0, 1],
    ])
  })

  test('need an event in the range, when the filter looks at events', () => {
    const date_range = ['2026-03-10T09:00:30Z', '2026-03-10T12:00:00Z']
    const visit = [at('09:00:00', 'a', { title: 'T' }), at('09:02:00', 'a', { title: 'U' })]
    const duration = (title: string): unknown =>
      numbers(visit, ['visit_duration'], { date_range, filters: [['is', 'event:title', [title]]] })
    expect(duration('T')).toEqual([0])
    expect(duration('U')).toEqual([120])
  })

  test('with other filters on events need one event for which all of the filter holds', () => {
    const name = ['is', 'event:name', ['pageview']]
    expect(numbers(events, ['bounce_rate'], { filters: [name] })).toEqual([50])
    const page = ['is', 'event:page', ['/a']]
    expect(numbers(events, ['visit_duration'], { filters: [name, page] })).toEqual([60])
    expect(numbers(events, ['visit_duration'], { filters: [['is', 'event:name', ['x']], page] })).toEqual([0])
  })
})

describe('reading', () => {
  const filters = [['contains', 'event:page', ['/']]]

  test('scroll depth is the deepest of visit and page, then the average', () => {
    const events = [
      ...[at('09:00:00', 'a', read('/x', 1, 20)), at('09:01:00', 'a', read('/x', 1, 60))],
      ...[at('09:02:00', 'a', read('/y', 1, 10)), at('09:00:00', null, read('/x', 1, 31))],
    ]
    expect(numbers(events, ['scroll_depth'], { filters })).toEqual([34])
    expect(rows(events, { metrics: ['scroll_depth'], dimensions: ['event:page'] })).toEqual([
      ['/x', 46],
      ['/y', 10],
    ])
  })

  test('time on page is summed per visit, then the average', () => {
    const events = [
      ...[at('09:00:00', 'a', read('/x', 2000)), at('09:01:00', 'a', read('/y', 4000))],
      ...[at('09:00:00', 'b', read('/x', 3000)), at('09:02:00', 'b'), at('09:00:00', 'c')],
    ]
    expect(numbers(events, ['time_on_page'], { filters })).toEqual([5])
    expect(rows(events, { metrics: ['time_on_page'], dimensions: ['event:page'] })).toEqual([
      ['/y', 4],
      ['/x', 3],
    ])
  })

  test('time on page of reading without time is unknown', () => {
    const events = [at('09:00:00', 'a', read('/x', undefined, 5))]
    expect(numbers(events, ['time_on_page'], { filters })).toEqual([null])
  })

  test('is null without data', () => {
    expect(numbers([at('09:00:00', 'a')], ['scroll_depth', 'time_on_page'], { filters })).toEqual([
      null,
      null,
    ])
    const depthless = [at('09:00:00', 'a', read('/', 1))]
    expect(numbers(depthless, ['scroll_depth'], { filters })).toEqual([null])
  })

  test('is filtered as any event', () => {
    const events = [at('09:00:00', 'a'), at('09:01:00', 'a', read('/', 5000))]
    const named = [...filters, ['is', 'event:name', ['pageview']]]
    expect(numbers(events, ['time_on_page'], { filters: named })).toEqual([null])
  })
})

describe('goals and shares', () => {
  const events = [
    ...[at('09:00:00', 'a', { page: '/blog/1', country: 'DE' }), at('09:01:00', 'a', custom('signup'))],
    ...[
      at('09:00:00', 'b', { page: '/blog', country: 'DE' }),
      at('09:00:00', 'c', { page: '/', country: 'US' }),
    ],
    at('09:00:00', 'd', custom('signup', { page: '/blog', props: { tier: 'x' }, country: 'US' })),
  ]

  test('an event may belong to several goals, or to none', () => {
    const more = { metrics: ['visitors', 'events'], dimensions: ['event:goal'] }
    expect(rows([...events, at('09:00:00', 'e', custom('other'))], more)).toEqual([
      ['Any', 3, 3],
      ['Blog', 2, 2],
      ['Signup', 2, 2],
    ])
  })

  test('a filter on goals looks at their names', () => {
    const visitors = (is: string, ...clauses: unknown[]): unknown =>
      numbers(events, ['visitors'], { filters: [[is, 'event:goal', ...clauses]] })
    expect(visitors('is', ['Signup'])).toEqual([2])
    expect(visitors('is', ['signup'])).toEqual([0])
    expect(visitors('is', ['signup'], { case_sensitive: false })).toEqual([2])
    expect(visitors('contains', ['log', 'ign'])).toEqual([3])
    expect(visitors('is', ['nothing', '(not set)'])).toEqual([0])
  })

  test('percentage is of all visitors under the same filters', () => {
    const more = { metrics: ['percentage'], dimensions: ['visit:country'] }
    expect(rows([...events, at('09:00:00', 'e', { country: 'DE' })], more)).toEqual([
      ['DE', 60],
      ['US', 40],
    ])
    const filters = [['is', 'visit:country', ['DE']]]
    expect(rows(events, { ...more, filters })).toEqual([['DE', 100]])
    expect(rows(events.slice(0, 4), { metrics: ['percentage'], dimensions: ['event:page'] })).toEqual([
      ['/', 66.67],
      ['/blog', 33.33],
      ['/blog/1', 33.33],
    ])
  })

  test('conversion is of all visitors, whatever their goals and properties', () => {
    const filters = [
      ['is', 'event:goal', ['Signup']],
      ['is', 'event:props:tier', ['x']],
    ]
    expect(numbers(events, ['conversion_rate'], { filters: filters.slice(0, 1) })).toEqual([50])
    expect(numbers(events, ['conversion_rate'], { filters })).toEqual([25])
    const german = [...filters.slice(0, 1), ['is', 'visit:country', ['DE']]]
    expect(numbers(events, ['conversion_rate'], { filters: german })).toEqual([50])
    expect(rows(events, { metrics: ['conversion_rate'], dimensions: ['event:goal'] })).toEqual([
      ['Any', 75],
      ['Blog', 50],
      ['Signup', 50],
    ])
  })

  test('conversion of a group is of the visitors of the group', () => {
    const asked = {
      metrics: ['conversion_rate', 'group_conversion_rate'],
      dimensions: ['country', 'event:goal'],
    }
    expect(rows(events, { ...asked, filters: [['is', 'event:goal', ['Blog']]] })).toEqual([
      ['DE', 'Any', 50, 100],
      ['DE', 'Blog', 50, 100],
    ])
    expect(rows(events, { ...asked, filters: [['is', 'event:goal', ['Signup']]] })).toEqual([
      ['DE', 'Signup', 25, 50],
      ['US', 'Signup', 25, 50],
    ])
  })
})

describe('revenue', () => {
  const paid = (amount: string, currency: string): Partial<Event> => ({ revenue: { amount, currency } })
  const money = (...metrics: ReportRow['metrics']): unknown => withoutWords([{ dimensions: [], metrics }])

  test('is exact, one amount or a list by currency, null if none', () => {
    const revenue = (...fields: Partial<Event>[]): unknown =>
      withoutWords(
        ask(
          fields.map((one, i) => at(`09:0${i}:00`, null, one)),
          { metrics: ['total_revenue', 'average_revenue'] },
        ).results,
      )
    const words = { short: 'any', long: 'any' }
    expect(revenue({}, { ...read('/', 1), ...paid('5', 'EUR') })).toEqual(money(null, null))
    expect(revenue(paid('0.10', 'EUR'), paid('0.2', 'EUR'), {})).toEqual(
      money({ value: 0.3, currency: 'EUR', ...words }, { value: 0.15, currency: 'EUR', ...words }),
    )
    const both = [
      { value: 2, currency: 'EUR', ...words },
      { value: 1, currency: 'USD', ...words },
    ]
    expect(revenue(paid('1', 'USD'), paid('2', 'EUR'))).toEqual(money(both, both))
  })
})

describe('filters', () => {
  const events = [
    at('09:00:00', 'a', { source: 'Google', page: '/Blog', props: { tier: 'gold', n: 1 } }),
    at('09:00:00', 'b', { page: '/', attributes: { plan: true }, props: { plan: 'other' } }),
    at('09:01:00', 'b', custom('signup', { page: '/' })),
  ]
  /** Pages, and names of customs, that are let through. */
  const passing = (...filters: unknown[]): unknown =>
    rows(events, { metrics: ['events'], filters, dimensions: ['event:page', 'event:name'] }).map(
      ([page, name]) => (name === 'pageview' ? page : name),
    )

  test('is, with the blank for absence', () => {
    expect(passing(['is', 'visit:source', ['Google', 'x']])).toEqual(['/Blog'])
    expect(passing(['is', 'visit:source', ['Direct / None']])).toEqual(['/', 'signup'])
    expect(passing(['is', 'visit:source', ['']])).toEqual([])
    expect(passing(['is_not', 'visit:source', ['Google']])).toEqual(['/', 'signup'])
    expect(passing(['is', 'visit:source', ['google'], { case_sensitive: false }])).toEqual(['/Blog'])
    expect(passing(['is', 'visit:country', ['(not set)']])).toEqual(['/', 'signup', '/Blog'])
  })

  test('contains and matches, which see an absent text as empty', () => {
    expect(passing(['contains', 'event:page', ['Blo']])).toEqual(['/Blog'])
    expect(passing(['contains', 'event:page', ['blo']])).toEqual([])
    expect(passing(['contains_not', 'visit:source', ['oo']])).toEqual(['/', 'signup'])
    expect(passing(['matches', 'event:page', ['^/B']])).toEqual(['/Blog'])
    expect(passing(['matches', 'visit:source', ['^$']])).toEqual(['/', 'signup'])
    expect(passing(['matches_not', 'visit:source', ['o']])).toEqual(['/', 'signup'])
  })

  test('properties: only is_not matches absence, unless (none) is listed', () => {
    const tier = 'event:props:tier'
    expect(passing(['is', tier, ['(none)']])).toEqual(['/', 'signup'])
    expect(passing(['is_not', tier, ['silver']])).toEqual(['/', 'signup', '/Blog'])
    expect(passing(['is_not', tier, ['silver', '(none)']])).toEqual(['/Blog'])
    expect(passing(['contains_not', tier, ['silver']])).toEqual(['/Blog'])
    expect(passing(['matches_not', tier, ['silver']])).toEqual(['/Blog'])
    expect(passing(['contains', tier, ['']])).toEqual(['/Blog'])
    expect(passing(['matches', tier, ['^$']])).toEqual([])
  })

  test('properties: a declared attribute goes before one of the same name, values are text', () => {
    expect(passing(['is', 'event:props:plan', ['true']])).toEqual(['/'])
    expect(passing(['is', 'event:plan', ['other']])).toEqual([])
    const undeclared = { filters: [['is', 'event:props:plan', ['true']]] }
    expect(numbers(events, ['events'], undeclared, { settings: { attributes: [] } })).toEqual([0])
    expect(passing(['is', 'event:props:n', [1]])).toEqual(['/Blog'])
  })

  test('and, or, not', () => {
    const [page, name] = [
      ['is', 'event:page', ['/']],
      ['is', 'event:name', ['signup']],
    ]
    expect(passing(['and', [page, name]])).toEqual(['signup'])
    expect(passing(['or', [['not', page], name]])).toEqual(['signup', '/Blog'])
    expect(passing(page, ['not', name])).toEqual(['/'])
  })

  test('has_done looks at all of the visit, in the range or not', () => {
    const done = (is: string): unknown => passing([is, ['is', 'event:goal', ['Signup']]])
    expect(done('has_done')).toEqual(['/', 'signup'])
    expect(done('has_not_done')).toEqual(['/Blog'])
    const filters = [['has_done', ['is', 'event:name', ['signup']]]]
    const more = { date_range: ['2026-03-10T09:00:00Z', '2026-03-10T09:00:30Z'], filters }
    expect(numbers(events, ['visitors', 'events', 'bounce_rate'], more)).toEqual([1, 1, 0])
    expect(numbers([at('09:00:00', null, custom('signup'))], ['events'], { filters })).toEqual([1])
  })

  test('a host also restricts the doors that are asked', () => {
    const events = [at('09:00:00', 'a', { hostname: 'x' }), at('09:01:00', 'a', { hostname: 'y' })]
    const visitors = (host: string, dimension: string): unknown =>
      numbers(events, ['visitors'], { filters: [['is', 'event:hostname', [host]]], dimensions: [dimension] })
    expect(visitors('y', 'visit:exit_page')).toEqual(['/', 1])
    expect(visitors('y', 'visit:entry_page')).toBeUndefined()
    expect(visitors('y', 'visit:entry_page_hostname')).toBeUndefined()
    expect(visitors('x', 'visit:entry_page')).toEqual(['/', 1])
    expect(visitors('x', 'visit:exit_page_hostname')).toBeUndefined()
    expect(visitors('y', 'visit:source')).toEqual(['Direct / None', 1])
  })
})

describe('ranges', () => {
  const labelsOf = (date_range: unknown, unit = 'day', asking: Asking = {}, more = {}): string[] =>
    ask([], { metrics: ['visitors'], dimensions: [`time:${unit}`], date_range, ...more }, asking).timeLabels
  const ends = (labels: string[]): unknown => [labels[0], labels.at(-1), labels.length]

  test('by words', () => {
    expect(labelsOf('day')).toEqual(['2026-03-10'])
    expect(labelsOf('1d')).toEqual(['2026-03-09'])
    expect(ends(labelsOf('28d'))).toEqual(['2026-02-10', '2026-03-09', 28])
    expect(ends(labelsOf('month'))).toEqual(['2026-03-01', '2026-03-31', 31])
    expect(ends(labelsOf('year'))).toEqual(['2026-01-01', '2026-12-31', 365])
    expect(labelsOf('6mo', 'month')).toEqual([
      ...['2025-09-01', '2025-10-01', '2025-11-01'],
      ...['2025-12-01', '2026-01-01', '2026-02-01'],
    ])
    expect(ends(labelsOf('24h', 'hour', { now: NOW + 1 }))).toEqual([
      '2026-03-09 12:00:00',
      '2026-03-10 12:00:00',
      25,
    ])
    expect(labelsOf('realtime', 'minute')).toHaveLength(6)
  })

  test('all begins with the day of the first event', () => {
    const events = [at('2026-02-27T23:30:00Z', 'a', read('/', 1))]
    const asked = { metrics: ['visitors'], dimensions: ['time:day'], date_range: 'all' }
    expect(ends(ask(events, asked).timeLabels)).toEqual(['2026-02-27', '2026-03-10', 12])
    const { timeLabels } = ask(events, asked, { settings: { timezone: 'Asia/Kolkata' } })
    expect(ends(timeLabels)).toEqual(['2026-02-28', '2026-03-10', 11])
    expect(labelsOf('all')).toEqual(['2026-03-10'])
  })

  test('by dates and date-times, both inclusive', () => {
    expect(labelsOf(['2026-02-28', '2026-03-01'])).toEqual(['2026-02-28', '2026-03-01'])
    const events = ['09:59:59.999', '10:00:00', '11:00:00', '11:00:00.001'].map((clock) => at(clock, null))
    const date_range = ['2026-03-10T10:00:00Z', '2026-03-10T12:00:00+01:00']
    expect(numbers(events, ['events'], { date_range })).toEqual([2])
  })

  test('trimmed end now', () => {
    const more = { include: { trim_relative_date_range: true } }
    expect(ends(labelsOf('month', 'day', {}, more))).toEqual(['2026-03-01', '2026-03-10', 10])
    expect(ends(labelsOf('7d', 'day', {}, more))).toEqual(['2026-03-03', '2026-03-09', 7])
    expect(labelsOf(['2026-03-10', '2026-03-11'], 'day', {}, more)).toHaveLength(2)
  })

  test('weeks start on Monday, the first on the first day of the range', () => {
    expect(labelsOf(['2026-03-04', '2026-03-16'], 'week')).toEqual(['2026-03-04', '2026-03-09', '2026-03-16'])
    const events = [at('2026-03-05T09:00:00Z', 'a')]
    const more = { dimensions: ['time:week'], date_range: ['2026-03-04', '2026-03-16'] }
    expect(rows(events, { metrics: ['events'], ...more })).toEqual([['2026-03-04', 1]])
  })

  test('time alone picks its unit', () => {
    const unitOf = (date_range: unknown): unknown =>
      ask([], { metrics: ['visitors'], dimensions: ['time'], date_range }).timeLabels.at(1)
    expect(unitOf(['2026-01-01', '2026-01-02'])).toBe('2026-01-01 01:00:00')
    expect(unitOf(['2026-01-01', '2026-01-03'])).toBe('2026-01-02')
    expect(unitOf(['2026-01-01', '2026-02-09'])).toBe('2026-01-02')
    expect(unitOf(['2026-01-01', '2026-02-10'])).toBe('2026-01-05')
    expect(unitOf(['2026-01-01', '2026-12-30'])).toBe('2026-01-05')
    expect(unitOf('year')).toBe('2026-02-01')
  })

  test('hours are those of the asked zone, days those of the collection', () => {
    const events = [at('09:40:00', 'a')]
    const dimensions = ['time:hour']
    const asked = { metrics: ['events'], dimensions, timezone: 'Asia/Kolkata' }
    expect(rows(events, asked)).toEqual([['2026-03-10 15:00:00', 1]])
    expect(ends(ask(events, asked).timeLabels)).toEqual(['2026-03-10 05:00:00', '2026-03-11 05:00:00', 25])
  })

  test('the repeated hour of autumn is one label, the lost one of spring none', () => {
    const berlin = { settings: { timezone: 'Europe/Berlin' } }
    expect(labelsOf(['2026-10-25', '2026-10-25'], 'hour', berlin)).toHaveLength(24)
    expect(labelsOf(['2026-03-29', '2026-03-29'], 'hour', berlin)).toHaveLength(23)
    const events = ['00:30', '01:30'].map((clock) => at(`2026-10-25T${clock}:00Z`, 'a'))
    const asked = {
      metrics: ['visits', 'visitors'],
      dimensions: ['time:hour'],
      date_range: ['2026-10-25', '2026-10-25'],
    }
    expect(rows(events, asked, berlin)).toEqual([['2026-10-25 02:00:00', 2, 1]])
  })
})

describe('order and pages', () => {
  const events = [
    ...[at('09:00:00', 'a', { page: '/a' }), at('09:00:00', 'b', { page: '/b' })],
    ...[at('10:00:00', 'c', { page: '/b' }), at('10:00:00', 'd', { page: '/c' })],
  ]
  const asked = { metrics: ['visitors'], dimensions: ['event:page'] }
  const pages = (more: object): unknown => rows(events, { ...asked, ...more }).map(([page]) => page)

  test('by the first metric, then names', () => {
    expect(pages({})).toEqual(['/b', '/a', '/c'])
  })

  test('by time, then the first metric, then names', () => {
    expect(rows(events, { ...asked, dimensions: ['event:page', 'time:hour'] }).map(([page]) => page)).toEqual(
      [...['/a', '/b', '/b', '/c']],
    )
  })

  test('as asked, then names', () => {
    expect(pages({ order_by: [['page', 'desc']] })).toEqual(['/c', '/b', '/a'])
    expect(pages({ order_by: [['visitors', 'asc']] })).toEqual(['/a', '/c', '/b'])
  })

  test('null is the smallest', () => {
    const read_ = [...events, at('09:01:00', 'a', read('/b', 0))]
    const order = (direction: string): unknown =>
      rows(read_, {
        ...asked,
        metrics: ['time_on_page', 'visitors'],
        order_by: [['time_on_page', direction]],
      })
    expect(order('asc')).toEqual([
      ['/a', null, 1],
      ['/c', null, 1],
      ['/b', 0, 2],
    ])
    expect(order('desc')).toEqual([
      ['/b', 0, 2],
      ['/a', null, 1],
      ['/c', null, 1],
    ])
  })

  test('a page of them, and how many there are', () => {
    const { results, totalRows } = ask(events, { ...asked, pagination: { limit: 1, offset: 1 } })
    expect(results.map(({ dimensions }) => dimensions)).toEqual([['/a']])
    expect(totalRows).toBe(3)
  })

  test('a group exists where something of an asked metric was counted', () => {
    const asked = { dimensions: ['event:page'] }
    const mixed = [...events, at('11:00:00', 'e', read('/read', 1)), at('11:00:00', 'f', custom('x'))]
    expect(rows(mixed, { ...asked, metrics: ['pageviews'] })).toHaveLength(3)
    expect(rows(mixed, { ...asked, metrics: ['time_on_page'] })).toEqual([['/read', 0]])
    expect(rows(mixed, { ...asked, metrics: ['events', 'time_on_page'] })).toHaveLength(5)
  })
})

describe('comparison', () => {
  const compared = (events: readonly Event[], document: object, asking: Asking = {}): unknown =>
    ask(events, { include: { comparison: 'previous_period' }, ...document }, asking).results.map(
      ({ dimensions, metrics, comparison }) => [dimensions, metrics, comparison],
    )

  test('with the days before, in percent and points', () => {
    const events = [
      ...[at('2026-03-08T09:00:00Z', 'a'), at('2026-03-08T09:01:00Z', 'a'), at('2026-03-08T09:00:00Z', 'b')],
      ...[at('2026-03-09T09:00:00Z', 'a'), at('2026-03-10T09:00:00Z', 'a')],
    ]
    const metrics = ['visitors', 'pageviews', 'bounce_rate', 'total_revenue']
    const comparison = { dimensions: [], metrics: [2, 3, 50, null], change: [-50, -67, 50, null] }
    expect(compared(events, { metrics, date_range: '1d' })).toEqual([[[], [1, 1, 100, null], comparison]])
    expect(compared(events, { metrics: ['visitors'], date_range: ['2026-03-07', '2026-03-07'] })).toEqual([
      [[], [0], { dimensions: [], metrics: [0], change: [0] }],
    ])
    expect(compared(events, { metrics: ['visitors'], date_range: ['2026-03-08', '2026-03-08'] })).toEqual([
      [[], [2], { dimensions: [], metrics: [0], change: [100] }],
    ])
  })

  test('of instants, and of days that are cut, with as long before', () => {
    // The present is part of what ends now.
    const events = [at('2026-03-09T11:00:00Z', 'a'), at('2026-03-09T12:00:00.001Z', 'b')]
    const include = { comparison: 'previous_period', trim_relative_date_range: true }
    expect(compared(events, { metrics: ['visitors'], date_range: 'day', include })).toMatchObject([
      [[], [0], { metrics: [1], change: [-100] }],
    ])
    expect(compared(events, { metrics: ['visitors'], date_range: '24h' })).toMatchObject([
      [[], [1], { metrics: [1], change: [0] }],
    ])
  })

  test('rows of time go together by their place, others by their labels', () => {
    const events = [
      ...[at('2026-03-07T09:00:00Z', 'a', { source: 'A' }), at('2026-03-09T09:00:00Z', 'a', { source: 'A' })],
      at('2026-03-09T09:00:00Z', 'b', { source: 'B' }),
    ]
    const asked = { metrics: ['visitors'], date_range: '2d', dimensions: ['time:day', 'visit:source'] }
    expect(compared(events, asked)).toEqual([
      [['2026-03-09', 'A'], [1], { dimensions: ['2026-03-07', 'A'], metrics: [1], change: [0] }],
      [['2026-03-09', 'B'], [1], { dimensions: ['2026-03-07', 'B'], metrics: [0], change: [100] }],
    ])
  })

  test('with the same dates of the year before, and a bucket that it lacks with nothing', () => {
    const events = ['2023-02-28', '2024-02-28', '2024-02-29'].map((date) => at(`${date}T09:00:00Z`, 'a'))
    const document = {
      metrics: ['visitors'],
      date_range: ['2024-02-28', '2024-02-29'],
      dimensions: ['time:day'],
      include: { comparison: 'year_over_year' },
    }
    expect(compared(events, document)).toEqual([
      [['2024-02-28'], [1], { dimensions: ['2023-02-28'], metrics: [1], change: [0] }],
      [['2024-02-29'], [1], undefined],
    ])
  })

  test('of amounts only in one currency', () => {
    const events = ['EUR', 'EUR', 'USD'].map((currency, i) =>
      at(`2026-03-0${i + 7}T09:00:00Z`, 'a', { revenue: { amount: String(i + 1), currency } }),
    )
    const change = (date: string): unknown =>
      ask(events, {
        metrics: ['total_revenue'],
        date_range: [date, date],
        include: { comparison: 'previous_period' },
      }).results[0]?.comparison?.change
    expect(change('2026-03-08')).toEqual([100])
    expect(change('2026-03-09')).toEqual([null])
  })
})

describe('random questions', () => {
  test('are valid and have answers that hold together', () => {
    fc.assert(
      fc.property(cases, ({ definition: own, events, now, document }) => {
        const query = readQuery(document, own)
        const { results, totalRows, timeLabels } = answer(events, own, query, now)
        expect(results.length).toBe(Math.max(0, Math.min(query.limit, totalRows - query.offset)))
        if (query.dimensions.length === 0) expect(totalRows).toBe(1)
        const time = query.dimensions.findIndex(({ kind }) => kind === 'time')
        for (const { dimensions, metrics } of results) {
          expect(dimensions).toHaveLength(query.dimensions.length)
          expect(metrics).toHaveLength(query.metrics.length)
          if (time >= 0) expect(timeLabels).toContain(dimensions[time])
        }
        const again = answer([...events, ...events], own, query, now)
        expect(again).toEqual({ results, totalRows, timeLabels })
      }),
      { numRuns: 500 },
    )
  })

  test('about events add up to the whole', () => {
    fc.assert(
      fc.property(cases, ({ definition: own, events, now, document }) => {
        const metrics = ['events', 'pageviews']
        const sums = (dimensions: readonly string[]): unknown => {
          const query = readQuery(
            { metrics, dimensions, date_range: document.date_range, filters: document.filters },
            own,
          )
          const { results } = answer(events, own, query, now)
          return metrics.map((_, i) => results.reduce((sum, row) => sum + Number(row.metrics[i]), 0))
        }
        const whole = sums([])
        for (const dimension of ['event:page', 'visit:country', 'event:props:plan', 'time:day'])
          expect(sums([dimension])).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })
})
