import { beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Json, moneys, type Rows, rowsOf, type Site } from './client.ts'

const HOUR = 3_600_000

type Step = readonly [minuteAndSecond: string, name: string, fields?: Json]

export function visits(client: Client): void {
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

export function oddNamesAndCents(client: Client): void {
  describe('names and amounts of any kind', () => {
    const odd = ['__proto__', 'constructor', 'a b:c', 'dot.ted', 'ä', 'is']
    let site: Site
    beforeAll(async () => {
      site = await client.makeSite()
      const props = JSON.parse(JSON.stringify(Object.fromEntries(odd.map((name) => [name, `of ${name}`]))))
      const event = { time: '2025-06-01T10:00:00Z', visitor: 'v', page: '/' }
      await client.deliver(site, [
        { ...event, props },
        { ...event, name: 'Buy', revenue: { amount: '0.10', currency: 'EUR' }, props: { item: 1 } },
        { ...event, name: 'Buy', revenue: { amount: '0.20', currency: 'EUR' }, props: { item: true } },
        { ...event, name: 'Buy', revenue: { amount: 0.3, currency: 'EUR' }, props: { item: '' } },
      ])
    })

    test.each(odd)('a property %s is one like any other', async (name) => {
      const dimension = `event:props:${name}`
      const filters = [['is', dimension, [`of ${name}`]]]
      const asked = { metrics: ['events'], date_range: 'all' }
      expect(await client.table(site, { ...asked, dimensions: [dimension], filters })).toEqual([
        [`of ${name}`, 1],
      ])
      expect(await client.table(site, { ...asked, filters })).toEqual([[1]])
    })

    test('money is added exactly', async () => {
      const metrics = ['total_revenue', 'average_revenue']
      const [[total, average] = []] = await client.table(site, { metrics, date_range: 'all' })
      expect([moneys(total), moneys(average)]).toEqual([['0.6 EUR'], ['0.2 EUR']])
    })
  })
}

export function clocksThatChange(client: Client): void {
  const makeSite = async (timezone: string, times: readonly string[]): Promise<Site> => {
    const site = await client.makeSite({ timezone })
    await client.deliver(
      site,
      times.map((time, i) => ({ time, visitor: `v${i}`, page: '/' })),
    )
    return site
  }
  /** The page views and visitors of each hour of a day, and the hours there are. */
  const hours = async (site: Site, day: string): Promise<readonly [rows: Rows, labels: unknown]> => {
    const include = { time_labels: true }
    const asked = { metrics: ['pageviews', 'visitors'], dimensions: ['time:hour'], include }
    const report = await client.ask(site, { ...asked, date_range: [day, day] })
    const rows = rowsOf(report).map(([label, ...numbers]) => [
      String(label).replace(`${day} `, ''),
      ...numbers,
    ])
    return [rows, report.meta.time_labels]
  }
  const labelsOf = (day: string, but: readonly number[] = []): readonly string[] =>
    Array.from({ length: 24 }, (_, hour) => hour)
      .filter((hour) => !but.includes(hour))
      .map((hour) => `${day} ${String(hour).padStart(2, '0')}:00:00`)
  const days = (site: Site, ...date_range: readonly string[]): Promise<Rows> =>
    client.table(site, { metrics: ['pageviews'], dimensions: ['time:day'], date_range })

  describe('in Berlin', () => {
    let berlin: Site
    beforeAll(async () => {
      berlin = await makeSite('Europe/Berlin', [
        ...['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z'],
        ...['2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'],
        ...['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
        ...['2026-10-25T22:59:59Z', '2026-10-25T23:00:00Z'],
      ])
    })

    test('29 March 2026 has 23 hours, without the third', async () => {
      const [rows, labels] = await hours(berlin, '2026-03-29')
      expect(rows).toEqual([
        ['00:00:00', 1, 1],
        ['01:00:00', 1, 1],
        ['03:00:00', 1, 1],
        ['23:00:00', 1, 1],
      ])
      expect(labels).toEqual(labelsOf('2026-03-29', [2]))
    })

    test('25 October 2026 has 25 hours, two of them under one label', async () => {
      const [rows, labels] = await hours(berlin, '2026-10-25')
      expect(rows).toEqual([
        ['00:00:00', 1, 1],
        ['02:00:00', 2, 2],
        ['23:00:00', 1, 1],
      ])
      expect(labels).toEqual(labelsOf('2026-10-25'))
    })

    test('days begin at its midnights', async () => {
      expect(await days(berlin, '2026-03-28', '2026-03-30')).toEqual([
        ['2026-03-28', 1],
        ['2026-03-29', 4],
        ['2026-03-30', 1],
      ])
      expect(await days(berlin, '2026-10-24', '2026-10-26')).toEqual([
        ['2026-10-24', 1],
        ['2026-10-25', 4],
        ['2026-10-26', 1],
      ])
    })
  })

  describe('in Havana, where clocks change at midnight', () => {
    let havana: Site
    beforeAll(async () => {
      havana = await makeSite('America/Havana', [
        ...['2026-03-08T04:59:59Z', '2026-03-08T05:00:00Z', '2026-03-09T03:59:59Z'],
        ...['2026-11-01T03:59:59Z', '2026-11-01T04:30:00Z', '2026-11-01T05:30:00Z', '2026-11-02T04:59:59Z'],
      ])
    })

    test('a day without midnight begins at one', async () => {
      const [rows, labels] = await hours(havana, '2026-03-08')
      expect(rows).toEqual([
        ['01:00:00', 1, 1],
        ['23:00:00', 1, 1],
      ])
      expect(labels).toEqual(labelsOf('2026-03-08', [0]))
      expect(await days(havana, '2026-03-07', '2026-03-08')).toEqual([
        ['2026-03-07', 1],
        ['2026-03-08', 2],
      ])
    })

    test('a day with two midnights begins at the first', async () => {
      const [rows, labels] = await hours(havana, '2026-11-01')
      expect(rows).toEqual([
        ['00:00:00', 2, 2],
        ['23:00:00', 1, 1],
      ])
      expect(labels).toEqual(labelsOf('2026-11-01'))
      expect(await days(havana, '2026-10-31', '2026-11-01')).toEqual([
        ['2026-10-31', 1],
        ['2026-11-01', 3],
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

export function rangesUpToNow(client: Client): void {
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

export function pagesThatSend(client: Client): void {
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

export function sources(client: Client): void {
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
    test('the strongest of tags and referrer is the source; the own host is none', () => {
      const plain = cases.flatMap(([, , source], i) =>
        /^[a-z. ]+$|^Direct/.test(String(source)) ? [[i, source]] : [],
      )
      expect(plain.length).toBeGreaterThan(7)
      for (const [i, source] of plain) expect(found.find(([index]) => index === String(i))?.[1]).toBe(source)
    })
    test.each(cases.map((of, i) => [...of, i] as const))('%s from %s is %s, %s', (...of) => {
      const [, , source, channel, i] = of
      expect(found.find(([index]) => index === String(i))).toEqual([String(i), source, channel, 1])
    })
  })
}
