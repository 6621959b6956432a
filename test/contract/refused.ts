import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFilters, readQuery } from '../../src/asking/query-reader.ts'
import type { Collection, CollectionDefinition } from '../../src/collection.ts'
import { refusedFields } from '../../src/dimension.ts'
import { ENGAGEMENT, type Event, type KeptEvent } from '../../src/event.ts'
import { type RefusalCode, type Refused, refusalCodes } from '../../src/refusal.ts'
import { definition, event } from '../support/event.ts'
import type { OpenCollection } from './collection.ts'

const DAY = 86_400_000

/** What every collection must do with events that it does not count, wherever it is kept. */
export function refusedContract(name: string, open: OpenCollection, runs = 15): void {
  const started = Date.now()
  const at = (fields: Partial<Event> = {}, ago = 0): Event =>
    event({ time: started - ago, received: started, visitor: '00000000000000aa', ...fields })
  const refuse = (code: RefusalCode, fields: Partial<Event> = {}, bot?: string): Refused => ({
    event: at(fields),
    code,
    ...(bot !== undefined && { bot }),
  })
  const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

  describe(`refused: ${name}`, () => {
    test('nothing was refused of a new one', async () => {
      const [one] = open(definition())
      expect(await one.refused()).toEqual({ counts: {}, days: {}, agents: [], sample: [] })
      expect(await one.restore({ code: 'bot' })).toBe(0)
    })

    test('a refused event counts nowhere, and everyone sees why', async () => {
      const own = definition({ attributes: ['plan'], groupBy: ['page', 'plan'] })
      const [one, two] = open(own)
      const first = refuse('bot', { page: '/a', title: 'A', attributes: { plan: 'pro' } }, 'GPTBot')
      const second = refuse('spam', { page: '/b', props: { x: 1 }, time: started - 5 })
      await one.refuse([first, second])
      await two.add([at({ page: '/a' })])
      expect(await one.count()).toBe(1)
      expect(await one.countBy('page', '/a')).toBe(1)
      expect(await one.countBy('plan', 'pro')).toBe(0)
      expect(await exported(one)).toHaveLength(1)
      expect(await ask(one, ['event:page'])).toEqual([['/a', 1]])
      const report = await two.refused()
      expect(report).toEqual({
        counts: { bot: 1, spam: 1 },
        days: expect.anything(),
        agents: [{ bot: 'GPTBot', page: '/a', count: 1 }],
        sample: [
          { code: 'bot', bot: 'GPTBot', event: kept(first.event) },
          { code: 'spam', event: kept(second.event) },
        ],
      })
      expect(JSON.stringify(report)).not.toContain('00000000000000aa')
      const whole = readQuery(question([], ['visitors', 'visits', 'events']), own)
      expect((await one.queryRefused(whole)).results[0]?.metrics).toEqual([0, 0, 2])
    })

    test('an id is refused once, with the reason that came first', async () => {
      const [one, two] = open(definition())
      const again = refuse('bot', { id: 'same' })
      await Promise.all([one.refuse([again, again]), two.refuse([again])])
      await one.refuse([{ ...again, code: 'spam' }])
      expect((await two.refused()).counts).toEqual({ bot: 1 })
    })

    test('counts are by day too, and leave out engagement', async () => {
      const [one] = open(definition())
      await one.refuse([
        refuse('bot'),
        refuse('bot', { name: ENGAGEMENT, ms: 1 }),
        refuse('bot', { time: started - DAY }),
        refuse('origin', { time: started - DAY }),
      ])
      const { counts, days, sample } = await one.refused()
      expect(counts).toEqual({ bot: 2, origin: 1 })
      expect(days).toEqual({
        [dateOf(started)]: { bot: 1 },
        [dateOf(started - DAY)]: { bot: 1, origin: 1 },
      })
      expect(sample).toHaveLength(4)
    })

    test('questions may name reason and bot, and only of what was refused', async () => {
      const own = definition({ attributes: ['bot'] })
      const [one] = open(own)
      await one.refuse([
        refuse('bot', { page: '/a' }, 'GPTBot'),
        refuse('bot', { page: '/a' }, 'GPTBot'),
        refuse('bot', { page: '/b', attributes: { bot: 'what a client says' } }, 'curl'),
        refuse('origin', { page: '/a', props: { refusal: 'bot', bot: 'GPTBot' } }),
      ])
      await one.add([at({ page: '/a', props: { bot: 'GPTBot' } })])
      expect(await askRefused(one, ['event:refusal'])).toEqual([
        ['bot', 3],
        ['origin', 1],
      ])
      expect(await askRefused(one, ['event:bot', 'page'])).toEqual([
        ['GPTBot', '/a', 2],
        ['(not set)', '/a', 1],
        ['curl', '/b', 1],
      ])
      expect(await askRefused(one, ['page'], [['is', 'refusal', ['bot']]])).toEqual([
        ['/a', 2],
        ['/b', 1],
      ])
      for (const name of ['event:refusal', 'refusal', 'visit:bot'])
        expect(() => readQuery(question([name]), own)).toThrow(/not valid/)
      expect(await ask(one, ['event:bot'])).toEqual([['GPTBot', 1]])
    })

    test('agents are the hundred most frequent pairs, and no people', async () => {
      const [one] = open(definition())
      const pages = Array.from({ length: 120 }, (_, i) => refuse('bot', { page: `/${i}` }, 'GPTBot'))
      await one.refuse([...pages, refuse('bot', { page: '/7' }, 'GPTBot'), refuse('spam', { page: '/x' })])
      const { agents } = await one.refused()
      expect(agents).toHaveLength(100)
      expect(agents[0]).toEqual({ bot: 'GPTBot', page: '/7', count: 2 })
    })

    test('the sample is the newest hundred events, the newest first, and not too large', async () => {
      const [one] = open(definition())
      const many = Array.from({ length: 130 }, (_, i) =>
        refuse('bot', { title: String(i), time: started - (i < 20 ? 0 : DAY) - i }),
      )
      await one.refuse(many.toReversed())
      const titles = (await one.refused()).sample.map((one) => Number(one.event.title))
      expect(titles).toEqual(Array.from({ length: 100 }, (_, i) => i))
      const large = { text: 'x'.repeat(30_000) }
      await one.refuse(many.map((_, i) => refuse('bot', { props: large, title: 'large', time: started + i })))
      const { sample, counts } = await one.refused()
      expect(sample.length).toBeGreaterThan(5)
      expect(JSON.stringify(sample).length).toBeLessThan(300_000)
      expect(counts).toEqual({ bot: 260 })
    })

    test('what is restored by id or by reason counts after all, once', async () => {
      const [one, two] = open(definition())
      const [a, b, c, old] = [
        refuse('bot', { page: '/a', revenue: { amount: '1.5', currency: 'EUR' } }, 'GPTBot'),
        refuse('bot', { page: '/b' }),
        refuse('origin', { page: '/c' }),
        refuse('origin', { page: '/old', time: started - 2 * DAY }),
      ] as const
      await one.refuse([a, b, c, old])
      await one.seal()
      expect(await one.restore({ ids: [a.event.id, old.event.id, 'unknown'] })).toBe(2)
      expect(await two.restore({ ids: [a.event.id] })).toBe(0)
      expect(await exported(two)).toEqual([kept(old.event), kept(a.event)])
      expect((await two.refused()).counts).toEqual({ bot: 1, origin: 1 })
      expect(await two.restore({ code: 'origin' })).toBe(1)
      expect(await one.restore({ code: 'origin' })).toBe(0)
      await two.add([a.event, c.event])
      await two.refuse([a, c])
      expect(await one.count()).toBe(3)
      expect((await one.refused()).counts).toEqual({ bot: 1 })
      expect(await ask(one, [], ['events', 'visitors', 'visits'])).toEqual([[3, 0, 0]])
    })

    test('many are restored at once', async () => {
      const [one] = open(definition())
      const many = Array.from({ length: 2300 }, (_, i) => refuse(i % 2 ? 'bot' : 'spam', { page: `/${i}` }))
      await one.refuse(many)
      expect(await one.restore({ code: 'spam' })).toBe(1150)
      expect(await one.count()).toBe(1150)
    })

    test('erasing takes refused events too, for good, and tells of those that counted', async () => {
      const own = definition()
      const [one, two] = open(own)
      const [wish, other] = [refuse('bot', { page: '/wish' }), refuse('bot', { page: '/other' })]
      await one.refuse([wish, other])
      await one.add([at({ page: '/wish' }), at({ page: '/other' })])
      const filters = readFilters([['is', 'event:page', ['/wish']]], own)
      expect(await two.erase({ range: {}, filters })).toBe(1)
      expect(await two.erase({ range: {}, filters })).toBe(0)
      await one.refuse([wish])
      expect((await one.refused()).sample).toEqual([{ code: 'bot', event: kept(other.event) }])
      expect(await one.restore({ ids: [wish.event.id] })).toBe(0)
      expect(await two.count()).toBe(1)
    })

    test('clearing forgets refused events too, or them only', async () => {
      const [one, two] = open(definition())
      const first = refuse('bot')
      await one.refuse([first])
      expect(await one.isEmpty()).toBe(true)
      await one.clear()
      expect((await two.refused()).counts).toEqual({})
      await two.refuse([first])
      await two.add([at()])
      expect((await one.refused()).counts).toEqual({ bot: 1 })
      await one.clearRefused()
      expect(await two.refused()).toEqual({ counts: {}, days: {}, agents: [], sample: [] })
      expect(await two.count()).toBe(1)
    })

    test('to refuse and restore, in any order and however often, is to have counted at first, without visitors', {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const settings = { attributes: ['plan'], groupBy: ['page', 'plan', 'name'] }
          await replay(steps, definition(settings), open, started)
        }),
        { numRuns: runs },
      )
    })
  })
}

