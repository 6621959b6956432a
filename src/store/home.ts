import type { Home } from '../home.ts'
import { createTelemetry } from '../telemetry/create.ts'
import type { Telemetry } from '../telemetry.ts'
import { journalCollection } from './journal-collection.ts'
import type { JournalOptions } from './journal-stream.ts'
import type { Store } from './store.ts'

export interface StoreHomeOptions extends Omit<JournalOptions, 'store' | 'observe'> {
  /** Where a runtime has none of its own, only what requests do is counted. */
  readonly telemetry?: Telemetry
}

/** Collections that live in a store of this process. */
export function storeHome(store: Store, options: StoreHomeOptions): Home {
  const { telemetry = createTelemetry({ documents: store, now: options.now, newId: options.newId }) } =
    options
  return {
    documents: store,
    open: (definition) => journalCollection(definition, { ...options, store, observe: telemetry.journal }),
    isFull: options.writer.isFull,
    durability: () => store.durability(),
    wakesByItself: false,
    telemetry,
  }
}
