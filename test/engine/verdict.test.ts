import { expect, test } from 'vitest'
import { readQuery } from '../../src/asking/query-reader.ts'
import { refusedFields } from '../../src/dimension.ts'
import { answer } from '../../src/engine/answer.ts'
import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import type { DaySource } from '../../src/engine/day.ts'
import { hashId, lowHalf } from '../../src/engine/id-hash.ts'
import { OpenDay } from '../../src/engine/open-day.ts'
import { type EventRecord, toRecord } from '../../src/engine/record.ts'
import { eventsOf } from '../../src/engine/rows.ts'
import { SealedDay } from '../../src/engine/sealed-day.ts'
import { encodeSegment } from '../../src/engine/segment.ts'
import { definition, event } from '../support/event.ts'

const start = Date.UTC(2026, 4, 20)
const own = definition()
const breathe = async (): Promise<void> => {}

const refused = [
  { ...event({ time: start, page: '/a' }), refusal: 'bot', bot: 'GPTBot' },
  { ...event({ time: start + 1, page: '/a', zone: 'Europe/Paris' }), refusal: 'bot', bot: 'curl' },
  { ...event({ time: start + 2, page: '/b', title: 'B' }), refusal: 'origin' },
]
const counted = event({ time: start + 3, page: '/a' })

/** A day as a journal gives it. */
const day = new OpenDay('2026-05-20', start)
for (const one of [...refused, counted]) {
  const record = JSON.parse(JSON.stringify(toRecord(one))) as EventRecord
  day.add(record, hashId(one.id), lowHalf)
}

async function sealed(): Promise<SealedDay> {
  const parts = await encodeSegment(await day.snapshot().canonical(breathe), {
    timezone: 'UTC',
    namesLimit: 10_000,
    breathe,
    codec: streamCodec,
    summaryFrom: 1,
  })
  return new SealedDay({
    date: day.date,
    count: day.count,
    key: 'verdict',
    codec: streamCodec,
    cache: createCache(1e6),
    read: async (names) => new Map([...parts].filter(([name]) => names.includes(name))),
  })
}

test('reason and bot are kept beside an event, in the journal, in an open day and in a segment', async () => {
  for (const full of [await day.view(), await (await sealed()).loadFull()])
    expect([...eventsOf(full)]).toEqual([...refused, counted].map(({ received: _received, ...kept }) => kept))
})

test('an event without them has a record that ends before them', () => {
  const last = toRecord(counted).length
  expect(toRecord({ ...counted, title: 'T', zone: 'Europe/Paris' }).length).toBeLessThan(
    toRecord({ ...counted, refusal: 'bot' }).length,
  )
  expect(last).toBeLessThan(toRecord({ ...counted, title: 'T' }).length)
})

test('they are dimensions and filters like any other', async () => {
  const ask = async (source: DaySource, dimensions: readonly string[], filters: readonly unknown[]) => {
    const question = { metrics: ['events'], date_range: ['2026-05-20', '2026-05-20'], dimensions, filters }
    const { results } = await answer(
      readQuery(question, own, refusedFields),
      { all: [source], erased: [], droppedBefore: undefined },
      { definition: own, now: start, breathe },
    )
    return results.map((row) => [...row.dimensions, ...row.metrics])
  }
  for (const source of [day, await sealed()]) {
    expect(await ask(source, ['event:refusal'], [])).toEqual([
      ['bot', 2],
      ['(not set)', 1],
      ['origin', 1],
    ])
    expect(await ask(source, ['event:bot', 'event:page'], [['is', 'refusal', ['bot']]])).toEqual([
      ['GPTBot', '/a', 1],
      ['curl', '/a', 1],
    ])
    expect(await ask(source, ['event:page'], [['matches', 'event:bot', ['^c']]])).toEqual([['/a', 1]])
  }
})
