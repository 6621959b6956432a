import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readQuery } from '../../src/asking/query-reader.ts'
import { answer } from '../../src/engine/answer.ts'
import { fromPlanes, pack, streamCodec, toPlanes, unpack } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { hashId, lowHalf } from '../../src/engine/id-hash.ts'
import { OpenDay } from '../../src/engine/open-day.ts'
import { createPairTable } from '../../src/engine/pair-table.ts'
import { toRecord } from '../../src/engine/record.ts'
import { SealedDay } from '../../src/engine/sealed-day.ts'
import { encodeSegment, type Parts } from '../../src/engine/segment.ts'
import type { Event } from '../../src/event.ts'
import { startOfDay } from '../../src/zone.ts'
import { definition, event } from '../support/event.ts'
import { eventsAt, places } from '../support/questions.ts'

const breathe = async (): Promise<void> => {}
const options = { timezone: 'UTC', namesLimit: 10_000, breathe, codec: streamCodec }

function dayOf(events: readonly Event[], start: number, before?: OpenDay): OpenDay {
  const date = new Date(start).toISOString().slice(0, 10)
  const day = before ?? new OpenDay(date, start)
  for (const one of events) day.add(toRecord(one), hashId(one.id), lowHalf)
  return day
}

function sealed(parts: Parts, { date, count }: OpenDay): SealedDay {
  const read = async (names: readonly string[]): Promise<Parts> =>
    new Map([...parts].filter(([name]) => names.includes(name)))
  return new SealedDay({ date, count, key: date, codec: streamCodec, cache: createCache(1e9), read })
}