type Step =
  | {
      readonly do: 'refuse' | 'add'
      readonly by: 0 | 1
      readonly ids: readonly number[]
      readonly code: number
    }
  | { readonly do: 'restore'; readonly by: 0 | 1; readonly what: readonly number[] | RefusalCode }
  | { readonly do: 'seal'; readonly by: 0 | 1 }

const by = fc.constantFrom<0 | 1>(0, 1)
const ids = fc.array(fc.nat({ max: 14 }), { maxLength: 6 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('refuse' as const), by, ids, code: fc.nat({ max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), by, ids, code: fc.constant(0) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('restore' as const),
      by,
      what: fc.oneof(ids, fc.constantFrom(...refusalCodes.slice(0, 3))),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('seal' as const), by }) },
)

/** The event of a number: of two days, some with everything that an event may have. */
function numbered(i: number, started: number): Event {
  return {
    id: `id${i}`,
    name: ['pageview', 'signup', ENGAGEMENT][i % 3] ?? '',
    time: started - (i % 2) * DAY - i,
    received: started,
    page: `/${i % 4}`,
    ...(i % 3 === 2 && { ms: i, depth: i }),
    ...(i % 5 === 0 && {
      hostname: 'x.example',
      source: 'Google',
      country: 'DE',
      interactive: false as const,
      revenue: { amount: '0.10', currency: 'EUR' },
      attributes: { plan: `${i}` },
      props: { ['__proto__']: 'x', n: i },
    }),
  }
}

