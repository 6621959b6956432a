import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { type ObjectBindings, remoteCollection } from '../adapters/runtime/cloudflare-objects.ts'
import { durableObject } from '../adapters/store/durable-object.ts'
import { streamCodec } from '../src/engine/bytes.ts'
import { createCache } from '../src/engine/cache.ts'
import { groupCommit } from '../src/store/group-commit.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Store } from '../src/store/store.ts'
import { collectionContract, type OpenCollection } from './contract/collection.ts'
import { refusedContract } from './contract/refused.ts'
import { sealContract } from './contract/seal.ts'
import { storeContract } from './contract/store.ts'
import { definition, event } from './support/event.ts'

const { COLLECTION, DIRECTORY } = env as unknown as ObjectBindings

/** The SQL store where it lives: every call runs inside one object. */
function storeInObject(): Store {
  const stub = DIRECTORY.getByName('store under test')
  const inside = <T>(work: (store: Store) => Promise<T>): Promise<T> =>
    runInDurableObject(stub, (_object, state) => work(sqlStore(durableObject(state.storage))))
  return {
    atom: 'store',
    append: (appends) => inside((store) => store.append(appends)),
    tail: (...args) => inside((store) => store.tail(...args)),
    put: (...args) => inside((store) => store.put(...args)),
    parts: (...args) => inside((store) => store.parts(...args)),
    commit: (...args) => inside((store) => store.commit(...args)),
    remove: (...args) => inside((store) => store.remove(...args)),
    sweep: (...args) => inside((store) => store.sweep(...args)),
    clear: (collection) => inside((store) => store.clear(collection)),
    documents: (kind) => inside((store) => store.documents(kind)),
    replace: (kind, name, before, after) => inside((store) => store.replace(kind, name, before, after)),
    scrub: () => inside((store) => store.scrub()),
    durability: () => inside((store) => store.durability()),
    close: async () => {},
  }
}

storeContract('Durable Object SQLite in workerd', storeInObject)
const throughStub: OpenCollection = (definition) => {
  const open = () => remoteCollection(definition, () => COLLECTION.getByName(definition.name))
  return [open(), open()]
}
collectionContract('Durable Object through its stub in workerd', throughStub)
refusedContract('Durable Object through its stub in workerd', throughStub)

const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

sealContract(
  'Durable Object SQLite in workerd',
  (definition, settings) => {
    const store = storeInObject()
    const open = () =>
      journalCollection(definition, {
        store,
        writer: groupCommit(store, breathe),
        cache: createCache(1e7),
        codec: streamCodec,
        now: Date.now,
        newId: () => crypto.randomUUID(),
        breathe,
        sealAt: 4000,
        listening: { pause: async () => {}, everyMs: 0 },
        ...settings,
      })
    return [open(), open()]
  },
  3,
)

test('an object wakes up by itself to seal a day that is over', async () => {
  const own = definition()
  const stub = COLLECTION.getByName(own.name)
  const collection = remoteCollection(own, () => stub)
  const time = Date.now() - 3 * 86_400_000
  await collection.add([
    event({ time, received: Date.now() }),
    event({ time: time + 1, received: Date.now() }),
  ])
  const sealed = (): Promise<number> =>
    runInDurableObject(stub, (_object, state) =>
      Number(state.storage.sql.exec('SELECT count(DISTINCT segment) AS n FROM part').one().n),
    )
  expect(await sealed()).toBe(0)
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  expect(await sealed()).toBe(1)
  expect(await collection.count()).toBe(2)
})

test('an object that only refused events wakes up until they are gone', async () => {
  const own = definition()
  const stub = COLLECTION.getByName(own.name)
  const collection = remoteCollection(own, () => stub)
  const time = Date.now() - 3 * 86_400_000
  await collection.refuse([{ event: event({ time, received: Date.now() }), code: 'bot' }])
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  expect((await collection.refused()).counts).toEqual({ bot: 1 })
  await collection.clearRefused()
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  expect(await runDurableObjectAlarm(stub)).toBe(false)
})

test('an object that is busy seals its journal before a question has to fold much of it', async () => {
  const own = definition()
  const stub = COLLECTION.getByName(own.name)
  const collection = remoteCollection(own, () => stub)
  for (let batch = 0; batch < 9; batch++)
    await collection.add(Array.from({ length: 500 }, () => event({ time: Date.now(), received: Date.now() })))
  await expect
    .poll(() =>
      runInDurableObject(stub, (_object, state) =>
        Number(state.storage.sql.exec('SELECT coalesce(max(base), 0) AS n FROM sealed').one().n),
      ),
    )
    .toBeGreaterThan(0)
  expect(await collection.count()).toBe(4500)
})

test('an object tells how its journal stands, once it has looked at it', async () => {
  const own = definition()
  const stub = COLLECTION.getByName(own.name)
  await remoteCollection(own, () => stub).add([event({ time: Date.now(), received: Date.now() })])
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  const { states } = JSON.parse(
    (await DIRECTORY.getByName('directory').documents('metrics')).get('shared') ?? '',
  )
  expect(states[`journal ${own.name}`].samples).toEqual({
    [`skerry_journal_events{collection="${own.name}"}`]: 1,
    [`skerry_seal_lag_seconds{collection="${own.name}"}`]: 0,
  })
  expect(Object.keys(states[`object ${own.name}`].samples)).toEqual([
    `skerry_cache_bytes{process="object ${own.name}"}`,
  ])
})
