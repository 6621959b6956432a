import { env, runInDurableObject } from 'cloudflare:test'
import { type ObjectBindings, remoteCollection } from '../adapters/runtime/cloudflare-objects.ts'
import { durableObject } from '../adapters/store/durable-object.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Store } from '../src/store/store.ts'
import { collectionContract } from './contract/collection.ts'
import { storeContract } from './contract/store.ts'

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
    durability: () => inside((store) => store.durability()),
    close: async () => {},
  }
}

storeContract('Durable Object SQLite in workerd', storeInObject)
collectionContract('Durable Object through its stub in workerd', (definition) => {
  const open = () => remoteCollection(definition, () => COLLECTION.getByName(definition.name))
  return [open(), open()]
})
