import { expect, test } from 'vitest'
import { digestOf } from '../src/key.ts'
import { createSessions, sessionLimits } from '../src/session.ts'
import { memoryStore } from '../src/store/memory.ts'
import { random } from './support/journal.ts'

test('whoever signs in over and over ends sessions of his own key, the oldest first, and nobody else’s', async () => {
  let clock = 0
  const sessions = createSessions({
    documents: memoryStore(),
    registry: { holder: async (digest) => ({ kind: digest === (await digestOf('own')) ? 'admin' : 'read' }) },
    random,
    now: () => clock,
  })
  const own = await sessions.begin('own')
  const others: string[] = []
  for (let i = 0; i < sessionLimits.ofKey + 5; i++) {
    clock++
    others.push(await sessions.begin('other'))
  }
  expect(await sessions.find(own)).toEqual({ kind: 'admin' })
  const found = await Promise.all(others.map((token) => sessions.find(token)))
  expect(found.filter((one) => one === undefined)).toHaveLength(5)
  expect(found.slice(0, 5)).toEqual(Array(5).fill(undefined))
})
