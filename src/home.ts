import type { Collection, CollectionDefinition } from './collection.ts'
import type { Durability } from './durability.ts'
import type { RegistryDocuments } from './registry.ts'
import type { Telemetry } from './telemetry.ts'

/** Where collections are kept and how they are opened: what a runtime decides. */
export interface Home {
  readonly documents: RegistryDocuments
  readonly open: (definition: CollectionDefinition) => Collection
  readonly isFull: () => boolean
  readonly durability: () => Promise<Durability>
  /** Collections wake up by themselves when there is something to do: waking all of them would only cost. */
  readonly wakesByItself: boolean
  /** Counts what happens in this process. */
  readonly telemetry: Telemetry
}
