import { expect, test } from 'vitest'
import { createListeners, listenerStream } from '../src/listeners.ts'
import { liveLimits, placeText, readPlace } from '../src/live.ts'
import { memoryStore } from '../src/store/memory.ts'
import { startProgram } from './support/program.ts'
import { ADMIN_KEY } from './support/server.ts'
import { openStream } from './support/server-sent.ts'

const waiting = { restingSince: () => undefined, end: () => {} }

test('so many may listen; who has taken nothing for long makes room', () => {
  let time = 0
  const listeners = createListeners(() => time)
  const ended: number[] = []
  const leave = Array.from({ length: liveLimits.listeners }, (_, i) => {
    const since = i < 2 ? i * 1000 : undefined
    const left = listeners.add({
      restingSince: () => since,
      end: () => {
        ended.push(i)
        left()
      },
    })
    return left
  })
  expect(() => listeners.add(waiting)).toThrow(/too many listen/i)
  time = liveLimits.stalledMs
  listeners.add(waiting)
  expect(ended).toEqual([0])
  expect(() => listeners.add(waiting)).toThrow()
  leave[5]?.()
  listeners.add(waiting)
  listeners.endAll()
  expect(ended).toHaveLength(liveLimits.listeners - 1)
  expect(() => listeners.add(waiting)).toThrow()
})

test('nothing is taken before it is asked for, and nothing after the end', async () => {
  const listeners = createListeners(() => 0)
  let taken = 0
  let isClosed = false
  async function* numbers(): AsyncGenerator<number> {
    try {
      for (;;) yield ++taken
    } finally {
      isClosed = true
    }
  }
  const stream = await listenerStream(numbers(), String, { listeners, clock: () => 0 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(taken).toBe(1)
  const reader = stream.getReader()
  const read = async () => new TextDecoder().decode((await reader.read()).value)
  expect([await read(), await read()]).toEqual(['1', '2'])
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(taken).toBe(2)
  listeners.endAll()
  expect((await reader.read()).done).toBe(true)
  await expect.poll(() => isClosed).toBe(true)
})

test('what fails at first fails as a whole, and leaves no listener behind', async () => {
  const listeners = createListeners(() => 0)
  async function* failing(): AsyncGenerator<number> {
    yield* []
    throw new Error('down')
  }
  for (let i = 0; i <= liveLimits.listeners; i++)
    await expect(listenerStream(failing(), String, { listeners, clock: () => 0 })).rejects.toThrow('down')
})

test('a removed key ends what it began', async () => {
  let time = 0
  const program = await startProgram(memoryStore(), { clock: () => time })
  const call = async (path: string, init: RequestInit): Promise<Response> =>
    program.app.fetch(new Request(`http://skerry.test${path}`, init))
  const admin = { Authorization: `Key ${ADMIN_KEY}` }
  const keys = '/api/collections/pageviews/keys'
  const made = await call(keys, { method: 'POST', headers: admin, body: '{"kind":"read"}' })
  const { id, key } = (await made.json()) as { id: string; key: string }
  const headers = { Authorization: `Key ${key}` }
  const stream = await openStream((init) => call('/pageviews/live', { ...init, headers }))
  await stream.until((messages) => messages.length > 0)
  expect((await call(`${keys}/${id}`, { method: 'DELETE', headers: admin })).status).toBe(204)
  time = liveLimits.beatMs
  await call('/pageviews', { method: 'POST', headers: admin, body: '{"page":"/secret"}' })
  await stream.ended
  expect(stream.messages.every(({ event }) => event === 'visitors')).toBe(true)
})

test('places are read as they are written, and nothing else is', () => {
  const place = { epoch: 3, position: 1_234_567, told: 12 }
  expect(readPlace(placeText(place))).toEqual(place)
  for (const text of ['', '1.2', '1.2.3.4', '-1.2.3', '1.2.3\n', '1.1e3.2', `1.${'9'.repeat(16)}.1`])
    expect(readPlace(text)).toBeUndefined()
})
