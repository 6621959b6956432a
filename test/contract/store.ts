import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { freshName } from '../support/event.ts'

const awkward = [
  'null',
  'true',
  '123',
  '"x"',
  '{"__proto__":{"a":1}}',
  'é😀',
  "';--",
  '{}',
  '[[',
  ' ',
  'a\u2028b',
  'x'.repeat(500_000),
]

/** A journal of which nothing was sealed. */
const unsealed = { epoch: 0, version: 0, base: 0, manifest: undefined }

/** What every store must do. `open` gives a store that is open; others may use the same backend at the same time. */
export function storeContract(name: string, open: () => Store | Promise<Store>): void {
  describe(`store: ${name}`, () => {
    test('a journal begins empty', async () => {
      const store = await open()
      expect(await store.tail(freshName(), 0, 10)).toEqual({
        ...unsealed,
        entries: [],
        position: 0,
        hasMore: false,
      })
    })

    test('entries come back in order, after a position, up to a limit', async () => {
      const store = await open()
      const collection = freshName()
      for (const entries of [['a'], ['b', 'c'], ['d']]) await store.append([{ collection, entries }])
      const first = await store.tail(collection, 0, 3)
      expect(first).toMatchObject({ entries: ['a', 'b', 'c'], hasMore: true })
      expect(await store.tail(collection, first.position, 3)).toMatchObject({
        entries: ['d'],
        hasMore: false,
      })
      const last = await store.tail(collection, 0, 10)
      expect(await store.tail(collection, last.position, 10)).toEqual({
        ...unsealed,
        entries: [],
        position: last.position,
        hasMore: false,
      })
    })

    test('collections do not see each other', async () => {
      const store = await open()
      const [one, two] = [freshName(), freshName()]
      await store.append([
        { collection: one, entries: ['1'] },
        { collection: two, entries: ['2'] },
      ])
      expect((await store.tail(one, 0, 10)).entries).toEqual(['1'])
      expect((await store.tail(two, 0, 10)).entries).toEqual(['2'])
    })

    test('text comes back as it was, also when it looks like something else', async () => {
      const store = await open()
      const collection = freshName()
      await store.append([{ collection, entries: awkward }])
      expect((await store.tail(collection, 0, 100)).entries).toEqual(awkward)
    })

    test('large entries may come in several replies: none is left out, none comes twice', async () => {
      const store = await open()
      const collection = freshName()
      const sizes = [...Array<number>(40).fill(10), ...Array<number>(12).fill(500_000), 10]
      const entries = sizes.map((size, i) => String(i).padEnd(size, 'x'))
      for (let i = 0; i < entries.length; i += 7)
        await store.append([{ collection, entries: entries.slice(i, i + 7) }])
      const found: string[] = []
      for (let position = 0, hasMore = true; hasMore; ) {
        const tail = await store.tail(collection, position, 100)
        found.push(...tail.entries)
        expect(tail.position).toBe(found.length)
        ;({ position, hasMore } = tail)
      }
      expect(found.map((entry) => entry.length)).toEqual(sizes)
      expect(found.map((entry) => Number.parseInt(entry, 10))).toEqual(sizes.map((_, i) => i))
    })

    test('appends side by side are all kept, each once', async () => {
      const store = await open()
      const collection = freshName()
      const names = Array.from({ length: 50 }, (_, i) => `entry ${i}`)
      await Promise.all(names.map((entry) => store.append([{ collection, entries: [entry] }])))
      const { entries, position } = await store.tail(collection, 0, 100)
      expect([...entries].sort()).toEqual([...names].sort())
      expect((await store.tail(collection, position, 100)).entries).toEqual([])
    })

    test('clearing begins another epoch, from its beginning', async () => {
      const store = await open()
      const [cleared, other] = [freshName(), freshName()]
      for (const collection of [cleared, other]) await store.append([{ collection, entries: ['old'] }])
      await store.clear(cleared)
      await store.append([{ collection: cleared, entries: ['new'] }])
      expect(await store.tail(cleared, 0, 10)).toMatchObject({ epoch: 1, entries: ['new'] })
      expect(await store.tail(other, 0, 10)).toMatchObject({ epoch: 0, entries: ['old'] })
    })

    test('a document is made, changed and removed only from what it was', async () => {
      const store = await open()
      const kind = freshName('kind')
      expect(await store.replace(kind, 'a', 'something', 'x')).toBe(false)
      expect(await store.replace(kind, 'a', null, 'x')).toBe(true)
      expect(await store.replace(kind, 'a', null, 'y')).toBe(false)
      expect(await store.replace(kind, 'a', 'x', 'y')).toBe(true)
      expect(await store.documents(kind)).toEqual(new Map([['a', 'y']]))
      expect(await store.replace(kind, 'a', 'x', null)).toBe(false)
      expect(await store.replace(kind, 'a', 'y', null)).toBe(true)
      expect(await store.documents(kind)).toEqual(new Map())
    })

    test('documents have any name and any text', async () => {
      const store = await open()
      const kind = freshName('kind')
      const names = ['__proto__', 'constructor', 'a b', '{x}', 'é', '0']
      for (const [i, name] of names.entries()) await store.replace(kind, name, null, awkward[i] ?? '')
      expect(await store.documents(kind)).toEqual(new Map(names.map((name, i) => [name, awkward[i] ?? ''])))
    })

    test('of many that change a document at once exactly one does', async () => {
      const store = await open()
      const kind = freshName('kind')
      const won = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.replace(kind, 'a', null, String(i))),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await store.documents(kind)).toEqual(new Map([['a', String(won.indexOf(true))]]))
    })

    test('it says how durable it is', async () => {
      const store = await open()
      expect(['always', 'everysec', 'memory']).toContain(await store.durability())
    })
  })
}
