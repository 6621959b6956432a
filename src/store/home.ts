import type { Home } from '../home.ts'
import type { Writer } from './group-commit.ts'
import { journalCollection } from './journal-collection.ts'
import type { Store } from './store.ts'

/** Collections that live in a store of this process. */
export function storeHome(store: Store, writer: Writer): Home {
  return {
    documents: store,
    open: (definition) => journalCollection(definition, store, writer),
    isFull: writer.isFull,
    durability: () => store.durability(),
  }
}
