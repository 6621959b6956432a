import { expect, test } from 'vitest'
import { createSalts } from '../src/salt.ts'
import { memoryStore } from '../src/store/memory.ts'
import { random } from './support/journal.ts'

const HOUR = 3_600_000
const dates = ['2026-01-01', '2026-01-02']

test('processes that begin at once agree on a secret for each day', async () => {
  const documents = memoryStore()
  const now = (): number => 0
  const all = await Promise.all(
    Array.from({ length: 20 }, () => createSalts({ documents, random, now }).of('site', dates)),
  )
  for (const one of all) expect(one).toEqual(all[0])
  expect(all[0]?.size).toBe(2)
  expect(all[0]?.get('2026-01-01')).not.toEqual(all[0]?.get('2026-01-02'))
  const other = await createSalts({ documents, random, now }).of('other', dates)
  expect(other.get('2026-01-01')).not.toEqual(all[0]?.get('2026-01-01'))
})

test('a secret lives for 48 hours, is then destroyed, and another takes its place', async () => {
  const documents = memoryStore()
  let time = 0
  const salts = createSalts({ documents, random, now: () => time })
  const first = await salts.of('site', dates)
  time = 48 * HOUR - 1
  await salts.sweep()
  expect(await salts.of('site', dates)).toEqual(first)
  time = 48 * HOUR
  await salts.sweep()
  expect((await documents.documents('salt')).size).toBe(0)
  expect((await salts.of('site', dates)).get('2026-01-01')).not.toEqual(first.get('2026-01-01'))
})

test('a secret of which files may still tell is destroyed, and another takes its place', async () => {
  let isLost = true
  const store = memoryStore()
  const documents = {
    ...store,
    scrub: () => (isLost ? Promise.reject(new Error('lost')) : Promise.resolve()),
  }
  let time = 0
  const salts = createSalts({ documents, random, now: () => time })
  const first = (await salts.of('site', dates)).get('2026-01-01')
  time = 48 * HOUR
  await expect(salts.sweep()).rejects.toThrow('lost')
  for (const text of (await documents.documents('salt')).values())
    expect(text).not.toContain(String(first?.[0]))
  const second = await salts.of('site', ['2026-01-01'])
  expect(second.get('2026-01-01')).not.toEqual(first)
  isLost = false
  await salts.sweep()
  expect([...(await documents.documents('salt')).keys()]).toEqual(['site/2026-01-01'])
  expect(await salts.of('site', ['2026-01-01'])).toEqual(second)
})

test('many days cost one look at the store', async () => {
  const store = memoryStore()
  let looks = 0
  const documents = {
    ...store,
    documents(kind: string) {
      looks++
      return store.documents(kind)
    },
  }
  const salts = createSalts({ documents, random, now: () => 0 })
  const year = Array.from({ length: 365 }, (_, i) => new Date(i * 86_400_000).toISOString().slice(0, 10))
  expect((await salts.of('site', year)).size).toBe(365)
  await salts.of('site', year)
  expect(looks).toBe(1)
})
