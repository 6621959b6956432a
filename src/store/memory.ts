import type { Append, Documents, Store, Tail } from './store.ts'

interface MemoryJournal {
  epoch: number
  entries: string[]
}

/** Keeps everything in this process and forgets it with it: for tests and trials. */
export function memoryStore(): Store {
  const journals = new Map<string, MemoryJournal>()

  function journal(collection: string): MemoryJournal {
    const found = journals.get(collection) ?? { epoch: 0, entries: [] }
    journals.set(collection, found)
    return found
  }

  return {
    atom: 'store',
    async append(appends: readonly Append[]): Promise<void> {
      for (const { collection, entries } of appends) journal(collection).entries.push(...entries)
    },
    async tail(collection, after, limit): Promise<Tail> {
      const { epoch, entries } = journal(collection)
      const found = entries.slice(after, after + limit)
      return { epoch, entries: found, position: after + found.length }
    },
    async clear(collection): Promise<void> {
      journals.set(collection, { epoch: journal(collection).epoch + 1, entries: [] })
    },
    ...memoryDocuments(),
    async durability() {
      return 'memory'
    },
    async close(): Promise<void> {},
  }
}

function memoryDocuments(): Documents {
  const kinds = new Map<string, Map<string, string>>()
  return {
    async documents(kind): Promise<ReadonlyMap<string, string>> {
      return new Map(kinds.get(kind))
    },
    async replace(kind, name, before, after): Promise<boolean> {
      const documents = kinds.get(kind) ?? new Map<string, string>()
      kinds.set(kind, documents)
      if ((documents.get(name) ?? null) !== before) return false
      if (after === null) documents.delete(name)
      else documents.set(name, after)
      return true
    },
  }
}
