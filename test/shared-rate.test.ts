import { expect, test } from 'vitest'
import type { LogLine } from '../src/log.ts'
import { createLimiter, type Limiter } from '../src/rate.ts'
import { createSalts } from '../src/salt.ts'
import { type SharedCount, sharedLimiter } from '../src/shared-rate.ts'
import { memoryStore } from '../src/store/memory.ts'
import { random } from './support/journal.ts'

const DAY = 86_400_000
const rate = { perSecond: 5, burst: 10 }
const store = memoryStore()
let time = 0
const now = (): number => time

/** One of several isolates over a store. */
function isolate(count: SharedCount, logged: LogLine[] = []): Limiter {
  const own = createLimiter(rate, { clock: now, random })
  const salts = createSalts({ documents: store, random, now })
  return sharedLimiter(own, { count, salts, now, log: (line) => logged.push(line) })
}

/** Counts that isolates share: so many of each name. */
function counting(limit: number): { count: SharedCount; names: Map<string, number> } {
  const names = new Map<string, number>()
  const count: SharedCount = async (nameOf) => {
    const name = await nameOf()
    names.set(name, (names.get(name) ?? 0) + 1)
    return (names.get(name) ?? 0) <= limit
  }
  return { count, names }
}

test('isolates count a client together, under a name that is not its address and that another day changes', async () => {
  const { count, names } = counting(12)
  const [a, b] = [isolate(count), isolate(count)]
  for (let i = 0; i < 6; i++) expect([await a.take('192.0.2.1'), await b.take('192.0.2.1')]).toEqual([0, 0])
  expect(await a.take('192.0.2.1')).toBe(2000)
  expect(await a.take('192.0.2.2')).toBe(0)
  expect([...names.values()]).toEqual([13, 1])
  expect([...names.keys()].join()).toMatch(/^[0-9a-f]{16},[0-9a-f]{16}$/)
  time = DAY
  expect(await a.take('192.0.2.1')).toBe(0)
  expect(names.size).toBe(3)
})

test('who sends too fast for one isolate is not counted elsewhere', async () => {
  const { count, names } = counting(1_000)
  const one = isolate(count)
  for (let i = 0; i < 10; i++) await one.take('192.0.2.9')
  expect(await one.take('192.0.2.9')).toBe(200)
  expect([...names.values()]).toEqual([10])
})

test('a shared count that fails turns nobody away, is told of once a minute without an address, and the own one holds', async () => {
  const logged: LogLine[] = []
  const one = isolate(async () => {
    throw new RangeError('no count for 192.0.2.5')
  }, logged)
  for (let i = 0; i < 10; i++) expect(await one.take('192.0.2.5')).toBe(0)
  expect(await one.take('192.0.2.5')).toBeGreaterThan(0)
  expect(logged).toEqual([{ level: 'warn', event: 'rates counted alone', detail: 'RangeError' }])
  time += 60_000
  await one.take('192.0.2.5')
  expect(logged.length).toBe(2)
})
