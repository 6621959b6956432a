import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Collection, CollectionDefinition, TimeRange } from '../../src/collection.ts'
import type { Event, KeptEvent } from '../../src/event.ts'
import { definition, event } from '../support/event.ts'

/** Two ways to one collection, as two processes have it. */
export type OpenCollection = (definition: CollectionDefinition) => readonly [Collection, Collection]

/** What every collection must do, wherever it is kept. `runs`: how many random histories are tried. */
export function collectionContract(name: string, open: OpenCollection, runs = 25): void {
  const openOne = (settings: Readonly<Record<string, unknown>> = {}): Collection =>
    open(definition(settings))[0]

  describe(`collection: ${name}`, () => {
    test('a new one is empty', async () => {
      const collection = openOne()
      expect(await collection.isEmpty()).toBe(true)
      expect(await collection.count()).toBe(0)
      expect(await collection.countBy('page', '/')).toBe(0)
      expect(await exported(collection)).toEqual([])
    })

    test('what was added is counted at once, by everyone', async () => {
      const [one, two] = open(definition())
      await one.add([event({ page: '/a' }), event({ page: '/b' })])
      expect(await two.count()).toBe(2)
      await two.add([event({ page: '/a' })])
      expect(await one.countBy('page', '/a')).toBe(2)
      expect(await one.isEmpty()).toBe(false)
    })

    test('an id counts once, sent five times, at once, in batches and in another order', async () => {
      const [one, two] = open(definition())
      const events = Array.from({ length: 20 }, (_, i) => event({ page: `/${i % 3}` }))
      await Promise.all([
        one.add(events),
        two.add([...events].reverse()),
        ...events.map((single) => one.add([single])),
      ])
      await two.add(events.slice(5))
      await one.add(events)
      expect(await one.count()).toBe(20)
      expect(await two.countBy('page', '/0')).toBe(7)
      expect(await exported(one)).toHaveLength(20)
    })

    test('of events with one id the first holds', async () => {
      const collection = openOne({ groupBy: ['page', 'name'] })
      await collection.add([event({ id: 'same', page: '/first' })])
      await collection.add([event({ id: 'same', page: '/second', name: 'other', time: 5 })])
      expect(await collection.countBy('page', '/second')).toBe(0)
      expect(await exported(collection)).toMatchObject([{ page: '/first' }])
    })

    test('a page is counted by path on any host, and by URL on its host', async () => {
      const collection = openOne()
      await collection.add([
        event({ page: '/a', hostname: 'one.example' }),
        event({ page: '/a', hostname: 'two.example' }),
        event({ page: '/a' }),
      ])
      expect(await collection.countBy('page', '/a')).toBe(3)
      expect(await collection.countBy('page', 'https://one.example/a')).toBe(1)
      expect(await collection.countBy('page', 'https://one.example:8080/a#there')).toBe(1)
      expect(await collection.countBy('page', 'https://three.example/a')).toBe(0)
    })

    test('attributes are counted by their text; an event without one counts nowhere', async () => {
      const collection = openOne({ attributes: ['plan', 'seats'], groupBy: ['plan', 'seats', 'country'] })
      await collection.add([
        event({ attributes: { plan: 'pro', seats: 5 }, country: 'DE' }),
        event({ attributes: { plan: '__proto__' } }),
        event(),
      ])
      expect(await collection.countBy('plan', 'pro')).toBe(1)
      expect(await collection.countBy('plan', '__proto__')).toBe(1)
      expect(await collection.countBy('plan', 'constructor')).toBe(0)
      expect(await collection.countBy('plan', 'undefined')).toBe(0)
      expect(await collection.countBy('seats', '5')).toBe(1)
      expect(await collection.countBy('country', 'DE')).toBe(1)
    })

    test('engagement is kept but not counted', async () => {
      const collection = openOne()
      await collection.add([event({ name: 'engagement', ms: 1000 })])
      expect(await collection.count()).toBe(0)
      expect(await collection.countBy('page', '/')).toBe(0)
      expect(await collection.isEmpty()).toBe(false)
    })

    test('events come back whole, in order of time, within a range', async () => {
      const collection = openOne({ attributes: ['plan'] })
      const late = event({ time: 3000, revenue: { amount: '12.50', currency: 'EUR' }, interactive: false })
      const early = event({
        time: 1000,
        props: { ['__proto__']: 'x', 'a b': 1, yes: true },
        attributes: { plan: 'é😀' },
      })
      const middle = event({ time: 2000, title: '"quoted" \\ \u2028' })
      await collection.add([late, early])
      await collection.add([middle])
      expect(await exported(collection)).toEqual([early, middle, late].map(kept))
      expect(await exported(collection, { from: 1001, to: 3000 })).toEqual([kept(middle)])
    })

    test('a batch that is larger than an entry may be is kept whole', async () => {
      const collection = openOne()
      const events = Array.from({ length: 300 }, (_, i) =>
        event({ props: { text: String(i).padEnd(2000, 'é') } }),
      )
      await collection.add(events)
      expect(await collection.count()).toBe(300)
      expect(await exported(collection)).toEqual(events.map(kept))
    })

    test('clearing forgets events and ids, for everyone', async () => {
      const [one, two] = open(definition())
      const first = event()
      await one.add([first, event()])
      expect(await two.count()).toBe(2)
      await two.clear()
      expect(await one.count()).toBe(0)
      expect(await one.isEmpty()).toBe(true)
      await one.add([first])
      expect(await two.count()).toBe(1)
    })

    test('any history of adding, sending again, counting and clearing is that of a plain list', {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          await replay(steps, open(definition({ groupBy: ['page', 'name'] })))
        }),
        { numRuns: runs },
      )
    })
  })
}

