import { expect, test } from 'vitest'
import { readQuery } from '../../src/asking/query-reader.ts'
import type { Collection } from '../../src/collection.ts'
import { OTHER } from '../../src/dimension.ts'
import { PROPS_LIMIT } from '../../src/engine/day.ts'
import { journalCollection } from '../../src/store/journal-collection.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { definition, event } from '../support/event.ts'
import { journalOptions } from '../support/journal.ts'

const NOON = Date.UTC(2026, 2, 1, 12)
const DATE = '2026-03-01'
/** Names that a day keeps while it lasts. */
const OPEN_NAMES = 100_000

/** Two processes on one store, and the clock of both. */
function processes(own = definition({ attributes: ['plan'], goals: [] })) {
  const store = memoryStore()
  const clock = { now: NOON }
  const open = (): Collection =>
    journalCollection(own, { ...journalOptions(store, { now: () => clock.now, sealAt: 1 }), store })
  const ask = async (collection: Collection, dimension: string) => {
    const query = {
      metrics: ['events'],
      dimensions: [dimension],
      date_range: [DATE, DATE],
      include: { total_rows: true },
      pagination: { limit: 3 },
    }
    const { results, meta } = await collection.query(readQuery(query, own))
    return { rows: results.map(({ dimensions, metrics }) => [...dimensions, ...metrics]), meta }
  }
  return { open, ask, clock }
}

const at = (i: number, more: object) => event({ id: `e${i}`, time: NOON, received: NOON, page: '/', ...more })

test('new names of properties without end are one, declared attributes and totals stay', async () => {
  const { open, ask } = processes()
  const first = open()
  const many = PROPS_LIMIT + 50
  await first.add(
    Array.from({ length: many }, (_, i) =>
      at(i, { props: { [`p${i}`]: i }, attributes: { plan: `plan ${i}` } }),
    ),
  )
  for (const isSealed of [false, true]) {
    if (isSealed) await first.seal()
    // Whoever comes after the seal has only the segment.
    const collection = isSealed ? open() : first
    expect(await collection.count()).toBe(many)
    expect((await ask(collection, 'event:props:plan')).meta.total_rows).toBe(many)
    const kept = await ask(collection, `event:props:p${PROPS_LIMIT - 1}`)
    expect(kept.rows).toEqual([
      ['(none)', many - 1],
      [String(PROPS_LIMIT - 1), 1],
    ])
    const lost = await ask(collection, `event:props:p${PROPS_LIMIT}`)
    expect(lost.rows).toEqual([['(none)', many]])
    expect(lost.meta.other).toEqual([`event:props:p${PROPS_LIMIT}`])
    let others = 0
    for await (const { props } of collection.events({ range: {}, filters: [] }))
      if (props?.[OTHER] === OTHER) others++
    expect(others).toBe(many - PROPS_LIMIT)
  }
})

test('a day with too many pages keeps the frequent ones, and whoever sealed it answers as everybody does', async () => {
  const { open, ask, clock } = processes()
  const [sealer, other] = [open(), open()]
  const junk = OPEN_NAMES + 500
  for (let from = 0; from < junk; from += 10_000)
    await sealer.add(
      Array.from({ length: Math.min(10_000, junk - from) }, (_, i) =>
        at(from + i, { page: `/junk/${from + i}` }),
      ),
    )
  await sealer.add([0, 1, 2].map((i) => at(junk + i, { page: '/real' })))
  await sealer.seal()
  const answers = await Promise.all([sealer, other].map((collection) => ask(collection, 'event:page')))
  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]?.rows.slice(0, 2)).toEqual([
    [OTHER, 501],
    ['/real', 3],
  ])
  expect(answers[0]?.meta).toMatchObject({ total_rows: OPEN_NAMES + 1, other: ['event:page'] })
  // An event that comes after the day has ended: it is sealed anew, for good.
  clock.now += 20 * 3_600_000
  await other.add([at(junk + 3, { page: '/real' })])
  await other.seal()
  const { rows, meta } = await ask(sealer, 'event:page')
  expect(rows.slice(0, 2)).toEqual([
    [OTHER, junk - 9_999],
    ['/real', 4],
  ])
  expect(meta.total_rows).toBe(10_001)
  expect(await sealer.count()).toBe(junk + 4)
}, 60_000)

test('numbers are kept beside the names of a day that is over: percentiles of them stay exact', async () => {
  const { open, clock } = processes()
  const own = definition({ attributes: ['plan'], goals: [] })
  const collection = open()
  const many = 15_000
  const lots = Array.from({ length: many }, (_, i) => at(i, { props: { lcp: i + 0.5, junk: `name ${i}` } }))
  await collection.add(lots)
  clock.now += 20 * 3_600_000
  await collection.seal()
  const ask = async (metrics: readonly string[]) => {
    const query = { metrics, date_range: [DATE, DATE] }
    const { results, meta } = await open().query(readQuery(query, own))
    return { values: results[0]?.metrics, meta }
  }
  const { values, meta } = await ask(['p50(props:lcp)', 'p99(props:lcp)', 'max(props:lcp)'])
  expect(values).toEqual([7499.5, 14_849.5, 14_999.5])
  expect(meta.other).toEqual([])
  const junk = await ask(['events', 'p50(props:junk)'])
  expect(junk.meta).toMatchObject({
    metrics: { events: { method: 'exact' }, 'p50(event:props:junk)': { method: 'partial' } },
    other: ['event:props:junk'],
  })
}, 60_000)
