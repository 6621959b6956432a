import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readQuery } from '../../src/asking/query-reader.ts'
import { createCalendar } from '../../src/calendar.ts'
import type { CollectionDefinition } from '../../src/collection.ts'
import { answer } from '../../src/engine/answer.ts'
import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import type { Days } from '../../src/engine/days.ts'
import { hashId, lowHalf } from '../../src/engine/id-hash.ts'
import { OpenDay } from '../../src/engine/open-day.ts'
import { toRecord } from '../../src/engine/record.ts'
import { SealedDay } from '../../src/engine/sealed-day.ts'
import { encodeSegment, NAMES_LIMIT, type Parts } from '../../src/engine/segment.ts'
import type { Event } from '../../src/event.ts'
import { answer as answerByDefinition, withoutWords } from '../support/model.ts'
import { type Case, cases } from '../support/questions.ts'

/** How many random cases are tried; more by setting CASES. */
const runs = Number(process.env.CASES ?? 2000)

describe('any question is answered as by definition', () => {
  test('from open days, in any order of arrival', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.infiniteStream(fc.nat()), async (one, numbers) => {
        const days = openDays(one.definition, shuffled(one.events, numbers))
        await compare(one, { all: days, erased: [], droppedBefore: undefined })
      }),
      { numRuns: runs },
    )
  })

  test('from sealed days', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const days = openDays(one.definition, one.events)
        const all = await Promise.all(
          days.map(async (day) =>
            reread(
              await encodeSegment(await day.snapshot().canonical(async () => {}), {
                timezone: one.definition.timezone,
                namesLimit: NAMES_LIMIT,
                breathe: async () => {},
                codec: streamCodec,
              }),
              day,
            ),
          ),
        )
        await compare(one, { all, erased: [], droppedBefore: undefined })
      }),
      { numRuns: runs },
    )
  })

  test('from sealed days with summaries, however small', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const days = openDays(one.definition, one.events)
        const all = await Promise.all(
          days.map(async (day) =>
            reread(
              await encodeSegment(await day.snapshot().canonical(async () => {}), {
                timezone: one.definition.timezone,
                namesLimit: NAMES_LIMIT,
                summaryFrom: 0,
                breathe: async () => {},
                codec: streamCodec,
              }),
              day,
            ),
          ),
        )
        await compare(one, { all, erased: [], droppedBefore: undefined })
      }),
      { numRuns: runs },
    )
  })
})

async function compare({ definition, events, now, document }: Case, days: Days): Promise<void> {
  const query = readQuery(document, definition)
  const expected = answerByDefinition(events, definition, query, now)
  const { results, meta } = await answer(query, days, {
    definition,
    now,
    breathe: async () => {},
  })
  expect(withoutWords(results)).toEqual(withoutWords(expected.results))
  if (query.include.totalRows) expect(meta.total_rows).toBe(expected.totalRows)
  if (query.include.timeLabels) expect([...(meta.time_labels ?? [])].sort()).toEqual(expected.timeLabels)
}

function openDays(definition: CollectionDefinition, events: readonly Event[]): OpenDay[] {
  const calendar = createCalendar(definition.timezone)
  const days = new Map<string, OpenDay>()
  for (const event of events) {
    const { date, start } = calendar(event.time)
    const day = days.get(date) ?? new OpenDay(date, start)
    days.set(date, day)
    day.add(toRecord(event), hashId(event.id), lowHalf)
  }
  return [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1))
}

/** A segment's day, read through a cache too small to keep anything. */
function reread(parts: Parts, { date, count }: OpenDay): SealedDay {
  const read = async (names: readonly string[]): Promise<Parts> =>
    new Map([...parts].filter(([name]) => names.includes(name)))
  return new SealedDay({ date, count, key: date, codec: streamCodec, cache: createCache(0), read })
}

function shuffled<T>(items: readonly T[], numbers: Iterable<number>): T[] {
  const random = numbers[Symbol.iterator]()
  return items
    .map((item) => [Number(random.next().value), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}