/** Replays a history on a collection and on plain maps; what then counts must be what another was simply given. */
async function replay(
  steps: readonly Step[],
  own: CollectionDefinition,
  open: OpenCollection,
  started: number,
): Promise<void> {
  const ways = open(own)
  const counted = new Set<string>()
  const known = new Set<string>()
  const waiting = new Map<string, RefusalCode>()
  for (const one of steps) {
    const collection = ways[one.by]
    if (one.do === 'seal') await collection.seal()
    else if (one.do === 'restore') {
      const { what } = one
      const chosen = [...waiting].filter(([id, code]) =>
        typeof what === 'string' ? code === what : what.some((i) => id === `id${i}`),
      )
      const restored = typeof what === 'string' ? { code: what } : { ids: what.map((i) => `id${i}`) }
      expect(await collection.restore(restored)).toBe(chosen.length)
      for (const [id] of chosen) {
        waiting.delete(id)
        counted.add(id)
      }
    } else {
      const events = one.ids.map((i) => numbered(i, started))
      const code = refusalCodes[one.code] as RefusalCode
      if (one.do === 'add') await collection.add(events)
      else await collection.refuse(events.map((event) => ({ event: { ...event, visitor: VISITOR }, code })))
      for (const { id } of events) {
        if (one.do === 'add') counted.add(id)
        else if (!known.has(id)) waiting.set(id, code)
        if (one.do === 'refuse') known.add(id)
      }
    }
  }
  const [plain] = open(definition({ attributes: own.attributes, groupBy: own.groupBy }))
  await plain.add([...counted].map((id) => numbered(Number(id.slice(2)), started)))
  for (const collection of ways) expect(await allOf(collection)).toEqual(await allOf(plain))
  const { counts, sample } = await ways[0].refused()
  expect(counts).toEqual(countedBy([...waiting].filter(([id]) => Number(id.slice(2)) % 3 !== 2)))
  expect(sample.map((one) => one.event.id).sort()).toEqual([...waiting.keys()].sort())
}

