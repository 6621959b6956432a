import { journalCollection } from '../../src/store/journal-collection.ts'
import type { JournalOptions } from '../../src/store/journal-stream.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenCollection } from '../contract/collection.ts'
import { journalOptions } from './journal.ts'

/** Opens a collection twice over one store, as two processes do. */
export function twoWays(store: Store, usual: Partial<JournalOptions> = {}): OpenCollection {
  return (definition, settings: Partial<JournalOptions> = {}) => {
    const options = { ...usual, ...settings }
    const open = () => journalCollection(definition, { ...journalOptions(store, options), store })
    return [open(), open()]
  }
}
