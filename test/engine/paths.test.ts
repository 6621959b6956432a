import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFunnel, readJourneys } from '../../src/asking/path-reader.ts'
import { createCalendar } from '../../src/calendar.ts'
import type { CollectionDefinition } from '../../src/collection.ts'
import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { countSteps } from '../../src/engine/count-steps.ts'
import type { DaySource } from '../../src/engine/day.ts'
import type { Days } from '../../src/engine/days.ts'
import { findJourneys } from '../../src/engine/find-journeys.ts'
import { hashId, lowHalf } from '../../src/engine/id-hash.ts'
import { OpenDay } from '../../src/engine/open-day.ts'
import { toRecord } from '../../src/engine/record.ts'
import { SealedDay } from '../../src/engine/sealed-day.ts'
import { encodeSegment, NAMES_LIMIT } from '../../src/engine/segment.ts'
import { createWayTree } from '../../src/engine/way-tree.ts'
import type { Event } from '../../src/event.ts'
import { stepsByDefinition, waysByDefinition } from '../support/paths-model.ts'
import { definitionAt, eventsAt, places, rangesAt, someFilters, topFilter } from '../support/questions.ts'

/** How many random cases are tried; more by setting CASES. */
const runs = Number(process.env.CASES ?? 1000)

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('/', '/blog', '/pricing').map((page) => ['is', 'page', [page]]) },
  { weight: 2, arbitrary: fc.constantFrom('signup', 'purchase').map((name) => ['is', 'name', [name]]) },
  topFilter,
)
const stepFilters = fc.array(step, { minLength: 1, maxLength: 2 })

const cases = fc.constantFrom(...places).chain((place) =>
  fc.record({
    definition: fc.constant(definitionAt(place)),
    events: eventsAt(place),
    isSealed: fc.boolean(),
    common: fc.record({
      within: fc.constantFrom('visit', 'visitor'),
      date_range: fc.oneof(fc.constant('all'), rangesAt(place)),
      filters: fc.oneof(fc.constant([]), someFilters),
    }),
    steps: fc.array(stepFilters, { minLength: 2, maxLength: 4 }),
    ways: fc.record({
      of: fc.constantFrom('page', 'event'),
      steps: fc.integer({ min: 2, max: 5 }),
      end: fc.constantFrom('from', 'to', undefined),
      filters: stepFilters,
    }),
  }),
)

test('funnels are counted as by definition, on open and on sealed days', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ definition, events, isSealed, common, steps }) => {
      const funnel = readFunnel({ ...common, steps }, definition)
      const now = lastOf(events)
      const days = await daysOf(definition, events, isSealed)
      const { results } = await countSteps(funnel, days, { definition, now, breathe })
      const expected = stepsByDefinition(events, definition, funnel, now)
      expect(results.map(({ visits, visitors }) => visits ?? visitors)).toEqual(expected)
      expect(results.map(({ dropped }) => dropped)).toEqual(
        expected.map((count, i) => (expected[i - 1] ?? count) - count),
      )
    }),
    { numRuns: runs },
  )
})

test('journeys are found as by definition, on open and on sealed days', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ definition, events, isSealed, common, ways }) => {
      const { of, steps, end, filters } = ways
      const journeys = readJourneys({ ...common, of, steps, ...(end && { [end]: filters }) }, definition)
      const now = lastOf(events)
      const days = await daysOf(definition, events, isSealed)
      const { results, meta } = await findJourneys(journeys, days, { definition, now, breathe })
      const expected = waysByDefinition(events, definition, journeys, now)
      const found = results.map(({ path, visits, visitors }) => [JSON.stringify(path), visits ?? visitors])
      expect(new Map(found as [string, number][])).toEqual(expected)
      expect(meta.total_rows).toBe(expected.size)
      const counts = found.map(([, count]) => Number(count))
      expect(counts).toEqual([...counts].sort((a, b) => b - a))
      const first = await findJourneys({ ...journeys, limit: 2 }, days, { definition, now, breathe })
      expect(first.results).toEqual(results.slice(0, 2))
    }),
    { numRuns: runs },
  )
})

test('a tree of ways has a limit, and knows those that are taken most', () => {
  const tree = createWayTree(4, () => {
    throw new Error('full')
  })
  for (const steps of [[1, 2], [1, 2], [1], [1, 3], [2]]) tree.take(steps)
  expect([tree.size, tree.total]).toEqual([4, 5])
  expect(tree.frequent(1)).toEqual([{ steps: [1, 2], count: 2 }])
  expect(tree.frequent(2)).toHaveLength(4)
  expect(() => tree.take([3])).toThrow('full')
})

async function breathe(): Promise<void> {}

function lastOf(events: readonly Event[]): number {
  return Math.max(...events.map(({ time }) => time))
}

async function daysOf(
  definition: CollectionDefinition,
  events: readonly Event[],
  isSealed: boolean,
): Promise<Days> {
  const calendar = createCalendar(definition.timezone)
  const days = new Map<string, OpenDay>()
  for (const event of events) {
    const { date, start } = calendar(event.time)
    const day = days.get(date) ?? new OpenDay(date, start)
    days.set(date, day)
    day.add(toRecord(event), hashId(event.id), lowHalf)
  }
  const open = [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1))
  const all = isSealed ? await Promise.all(open.map((day) => sealed(day, definition.timezone))) : open
  return { all, erased: [], droppedBefore: undefined }
}

async function sealed(day: OpenDay, timezone: string): Promise<DaySource> {
  const parts = await encodeSegment(await day.snapshot().canonical(breathe), {
    timezone,
    namesLimit: NAMES_LIMIT,
    breathe,
    codec: streamCodec,
  })
  return new SealedDay({
    date: day.date,
    count: day.count,
    key: day.date,
    codec: streamCodec,
    cache: createCache(0),
    read: async (names) => new Map([...parts].filter(([name]) => names.includes(name))),
  })
}