const VISITOR = '00000000000000bb'

function countedBy(list: readonly (readonly [string, RefusalCode])[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [, code] of list) counts[code] = (counts[code] ?? 0) + 1
  return counts
}

/** Whatever can be asked of a collection. */
async function allOf(collection: Collection): Promise<unknown> {
  const metrics = ['visitors', 'visits', 'pageviews', 'events', 'bounce_rate']
  return [
    await exported(collection),
    await collection.count(),
    await collection.countBy('page', '/0'),
    await collection.countBy('plan', '5'),
    await collection.countBy('name', 'signup'),
    await ask(collection, ['time:day', 'event:name'], ['events', 'pageviews', 'visitors']),
    await ask(collection, ['visit:source'], metrics),
    await ask(collection, ['event:page'], ['events', 'scroll_depth', 'time_on_page', 'total_revenue']),
  ]
}

function question(
  dimensions: readonly string[],
  metrics: readonly string[] = ['events'],
  filters: readonly unknown[] = [],
): Readonly<Record<string, unknown>> {
  const day = (ago: number): string => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10)
  return { metrics, dimensions, filters, date_range: [day(7), day(-1)] }
}

async function ask(
  collection: Collection,
  dimensions: readonly string[],
  metrics: readonly string[] = ['events'],
): Promise<readonly (readonly unknown[])[]> {
  const { results } = await collection.query(readQuery(question(dimensions, metrics), collection.definition))
  return results.map((row) => [...row.dimensions, ...row.metrics])
}

async function askRefused(
  collection: Collection,
  dimensions: readonly string[],
  filters: readonly unknown[] = [],
): Promise<readonly (readonly unknown[])[]> {
  const query = readQuery(question(dimensions, ['events'], filters), collection.definition, refusedFields)
  const { results } = await collection.queryRefused(query)
  return results.map((row) => [...row.dimensions, ...row.metrics])
}

async function exported(collection: Collection): Promise<KeptEvent[]> {
  const events: KeptEvent[] = []
  for await (const one of collection.events({ range: {}, filters: [] })) events.push(one)
  return events
}

/** An event as it is read back. */
function kept({ received: _received, visitor: _visitor, dated: _dated, ...event }: Event): KeptEvent {
  return event
}
