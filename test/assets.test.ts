import { expect, test } from 'vitest'
import { createLists } from '../src/lists.ts'
import { asset } from './support/assets.ts'

test('the lists are read once; without them sources go by their hosts, and the next beacon tries again', async () => {
  const told: string[] = []
  let reads = 0
  let isThere = false
  const lists = createLists(
    async (name) => {
      reads++
      if (!isThere) throw new Error('not there')
      return asset(name)
    },
    ({ event }) => told.push(String(event)),
  )
  const without = await lists()
  expect(without.sources.byHost('www.google.com').name).toBe('google.com')
  expect(without.isSpammer('semalt.com')).toBe(false)
  expect(told).toEqual(['lists not read'])
  isThere = true
  const found = await lists()
  expect(found.sources.byHost('www.google.com').name).toBe('Google')
  expect(found.isSpammer('semalt.com')).toBe(true)
  expect(lists()).toBe(found)
  expect(reads).toBe(4)
})
