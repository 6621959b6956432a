import { describe, expect, test } from 'vitest'
import { makeKey } from '../src/key.ts'
import { createRegistry, type RegistryDocuments } from '../src/registry.ts'
import { memoryStore } from '../src/store/memory.ts'
import { definition } from './support/event.ts'

const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes))

/** A registry with a clock and a count of what it asked its store. */
function watched(documents: RegistryDocuments = memoryStore(), adminKey?: string) {
  const state = { now: 1_000_000, reads: 0, isDown: false }
  const watching: RegistryDocuments = {
    ...documents,
    documents(kind) {
      state.reads++
      return state.isDown ? Promise.reject(new Error('down')) : documents.documents(kind)
    },
  }
  return { state, documents, registry: createRegistry(watching, { now: () => state.now, random, adminKey }) }
}

describe('the registry', () => {
  test('asks the store once in a while, not for every key', async () => {
    const { state, registry } = watched()
    const site = definition()
    await registry.define(site)
    const { key } = await registry.addKey(site.name, 'write')
    state.reads = 0
    for (let i = 0; i < 100; i++)
      expect(await registry.identify(key)).toEqual({ kind: 'write', collection: site.name })
    expect(state.reads).toBe(0)
    state.now += 21_000
    for (let i = 0; i < 100; i++) await registry.identify(key)
    expect(state.reads).toBe(2)
  })

  test('asks nothing for what cannot be a key, and little for made-up ones', async () => {
    const { state, registry } = watched()
    await registry.identify('x')
    state.reads = 0
    for (const junk of ['', 'x', '__proto__', `skw_${'a'.repeat(40)}`])
      expect(await registry.identify(junk)).toBeUndefined()
    expect(state.reads).toBe(0)
    for (let i = 0; i < 100; i++) await registry.identify(makeKey('write', random))
    expect(state.reads).toBeLessThanOrEqual(20)
  })

  test('finds a site by name and alias, also one that another process has just defined', async () => {
    const one = watched()
    const two = watched(one.documents)
    const site = definition({ aliases: ['shop.example', 'a8d1c7f2-0000-4000-8000-000000000000'] })
    expect(await two.registry.findSite('shop.example')).toBeUndefined()
    await one.registry.define(site)
    for (const id of [site.name, ...site.aliases]) {
      expect(await one.registry.findSite(id)).toEqual(site)
      expect(await two.registry.findSite(id)).toEqual(site)
    }
    for (const id of ['', 'Shop.example', '__proto__', 'constructor'])
      expect(await two.registry.findSite(id)).toBeUndefined()
  })

  test('asks little for made-up sites', async () => {
    const { state, registry } = watched()
    await registry.findSite('x')
    state.reads = 0
    for (let i = 0; i < 100; i++) expect(await registry.findSite(`x${i}`)).toBeUndefined()
    expect(state.reads).toBeLessThanOrEqual(20)
  })

  test('knows a key that another process made at once, and forgets one it removed within a minute', async () => {
    const one = watched()
    const two = watched(one.documents)
    const site = definition()
    await one.registry.define(site)
    const { id, key } = await one.registry.addKey(site.name, 'read')
    expect(await two.registry.identify(key)).toEqual({ kind: 'read', collection: site.name })
    await one.registry.removeKey(site.name, id)
    two.state.now += 60_000
    expect(await two.registry.identify(key)).toBeUndefined()
  })

  test('forgets a removed key as soon also when the clock was set back meanwhile', async () => {
    const one = watched()
    const two = watched(one.documents)
    const site = definition()
    await one.registry.define(site)
    const { id, key } = await one.registry.addKey(site.name, 'read')
    expect(await two.registry.identify(key)).toEqual({ kind: 'read', collection: site.name })
    await one.registry.removeKey(site.name, id)
    two.state.now -= 3_600_000
    expect(await two.registry.identify(key)).toBeUndefined()
  })

  test('goes on for a while with what it knows when the store is down, but does not believe it for ever', async () => {
    const { state, registry } = watched()
    const site = definition()
    await registry.define(site)
    const { key } = await registry.addKey(site.name, 'write')
    state.isDown = true
    state.now += 30_000
    expect(await registry.identify(key)).toBeDefined()
    state.now += 30_000
    await expect(registry.identify(key)).rejects.toThrow('down')
  })

  test('keeps of a secret key only a digest, which is no key itself', async () => {
    const { documents, registry } = watched()
    const site = definition()
    await registry.define(site)
    const keys = [
      await registry.addKey(site.name, 'read'),
      await registry.addKey(site.name, 'server'),
      await registry.makeAdmin(),
    ]
    const kept = JSON.stringify([
      ...(await documents.documents('collection')),
      ...(await documents.documents('admin')),
    ])
    for (const made of keys) expect(kept).not.toContain(made?.key)
    const digests = kept.match(/[0-9a-f]{64}/g) ?? []
    expect(digests).toHaveLength(3)
    for (const digest of digests) expect(await registry.identify(digest)).toBeUndefined()
  })

  test('takes no other admin key where the operator has set one', async () => {
    const first = watched()
    const made = await first.registry.makeAdmin()
    expect(await first.registry.identify(made?.key ?? '')).toEqual({ kind: 'admin' })
    const second = watched(first.documents, 'the-operators-own-key')
    expect(await second.registry.identify('the-operators-own-key')).toEqual({ kind: 'admin' })
    expect(await second.registry.identify(made?.key ?? '')).toBeUndefined()
  })

  test('is not put back by a read that began before a change and ended after it', async () => {
    const store = memoryStore()
    let hold: Promise<void> | undefined
    const documents: RegistryDocuments = {
      ...store,
      async documents(kind) {
        const held = hold
        const found = await store.documents(kind)
        await held
        return found
      },
    }
    const registry = createRegistry(documents, { now: () => 0, random })
    const site = definition()
    await registry.define(site)
    let release = (): void => {}
    hold = new Promise((resolve) => {
      release = resolve
    })
    const slow = registry.definitions()
    hold = undefined
    await registry.define({ ...site, query: ['tab'] })
    release()
    await slow
    expect((await registry.recall(site.name))?.query).toEqual(['tab'])
  })

  test('loses no key when many are made at once', async () => {
    const one = watched()
    const two = watched(one.documents)
    const site = definition()
    await one.registry.define(site)
    await Promise.all([one, two, one, two].map(({ registry }) => registry.addKey(site.name, 'write')))
    expect(await two.registry.keys(site.name)).toHaveLength(4)
  })
})
