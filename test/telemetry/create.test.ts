import { describe, expect, test } from 'vitest'
import { unavailable } from '../../src/errors.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Documents } from '../../src/store/store.ts'
import { createTelemetry } from '../../src/telemetry/create.ts'
import { COLLECTIONS_LIMIT, series, type Telemetry } from '../../src/telemetry.ts'

const accepted = (collection: string): string => series('skerry_events', { collection, outcome: 'accepted' })

/** Processes that share a store, with a clock that stands until it is set. */
function processes(
  count: number,
  documents: Documents = memoryStore(),
  clock = { now: 1_000_000 },
): Telemetry[] {
  return Array.from({ length: count }, (_, i) =>
    createTelemetry({
      documents,
      now: () => clock.now,
      newId: () => crypto.randomUUID(),
      vitals: () => ({ process: `p${i}`, values: { skerry_cache_bytes: i } }),
    }),
  )
}

describe('what processes count together', () => {
  test('is one sum, whichever is asked, and never less than it was', async () => {
    const all = processes(3)
    let sent = 0
    let last = 0
    for (let round = 0; round < 30; round++) {
      all[round % 3]?.tally('skerry_events')('a', 'accepted', round)
      sent += round
      if (round % 5 === 0) await all[(round + 2) % 3]?.flush()
      const seen = (await all[(round * 7) % 3]?.read())?.get(accepted('a')) ?? 0
      expect(seen).toBeGreaterThanOrEqual(last)
      last = seen
    }
    for (const one of all) await one.flush()
    expect((await all[0]?.read())?.get(accepted('a'))).toBe(sent)
  })

  test('is exact when all hand on at once', async () => {
    const all = processes(5)
    for (const one of all) one.tally('skerry_events')('a', 'accepted', 1)
    await Promise.all(all.map((one) => one.flush()))
    expect((await all[0]?.read())?.get(accepted('a'))).toBe(5)
  })

  test('waits in the process while the store is away', async () => {
    const memory = memoryStore()
    let isAway = true
    const documents: Documents = {
      ...memory,
      documents: (kind) => (isAway ? Promise.reject(unavailable(new Error())) : memory.documents(kind)),
    }
    const [one] = processes(1, documents)
    one?.tally('skerry_events')('a', 'accepted', 3)
    await expect(one?.flush()).rejects.toThrow()
    expect(await one?.read()).toEqual(
      new Map([
        [series('skerry_cache_bytes', { process: 'p0' }), 0],
        [series('skerry_store_up'), 0],
      ]),
    )
    isAway = false
    const samples = await one?.read()
    expect([samples?.get(accepted('a')), samples?.get(series('skerry_store_up'))]).toEqual([3, 1])
  })

  test('counts once what the store took but did not say so', async () => {
    const memory = memoryStore()
    let lost = 0
    const documents: Documents = {
      ...memory,
      async replace(...args): Promise<boolean> {
        const isFirst = await memory.replace(...args)
        if (lost-- > 0) throw unavailable(new Error())
        return isFirst
      },
    }
    const [one, other] = processes(2, documents)
    for (let round = 0; round < 6; round++) {
      one?.tally('skerry_events')('a', 'accepted', 1)
      lost = round % 3
      await one?.flush().catch(() => {})
    }
    lost = 0
    for (const process of [one, one, other]) await process?.flush()
    expect((await other?.read())?.get(accepted('a'))).toBe(6)
  })

  test('tells what each process says of itself until it has not been heard for long', async () => {
    const clock = { now: 1_000_000 }
    const [one, other] = processes(2, memoryStore(), clock)
    await other?.flush()
    const cacheOf = (process: string): string => series('skerry_cache_bytes', { process })
    expect((await one?.read())?.get(cacheOf('p1'))).toBe(1)
    clock.now += 300_001
    const samples = await one?.read()
    expect([samples?.has(cacheOf('p1')), samples?.has(cacheOf('p0'))]).toEqual([false, true])
  })

  test('is handed on where there is something new, else now and then', async () => {
    const memory = memoryStore()
    let writes = 0
    const clock = { now: 1_000_000 }
    const replace: Documents['replace'] = (...args) => {
      writes++
      return memory.replace(...args)
    }
    const [one] = processes(1, { ...memory, replace }, clock)
    const step = async (work: () => void): Promise<number> => {
      writes = 0
      work()
      await one?.handOn()
      return writes
    }
    expect(await step(() => {})).toBe(1)
    expect(await step(() => {})).toBe(0)
    expect(await step(() => one?.count(series('skerry_commit_failures')))).toBe(1)
    expect(await step(() => one?.journal('a', { events: 1, lagMs: 0 }))).toBe(1)
    expect(await step(() => {})).toBe(0)
    expect(await step(() => (clock.now += 150_000))).toBe(1)
    expect(await step(() => (clock.now -= 10_000_000))).toBe(1)
  })

  test("has a journal's state from whoever looked last", async () => {
    const [one, other] = processes(2)
    one?.journal('a', { events: 5, lagMs: 0 })
    await one?.flush()
    other?.journal('a', { events: 7, lagMs: 2500 })
    await other?.flush()
    const samples = await one?.read()
    expect(samples?.get(series('skerry_journal_events', { collection: 'a' }))).toBe(7)
    expect(samples?.get(series('skerry_seal_lag_seconds', { collection: 'a' }))).toBe(2.5)
  })

  test('is bounded however many collections come and go', async () => {
    const documents = memoryStore()
    for (let round = 0; round < 4; round++) {
      const [one] = processes(1, documents)
      for (let i = 0; i < COLLECTIONS_LIMIT; i++) one?.tally('skerry_events')(`r${round}-${i}`, 'accepted', 1)
      await one?.flush()
    }
    const [one] = processes(1, documents)
    const names = [...((await one?.read()) ?? [])].filter(([name]) => name.startsWith('skerry_events'))
    expect(names.length).toBeLessThanOrEqual(COLLECTIONS_LIMIT + 2)
    expect(names.reduce((sum, [, value]) => sum + value, 0)).toBe(4 * COLLECTIONS_LIMIT)
  })
})
