import type { Home } from '../home.ts'
import { journalCollection } from './journal-collection.ts'
import type { JournalOptions } from './journal-stream.ts'
import type { Store } from './store.ts'

/** Collections that live in a store of this process. */
export function storeHome(store: Store, options: Omit<JournalOptions, 'store'>): Home {
  return {
    documents: store,
    open: (definition) => journalCollection(definition, { ...options, store }),
    isFull: options.writer.isFull,
    durability: () => store.durability(),
    wakesByItself: false,
  }
}