type Step =
  | {
      readonly do: 'add'
      readonly by: 0 | 1
      readonly events: readonly (readonly [id: number, page: number, name: number])[]
    }
  | { readonly do: 'count'; readonly by: 0 | 1; readonly page: number }
  | { readonly do: 'clear'; readonly by: 0 | 1 }

const by = fc.constantFrom<0 | 1>(0, 1)
const small = fc.nat({ max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      by,
      events: fc.array(fc.tuple(fc.nat({ max: 15 }), small, small), { maxLength: 5 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('count' as const), by, page: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), by }) },
)

const names = ['pageview', 'signup', 'engagement', 'constructor']

/** Replays a history on a collection and on a list, and compares after every question and at the end. */
async function replay(steps: readonly Step[], ways: readonly [Collection, Collection]): Promise<void> {
  let list: Event[] = []
  const compare = async (collection: Collection, page: string): Promise<void> => {
    const counted = list.filter(({ name }) => name !== 'engagement')
    expect(await collection.count()).toBe(counted.length)
    expect(await collection.countBy('page', page)).toBe(counted.filter((one) => one.page === page).length)
    expect(await collection.countBy('name', 'constructor')).toBe(
      counted.filter((one) => one.name === 'constructor').length,
    )
  }
  for (const one of steps) {
    const collection = ways[one.by]
    if (one.do === 'clear') {
      await collection.clear()
      list = []
    } else if (one.do === 'count') await compare(collection, `/${one.page}`)
    else {
      const events = one.events.map(([id, page, name]) =>
        event({ id: `id${id}`, page: `/${page}`, name: names[name] ?? '' }),
      )
      await collection.add(events)
      for (const added of events) if (!list.some(({ id }) => id === added.id)) list.push(added)
    }
  }
  for (const collection of ways) await compare(collection, '/0')
  const ids = (await exported(ways[0])).map(({ id }) => id)
  expect([...ids].sort()).toEqual(list.map(({ id }) => id).sort())
}

async function exported(collection: Collection, range: TimeRange = {}): Promise<KeptEvent[]> {
  const events: KeptEvent[] = []
  for await (const one of collection.events({ range, filters: [] })) events.push(one)
  return events
}

/** An event as it is read back. */
function kept({ received: _received, visitor: _visitor, dated: _dated, ...event }: Event): KeptEvent {
  return event
}
