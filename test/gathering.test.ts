import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { COMPANION_MS, gathering, WAIT_MS } from '../adapters/runtime/gathering.ts'

/** Calls that were made, each to be ended by the test. */
interface Call {
  readonly items: readonly number[]
  readonly land: () => void
  readonly fail: (error: Error) => void
}

let calls: Call[]
let add: (items: readonly number[]) => Promise<void>

beforeEach(() => {
  vi.useFakeTimers()
  calls = []
  add = gathering<number>({
    now: Date.now,
    send: (items) =>
      new Promise((land, fail) => {
        calls.push({ items: [...items], land, fail })
      }),
  })
})
afterEach(() => vi.useRealTimers())

const sent = (): readonly (readonly number[])[] => calls.map(({ items }) => items)
const outcome = (promise: Promise<void>): Promise<unknown> =>
  promise.then(
    () => 'kept',
    (error: unknown) => error,
  )

test('where nothing is on its way items go at once', async () => {
  const first = outcome(add([1, 2]))
  expect(sent()).toEqual([[1, 2]])
  calls[0]?.land()
  expect(await first).toBe('kept')
  const second = outcome(add([3]))
  expect(sent()).toEqual([[1, 2], [3]])
  calls[1]?.land()
  expect(await second).toBe('kept')
})

test('what comes while a call is on its way shares the next, in order', async () => {
  const first = outcome(add([1]))
  const others = [[2], [3, 4], [5]].map((items) => outcome(add(items)))
  await vi.advanceTimersByTimeAsync(WAIT_MS / 2)
  expect(sent()).toEqual([[1]])
  calls[0]?.land()
  expect(await first).toBe('kept')
  await vi.advanceTimersByTimeAsync(0)
  expect(sent()).toEqual([[1], [2, 3, 4, 5]])
  calls[1]?.land()
  expect(await Promise.all(others)).toEqual(['kept', 'kept', 'kept'])
})

test('what fails fails for all who shared it, and for nobody else', async () => {
  const first = outcome(add([1]))
  const others = [outcome(add([2])), outcome(add([3]))]
  const fault = new Error('gone')
  calls[0]?.fail(fault)
  expect(await first).toBe(fault)
  await vi.advanceTimersByTimeAsync(0)
  const last = outcome(add([4]))
  const otherFault = new Error('gone too')
  calls[1]?.fail(otherFault)
  expect(await Promise.all(others)).toEqual([otherFault, otherFault])
  await vi.advanceTimersByTimeAsync(0)
  expect(sent()).toEqual([[1], [2, 3], [4]])
  calls[2]?.land()
  expect(await last).toBe('kept')
})

test('a slow call is not waited for long', async () => {
  const first = outcome(add([1]))
  const others = [outcome(add([2])), outcome(add([3]))]
  await vi.advanceTimersByTimeAsync(WAIT_MS)
  expect(sent()).toEqual([[1], [2, 3]])
  calls[1]?.land()
  expect(await Promise.all(others)).toEqual(['kept', 'kept'])
  calls[0]?.land()
  expect(await first).toBe('kept')
})

test('many items go by themselves, and close what has gathered', async () => {
  const many = Array.from({ length: 101 }, (_, i) => i)
  void outcome(add([-1]))
  void outcome(add(many))
  expect(sent()).toEqual([[-1], many])
  for (let i = 0; i < 100; i++) void outcome(add([i]))
  void outcome(add([100]))
  calls[0]?.land()
  await vi.advanceTimersByTimeAsync(0)
  expect(
    sent()
      .slice(2)
      .toSorted((a, b) => a.length - b.length),
  ).toEqual([[100], many.slice(0, 100)])
})

test('a request that is lost with what it took along is given up, and nobody after it waits', async () => {
  void outcome(add([1]))
  const leader = outcome(add([2]))
  const companion = outcome(add([3]))
  await vi.advanceTimersByTimeAsync(COMPANION_MS)
  expect(await companion).toMatchObject({ code: 'unavailable' })
  await vi.advanceTimersByTimeAsync(COMPANION_MS)
  const next = outcome(add([4]))
  expect(sent()).toEqual([[1], [2, 3], [4]])
  calls[2]?.land()
  expect(await next).toBe('kept')
  calls[1]?.land()
  expect(await leader).toBe('kept')
})
