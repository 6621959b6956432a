import type { Collection, CollectionDefinition } from '../collection.ts'
import { type JournalOptions, journalStream } from './journal-stream.ts'
import { createQuarantine } from './quarantine.ts'

export interface JournalCollection extends Collection {
  /** Whether nothing is kept that time could change, refused events included. */
  isIdle(): Promise<boolean>
}

/** A collection kept in journals and segments: one stream of what counts, another of what was refused. */
export function journalCollection(
  definition: CollectionDefinition,
  options: JournalOptions,
): JournalCollection {
  const counted = journalStream(definition, options)
  const refused = createQuarantine(definition, options)
  const { add, count, countBy, query, funnel, journeys, live, events, properties, isEmpty } = counted
  return {
    definition,
    add,
    count,
    countBy,
    query,
    funnel,
    journeys,
    live,
    events,
    properties,
    isEmpty,
    refuse: refused.refuse,
    refused: refused.report,
    queryRefused: refused.query,
    restore: (selection) => refused.restore(selection, add),
    clearRefused: refused.clear,
    /** What counts goes last: what is told is its number, also when this is done again. */
    async erase(selection): Promise<number> {
      await refused.erase(selection)
      return counted.erase(selection)
    },
    async seal(): Promise<void> {
      try {
        await counted.seal()
      } finally {
        await refused.seal()
      }
    },
    async clear(): Promise<void> {
      await Promise.all([counted.clear(), refused.clear()])
    },
    isIdle: async () => (await isEmpty()) && (await refused.isEmpty()),
  }
}
