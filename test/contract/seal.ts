import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFilters, readQuery } from '../../src/asking/query-reader.ts'
import type { Collection, CollectionDefinition, TimeRange } from '../../src/collection.ts'
import type { Event, KeptEvent } from '../../src/event.ts'
import type { JournalOptions } from '../../src/store/journal-stream.ts'
import { definition, event } from '../support/event.ts'
import { answer as answerByDefinition, withoutWords } from '../support/model.ts'
import { type Case, cases } from '../support/questions.ts'

/** Two ways to one collection, as two processes have it, with a clock and a threshold of the test's own. */
export type OpenSealed = (
  definition: CollectionDefinition,
  settings: Partial<JournalOptions>,
) => readonly [Collection, Collection]

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon of a day in UTC. */
const NOON = Date.UTC(2026, 4, 20, 12)

/** What sealing must do to a collection, wherever it is kept: nothing that a question could tell. */
export function sealContract(name: string, open: OpenSealed, runs = Number(process.env.CASES ?? 15)): void {
  const at = (time: number, fields: Partial<Event> = {}): Event => event({ time, received: time, ...fields })

  function openAt(
    now: () => number,
    settings: Readonly<Record<string, unknown>> = {},
  ): readonly [Collection, Collection] {
    return open(definition(settings), { now, sealAt: 1 })
  }

  describe(`sealing: ${name}`, () => {
    test('changes no answer, no count and no export', async () => {
      const now = (): number => NOON + DAY
      // A question seals what is long: before `seal` nothing may be.
      const [one, two] = open(definition(), { now, sealAt: Number.POSITIVE_INFINITY })
      const events = [
        at(NOON, {
          visitor: '00000000000000aa',
          page: '/a',
          hostname: 'x.example',
          source: 'Google',
          props: { plan: 'pro', n: 1 },
        }),
        at(NOON + 60_000, {
          visitor: '00000000000000aa',
          page: '/b',
          hostname: 'x.example',
          source: 'Mail',
          revenue: { amount: '0.10', currency: 'EUR' },
        }),
        at(NOON + 90_000, {
          visitor: '00000000000000aa',
          page: '/b',
          name: 'engagement',
          ms: 3000,
          depth: 70,
          hostname: 'x.example',
        }),
        at(NOON + 5 * HOUR, {
          visitor: '00000000000000bb',
          page: '/a',
          hostname: 'y.example',
          interactive: false,
          name: 'passive',
        }),
        at(NOON + 6 * HOUR, { page: '/nobody', attributes: { ['__proto__']: 'x' } }),
        at(NOON + DAY, { visitor: '00000000000000cc', page: '/a' }),
      ]
      await one.add(events)
      const before = await everythingOf(two)
      await one.seal()
      expect(await everythingOf(one)).toEqual(before)
      expect(await everythingOf(two)).toEqual(before)
      expect((await exported(one)).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    })

    test('an id that was sealed counts once, whatever comes with it', async () => {
      const [one, two] = openAt(() => NOON + 2 * HOUR)
      const first = at(NOON, { id: 'same', page: '/first' })
      await one.add([first])
      await one.seal()
      await one.add([first, at(NOON - 2 * DAY, { id: 'same', page: '/second' })])
      await two.add([first])
      expect(await one.count()).toBe(1)
      await two.seal()
      expect(await two.count()).toBe(1)
      expect(await exported(one)).toMatchObject([{ page: '/first' }])
    })

    test('ids and visitors are forgotten 48 hours after receipt, dated ids are not', async () => {
      let now = NOON + HOUR
      const [one, two] = openAt(() => now)
      await one.add([
        at(NOON, { id: 'recent', visitor: '00000000000000aa' }),
        at(NOON, { id: 'dated', dated: true }),
      ])
      await one.seal()
      now = NOON + 49 * HOUR
      await one.seal()
      await two.add([at(now, { id: 'recent' }), at(now, { id: 'dated' })])
      expect(await two.count()).toBe(3)
      expect((await exported(one)).map(({ id }) => id).sort()).toEqual(['dated', 'recent', undefined])
    })

    test('a retry that lies in the journal does not count again when its id is forgotten', async () => {
      let now = NOON
      const own = definition()
      const ways = () => open(own, { now: () => now, sealAt: 1 })
      const [one] = ways()
      await one.add([at(NOON - DAY, { id: 'retried', received: NOON })])
      await one.seal()
      await one.add([at(NOON - DAY, { id: 'retried', received: NOON })])
      now = NOON + 49 * HOUR
      await one.seal()
      for (const way of [one, ...ways()]) expect(await way.count()).toBe(1)
      expect(await exported(one)).toEqual([expect.not.objectContaining({ id: 'retried' })])
    })

    test('late events go into their day and visit', async () => {
      const [one, two] = openAt(() => NOON + 14 * HOUR)
      await one.add([
        at(NOON, { visitor: '00000000000000aa', page: '/in' }),
        at(NOON + HOUR, { visitor: '00000000000000aa', page: '/out' }),
      ])
      await one.seal()
      const late = at(NOON + HOUR / 2, { visitor: '00000000000000aa', page: '/between' })
      await two.add([late])
      const ask = async (collection: Collection) =>
        (await collection.query(queryOf(collection, { metrics: ['visits', 'pageviews'] }))).results[0]
          ?.metrics
      expect(await ask(one)).toEqual([1, 3])
      await two.seal()
      expect(await ask(one)).toEqual([1, 3])
      expect(await ask(two)).toEqual([1, 3])
    })

    test('days past the retention are dropped, and the report says so', async () => {
      const [one, two] = openAt(() => NOON, { retention: 3 })
      await one.add([at(NOON - 5 * DAY), at(NOON - 2 * DAY), at(NOON)])
      await one.seal()
      expect(await two.count()).toBe(2)
      const report = await two.query(
        queryOf(two, { metrics: ['events'], date_range: ['2026-05-10', '2026-05-20'] }),
      )
      expect(report.results[0]?.metrics).toEqual([2])
      expect(report.meta.erased).toEqual([['2026-05-10', '2026-05-16']])
    })

    test('erased events are gone and do not come back by a retry', async () => {
      const [one, two] = openAt(() => NOON + HOUR)
      const events = [
        at(NOON, { page: '/secret' }),
        at(NOON - DAY, { page: '/secret' }),
        at(NOON, { page: '/open' }),
      ]
      await one.add(events)
      await one.seal()
      await one.add([at(NOON + 1, { page: '/secret' })])
      const filters = readFilters([['is', 'event:page', ['/secret']]], one.definition)
      expect(await two.erase({ range: {}, filters })).toBe(3)
      expect(await one.count()).toBe(1)
      await one.add(events)
      expect(await two.count()).toBe(1)
      expect(await exported(one)).toMatchObject([{ page: '/open' }])
      const { meta } = await one.query(
        queryOf(one, { metrics: ['events'], date_range: ['2026-05-18', '2026-05-21'] }),
      )
      expect(meta.erased).toEqual([['2026-05-19', '2026-05-20']])
      expect(await two.erase({ range: { from: NOON - 7 * DAY, to: NOON + DAY }, filters: [] })).toBe(1)
      expect(await one.count()).toBe(0)
    })

    test('names of properties are known of sealed days and open ones', async () => {
      const [one, two] = openAt(() => NOON + DAY)
      await one.add([at(NOON - DAY, { props: { plan: 'pro', ['__proto__']: 1 } }), at(NOON - DAY)])
      await one.seal()
      expect(await two.properties()).toEqual(['__proto__', 'plan'])
      await one.add([at(NOON, { props: { 'a b': true, plan: 'free' } })])
      expect(await two.properties()).toEqual(['__proto__', 'a b', 'plan'])
      await one.erase({ range: { to: NOON - HOUR }, filters: [] })
      expect(await two.properties()).toEqual(['a b', 'plan'])
    })

    test('clearing forgets segments too', async () => {
      const [one, two] = openAt(() => NOON + HOUR)
      const first = at(NOON)
      await one.add([first])
      await one.seal()
      await two.clear()
      expect(await one.count()).toBe(0)
      expect(await one.isEmpty()).toBe(true)
      await one.add([first])
      expect(await two.count()).toBe(1)
    })

    test('two that seal at once, while events come in, lose nothing and count nothing twice', async () => {
      const [one, two] = openAt(() => NOON + 30 * HOUR)
      const events = Array.from({ length: 60 }, (_, i) =>
        at(NOON + i * 60_000, { page: `/${i % 7}`, visitor: `00000000000000${10 + (i % 5)}` }),
      )
      const work = events.map(async (each, i) => {
        await (i % 2 ? one : two).add([each])
        if (i % 5 === 0) await Promise.all([one.seal(), two.seal()])
        if (i % 3 === 0) await (i % 2 ? two : one).query(queryOf(one, { metrics: ['visitors'] }))
      })
      await Promise.all(work)
      await two.seal()
      expect(await one.count()).toBe(60)
      expect(await two.count()).toBe(60)
      expect((await exported(one)).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    })

    test('any question has the same answer as by definition, however much is sealed', {
      timeout: 300_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(
          cases,
          fc.array(fc.constantFrom('one', 'two', 'seal'), { minLength: 8, maxLength: 8 }),
          compareSealed,
        ),
        { numRuns: runs },
      )
    })

    /** Adds a case's events in pieces, by turns and twice each, with seals between, and asks its question. */
    async function compareSealed(
      { definition: own, events, now, document }: Case,
      steps: readonly string[],
    ): Promise<void> {
      const fresh = { ...own, name: definition().name }
      const [one, two] = open(fresh, { now: () => now, sealAt: 1 })
      const size = Math.ceil(events.length / steps.length) || 1
      for (const [i, step] of steps.entries()) {
        // What comes now was received now: ids and visitors are known for 48 h from then.
        const piece = events.slice(i * size, (i + 1) * size).map((one) => ({ ...one, received: now }))
        await (step === 'two' ? two : one).add([...piece, ...piece])
        if (step === 'seal') await one.seal()
      }
      const query = readQuery(document, fresh)
      const expected = withoutWords(answerByDefinition(events, fresh, query, now).results)
      for (const collection of [one, two])
        expect(withoutWords((await collection.query(query)).results)).toEqual(expected)
    }
  })
}

function queryOf({ definition: own }: Collection, query: Readonly<Record<string, unknown>>) {
  return readQuery({ date_range: ['2026-05-01', '2026-05-31'], ...query }, own)
}

/** All that can be asked of a small collection. */
async function everythingOf(collection: Collection): Promise<unknown> {
  const questions = [
    {
      metrics: [
        'visitors',
        'visits',
        'pageviews',
        'events',
        'bounce_rate',
        'visit_duration',
        'total_revenue',
      ],
    },
    { metrics: ['visitors', 'events', 'time_on_page', 'scroll_depth'], dimensions: ['event:page'] },
    { metrics: ['visitors', 'pageviews'], dimensions: ['visit:source', 'event:hostname'] },
    { metrics: ['events'], dimensions: ['time:hour', 'event:props:plan', 'event:props:n'] },
  ]
  const reports = []
  for (const question of questions)
    reports.push((await collection.query(queryOf(collection, question))).results)
  const counts = [
    await collection.count(),
    await collection.countBy('page', '/a'),
    await collection.countBy('page', 'https://x.example/a'),
    await collection.countBy('page', 'https://y.example/b'),
    await collection.countBy('source', 'Mail'),
    await collection.countBy('name', 'passive'),
  ]
  return { reports, counts, events: await exported(collection) }
}

async function exported(collection: Collection, range: TimeRange = {}): Promise<KeptEvent[]> {
  const events: KeptEvent[] = []
  for await (const one of collection.events({ range, filters: [] })) events.push(one)
  return events
}
