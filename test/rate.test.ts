import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLimiter, type Rate, windowOf } from '../src/rate.ts'
import { readSettings } from '../src/settings.ts'

/** The same secret in every run, so that the same clients meet. */
const secret = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => 37 * i + 11)

/** A limiter whose clock is set by hand, ms. */
function bench(rate: Rate): { at: (time: number) => void; take: (client: string) => number } {
  let now = 0
  const { take } = createLimiter(rate, { clock: () => now, random: secret })
  return {
    at: (time) => {
      now = time
    },
    take: (client) => take(client) as number,
  }
}

const times = (count: number, work: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => work(i))
const allowed = (waits: readonly number[]): number => waits.filter((wait) => wait === 0).length

describe('a bucket', () => {
  const rate = { perSecond: 50, burst: 500 }

  test('gives a burst at once, then a token every 20 ms', () => {
    const { at, take } = bench(rate)
    expect(times(500, () => take('a'))).toEqual(Array(500).fill(0))
    expect(take('a')).toBe(20)
    at(19)
    expect(take('a')).toBe(1)
    at(20)
    expect([take('a'), take('a')]).toEqual([0, 20])
  })

  test('is full again after burst / rate, and never fuller', () => {
    const { at, take } = bench(rate)
    times(500, () => take('a'))
    at(9_999)
    expect(allowed(times(600, () => take('a')))).toBe(499)
    at(1_000_000)
    expect(allowed(times(600, () => take('a')))).toBe(500)
  })

  test('loses nothing by what it refuses', () => {
    const { at, take } = bench(rate)
    times(500, () => take('a'))
    times(10_000, () => take('a'))
    at(1_000)
    expect(allowed(times(100, () => take('a')))).toBe(50)
  })

  test('is one of each client', () => {
    const { take } = bench(rate)
    times(600, () => take('a'))
    expect(allowed(times(600, () => take('b')))).toBe(500)
  })
})

/** Rates whose tokens come in whole milliseconds, so that a model can count in whole numbers. */
const rates = fc
  .record({ perSecond: fc.constantFrom(1, 2, 5, 10, 50, 100, 1000), seconds: fc.integer({ min: 1, max: 5 }) })
  .map(({ perSecond, seconds }) => ({ perSecond, burst: perSecond * seconds }))
const pauses = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })), { maxLength: 400 })

test('a client alone gets exactly what a bucket of tokens holds', () => {
  fc.assert(
    fc.property(rates, pauses, (rate, waits) => {
      const { at, take } = bench(rate)
      let [now, thousandths] = [0, rate.burst * 1000]
      for (const pause of waits) {
        now += pause
        at(now)
        thousandths = Math.min(rate.burst * 1000, thousandths + pause * rate.perSecond)
        const isThere = thousandths >= 1000
        if (isThere) thousandths -= 1000
        expect(take('client') === 0).toBe(isThere)
      }
    }),
  )
})

test('no client gets more than burst + rate × time, in whatever company and over whatever stretch', () => {
  const arrivals = fc.array(
    fc.record({ pause: fc.constantFrom(0, 0, 0, 1, 3, 17, 400), client: fc.integer({ min: 0, max: 3 }) }),
    { maxLength: 300 },
  )
  const odd = fc.record({
    perSecond: fc.constantFrom(1, 3, 7, 30, 333),
    extra: fc.integer({ min: 0, max: 20 }),
  })
  fc.assert(
    fc.property(arrivals, odd, (list, { perSecond, extra }) => {
      const burst = perSecond + extra
      const { at, take } = bench({ perSecond, burst })
      const accepted: number[][] = [[], [], [], []]
      let now = 0
      for (const { pause, client } of list) {
        now += pause
        at(now)
        if (take(`client ${client}`) === 0) accepted[client]?.push(now)
      }
      for (const own of accepted)
        for (const [i, from] of own.entries())
          for (const [j, to] of own.entries())
            if (j >= i)
              expect(j - i + 1).toBeLessThanOrEqual(
                Math.floor(burst + (perSecond * (to - from)) / 1000 + 1e-6),
              )
    }),
  )
})

test('whoever comes back when it was told to is let in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 3 }), (perSecond, seconds) => {
      const { at, take } = bench({ perSecond, burst: perSecond * seconds })
      times(perSecond * seconds, () => take('a'))
      const wait = take('a')
      expect(wait).toBeGreaterThan(0)
      at(Math.ceil(wait / 1000) * 1000)
      expect(take('a')).toBe(0)
    }),
  )
})

describe('a million addresses', () => {
  const address = (i: number): string => `2001:db8:${(i >>> 16).toString(16)}:${(i & 0xffff).toString(16)}`
  const rate = { perSecond: 50, burst: 500 }

  test('are kept in no more room than one', () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const held = (): number => {
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    const { take } = bench(rate)
    take(address(0))
    const before = held()
    for (let i = 0; i < 1_000_000; i++) take(address(i))
    const grown = held() - before
    // Their texts alone would be some 40 MB.
    expect(grown).toBeLessThan(8 * 1024 * 1024)
    expect(take(address(0))).toBe(0)
  })

  test('push nobody out who is at the limit, and take little from who is not', () => {
    const { take } = bench(rate)
    times(500, () => take('at the limit'))
    for (let i = 0; i < 1_000_000; i++) take(address(i))
    expect(take('at the limit')).toBeGreaterThanOrEqual(20)
    for (const newcomer of ['192.0.2.1', '198.51.100.7', '2001:db8:ffff:1'])
      expect(allowed(times(500, () => take(newcomer)))).toBeGreaterThan(450)
  })

  test('of which a thousand are at the limit keep hardly any other out', () => {
    const { take } = bench(rate)
    for (let i = 0; i < 1_000; i++) times(500, () => take(address(i)))
    const others = times(10_000, (i) => take(`198.51.${i >> 8}.${i & 255}`))
    expect(allowed(others)).toBeGreaterThan(9_980)
  })
})

describe('SKERRY_RATE', () => {
  test.each([
    [undefined, { perSecond: 50, burst: 500 }],
    ['', { perSecond: 50, burst: 500 }],
    ['20', { perSecond: 20, burst: 200 }],
    ['20/30', { perSecond: 20, burst: 30 }],
    ['1/1', { perSecond: 1, burst: 1 }],
    ['off', undefined],
  ])('%s', (text, rate) => {
    expect(readSettings({ SKERRY_RATE: text }).rate).toEqual(rate)
  })

  test.each(['0', '-5', '50/', '/500', '50/49', '1.5', '5e2', '50 / 500', 'on', 'OFF', '1/99999999', '٥'])(
    '%s is refused by name',
    (text) => {
      expect(() => readSettings({ SKERRY_RATE: text })).toThrow(/^SKERRY_RATE must be .+$/)
    },
  )
})

test('the window is in whole seconds, never too short', () => {
  expect(windowOf({ perSecond: 50, burst: 500 })).toBe(10)
  expect(windowOf({ perSecond: 50, burst: 120 })).toBe(3)
})
