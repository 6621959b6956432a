import { afterAll, expect, inject, test } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { upstash } from '../adapters/store/upstash.ts'
import { upstashRest } from '../adapters/store/upstash-rest.ts'
import { memoryStore } from '../src/store/memory.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import { collectionContract } from './contract/collection.ts'
import { listeningContract } from './contract/listening.ts'
import { quarantineContract } from './contract/quarantine.ts'
import { refusedContract } from './contract/refused.ts'
import { sealContract } from './contract/seal.ts'
import { storeContract } from './contract/store.ts'
import { temporaryFolder } from './support/child.ts'
import { twoWays } from './support/two-ways.ts'

const folder = await temporaryFolder()
const stores = {
  memory: memoryStore(),
  'node:sqlite': sqlStore(sqlite(folder.path)),
  'ioredis on redis-server': redisStore(ioredis(inject('redisUrl'))),
  '@upstash/redis on our gateway (no key locking, no replicas)': redisStore(upstash(inject('upstash'))),
  'Upstash REST by fetch on our gateway (no key locking, no replicas)': redisStore(
    upstashRest(inject('upstash')),
  ),
}

const sealing: Promise<void>[] = []
const inBackground = (work: Promise<void>): void => void sealing.push(work)

for (const [name, store] of Object.entries(stores)) {
  storeContract(name, () => store)
  collectionContract(name, twoWays(store))
  listeningContract(name, twoWays(store))
  sealContract(name, twoWays(store))
  sealContract(`${name}, beside requests`, twoWays(store, { inBackground }))
  refusedContract(name, twoWays(store))
  quarantineContract(name, store)
}

test('whatever was sealed beside requests was sealed without an error', async () => {
  expect(sealing.length).toBeGreaterThan(100)
  await Promise.all(sealing)
})

afterAll(async () => {
  for (const store of Object.values(stores)) await store.close()
  await folder.remove()
})
