import { groupCommit } from '../../src/store/group-commit.ts'
import { journalCollection } from '../../src/store/journal-collection.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenCollection } from '../contract/collection.ts'

/** Opens a collection twice over one store, as two processes do. */
export function twoWays(store: Store): OpenCollection {
  const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  const open = (definition: Parameters<OpenCollection>[0]) =>
    journalCollection(definition, store, groupCommit(store, soon))
  return (definition) => [open(definition), open(definition)]
}
