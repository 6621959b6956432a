import { expect, test } from 'vitest'
import { unavailable } from '../../src/errors.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { inProcess } from '../support/in-process.ts'
import { ADMIN_KEY } from '../support/server.ts'

const headers = { Authorization: `Key ${ADMIN_KEY}` }

test('what is acknowledged while a collection is being made is there afterwards', async () => {
  const memory = memoryStore()
  const answers: Promise<Response>[] = []
  const store: Store = {
    ...memory,
    async clear(collection): Promise<void> {
      // A tracker of another product sends as soon as it can: it needs no key.
      if (collection.startsWith('shop'))
        answers.push(
          subject.fetch('/api/event', {
            method: 'POST',
            body: JSON.stringify({ name: 'pageview', domain: 'shop.example', url: 'https://shop.example/' }),
          }),
        )
      await Promise.all(answers)
      return memory.clear(collection)
    },
  }
  const subject = await inProcess(store)
  const made = await subject.fetch('/api/collections/shop', {
    method: 'PUT',
    headers,
    body: JSON.stringify({ aliases: ['shop.example'] }),
  })
  expect(made.status).toBe(201)
  expect(((await made.json()) as { policies: unknown }).policies).toEqual({
    bots: 'browsers',
    dialects: true,
  })
  expect(answers.length).toBeGreaterThan(0)
  const dropped = await Promise.all(
    answers.map(async (answer) => (await answer).headers.get('x-plausible-dropped')),
  )
  const { count } = (await (await subject.fetch('/shop/count', { headers })).json()) as { count: number }
  expect(count).toBe(dropped.filter((one) => one === null).length)
  const after = await subject.fetch('/api/event', {
    method: 'POST',
    body: JSON.stringify({ name: 'pageview', domain: 'shop.example', url: 'https://shop.example/' }),
  })
  expect([after.status, after.headers.get('x-plausible-dropped')]).toEqual([202, null])
})

test('a deletion that was not finished is finished by whoever tries again', async () => {
  const memory = memoryStore()
  let isAway = false
  const store: Store = {
    ...memory,
    clear: (collection) => (isAway ? Promise.reject(unavailable(new Error())) : memory.clear(collection)),
  }
  const subject = await inProcess(store)
  await subject.fetch('/api/collections/shop', { method: 'PUT', headers, body: '{}' })
  await subject.fetch('/shop', { method: 'POST', headers, body: '{"page": "/"}' })
  const remove = async (): Promise<number> =>
    (await subject.fetch('/api/collections/shop', { method: 'DELETE', headers })).status
  isAway = true
  expect(await remove()).toBe(503)
  const entries = async (): Promise<number> => (await memory.tail('shop', 0, 100)).entries.length
  expect(await entries()).toBe(1)
  isAway = false
  expect(await remove()).toBe(404)
  expect(await entries()).toBe(0)
})