describe('a segment', () => {
  const [place = { timezone: 'UTC', date: '2026-01-01' }] = places
  const start = startOfDay(place.date, 'UTC')
  const ofDay = eventsAt(place).map((events) => events.filter(({ time }) => time >= start))

  test('is the same to the byte, in whatever order, batches and repeated seals its events came', async () => {
    await fc.assert(
      fc.asyncProperty(ofDay, fc.array(fc.nat({ max: 30 }), { maxLength: 3 }), async (events, cuts) => {
        const expected = await encodeSegment(
          await dayOf(events, start).snapshot().canonical(breathe),
          options,
        )
        const shuffled = [...events].sort((a, b) => (hashId(a.id) < hashId(b.id) ? -1 : 1))
        let day = new OpenDay(place.date, start)
        let done = 0
        for (const cut of [...cuts.sort((a, b) => a - b), shuffled.length]) {
          const piece = shuffled.slice(done, cut)
          done = Math.max(done, cut)
          dayOf(piece, start, day)
          const parts = await encodeSegment(await day.snapshot().canonical(breathe), options)
          day = await OpenDay.after(await sealed(parts, day).loadFull())
        }
        expect(await encodeSegment(await day.snapshot().canonical(breathe), options)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  test('keeps the most frequent names and folds the rest into (other); totals stay exact', async () => {
    const events = Array.from({ length: 500 }, (_, i) =>
      event({
        time: start + i * 1000,
        visitor: i.toString(16).padStart(16, '0'),
        page: i < 300 ? `/often/${i % 10}` : `/once/${i}`,
      }),
    )
    const day = dayOf(events, start)
    const own = definition()
    const parts = await encodeSegment(await day.snapshot().canonical(breathe), { ...options, namesLimit: 12 })
    const source = sealed(parts, day)
    const ask = async (question: Readonly<Record<string, unknown>>) =>
      answer(
        readQuery({ date_range: [place.date, place.date], ...question }, own),
        { all: [source], erased: [], droppedBefore: undefined },
        { definition: own, now: start, breathe },
      )
    const { results, meta } = await ask({ metrics: ['visitors', 'pageviews'], dimensions: ['event:page'] })
    expect(results[0]).toEqual({ dimensions: ['(other)'], metrics: [198, 198] })
    expect(results).toHaveLength(13)
    expect(meta.other).toEqual(['event:page'])
    expect((await ask({ metrics: ['visitors', 'pageviews'] })).results).toEqual([
      { dimensions: [], metrics: [500, 500] },
    ])
    expect((await ask({ metrics: ['pageviews'], dimensions: ['visit:source'] })).meta.other).toEqual([])
  })

  test('a day that was folded takes new names into (other) when it is sealed again', async () => {
    const first = Array.from({ length: 30 }, (_, i) => event({ time: start + i, page: `/${i % 15}` }))
    const limits = { ...options, namesLimit: 10 }
    const parts = await encodeSegment(await dayOf(first, start).snapshot().canonical(breathe), limits)
    const day = await OpenDay.after(await sealed(parts, dayOf(first, start)).loadFull())
    dayOf([event({ time: start + 99, page: '/new' })], start, day)
    const again = await sealed(
      await encodeSegment(await day.snapshot().canonical(breathe), limits),
      day,
    ).counts('page')
    expect(again.get('(other)')).toBe(11)
    expect([...again.values()].reduce((sum, one) => sum + one, 0)).toBe(31)
  })
})

test('a day of more visits than are looked at in one go is counted whole', async () => {
  const start = Date.UTC(2026, 0, 1)
  const day = new OpenDay('2026-01-01', start)
  for (let i = 0; i < 70_000; i++) {
    const visitor = i.toString(16).padStart(16, '0')
    const one = event({ id: `v${i}`, time: start + i, visitor, page: `/${i % 2}` })
    day.add(toRecord(one), hashId(one.id), lowHalf)
  }
  const own = definition()
  const query = readQuery(
    {
      metrics: ['visitors', 'pageviews', 'bounce_rate'],
      dimensions: ['event:page'],
      date_range: ['2026-01-01', '2026-01-01'],
    },
    own,
  )
  let breaths = 0
  const context = { definition: own, now: start, breathe: async () => void breaths++ }
  const { results } = await answer(query, { all: [day], erased: [], droppedBefore: undefined }, context)
  expect(results.map(({ metrics }) => metrics)).toEqual([
    [35_000, 35_000, 100],
    [35_000, 35_000, 100],
  ])
  expect(breaths).toBeGreaterThan(1)
})

describe('bytes', () => {
  test('any numbers come back from planes', () => {
    const numbers = fc.array(
      fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 70_000 }), fc.nat({ max: 0xffffffff })),
    )
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const bytes = new Uint8Array([...toPlanes(Uint32Array.from(a)), ...toPlanes(Uint32Array.from(b))])
        expect(fromPlanes(bytes, [a.length, b.length]).map((one) => [...one])).toEqual([a, b])
      }),
    )
  })

  test('any payload comes back, and no changed byte goes unnoticed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(), async (payload, at) => {
        const packed = await pack(payload, streamCodec)
        expect(await unpack(packed, streamCodec)).toEqual(payload)
        const damaged = packed.slice()
        damaged[at % damaged.length] = (damaged[at % damaged.length] as number) ^ 0x40
        // A bit that deflate does not look at may change; what comes out may not.
        expect(await unpack(damaged, streamCodec).catch(() => payload)).toEqual(payload)
      }),
    )
  })
})

test('pairs are numbered as they are first met', () => {
  const table = createPairTable()
  const numbers = new Map<string, number>()
  for (let i = 0; i < 20_000; i++) {
    const [high, low] = [Math.imul(i % 7001, 0x9e3779b1) >>> 0, (i % 13) * 0x11111111]
    const key = `${high} ${low}`
    const expected = numbers.get(key) ?? numbers.size
    numbers.set(key, expected)
    expect(table.has(high, low)).toBe(expected < table.size)
    expect(table.put(high, low)).toBe(expected)
  }
  expect(table.put(0, 0)).toBe(numbers.get('0 0') ?? numbers.size)
})

test('ids of any likeness have hashes of their own', () => {
  const hashes = new Set<string>()
  for (let i = 0; i < 200_000; i++)
    for (const id of [`${i}`, `id-${i}`, `${i}-id`]) hashes.add(`${hashId(id)} ${lowHalf}`)
  expect(hashes.size).toBe(600_000)
})

test('a cache drops what was used longest ago, and keeps nothing larger than itself', () => {
  const cache = createCache(10)
  cache.set('a', 1, 4)
  cache.set('b', 2, 4)
  expect(cache.get('a')).toBe(1)
  cache.set('c', 3, 4)
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3])
  cache.set('d', 4, 11)
  expect(cache.get('d')).toBeUndefined()
  expect(cache.bytes).toBe(8)
})
