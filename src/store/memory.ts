import type { Append, Documents, Seal, Store, Tail, Wanted } from './store.ts'

type Parts = ReadonlyMap<string, Uint8Array>

interface Kept {
  readonly epoch: number
  version: number
  base: number
  manifest: string | undefined
  entries: string[]
  readonly segments: Map<string, Parts>
  /** Segments that do not count, or no longer. */
  readonly pending: Set<string>
}

function empty(epoch: number, version: number): Kept {
  return {
    epoch,
    version,
    base: 0,
    manifest: undefined,
    entries: [],
    segments: new Map(),
    pending: new Set(),
  }
}

/** Keeps everything in this process and forgets it with it: for tests and trials. */
export function memoryStore(): Store {
  const collections = new Map<string, Kept>()

  function kept(collection: string): Kept {
    const found = collections.get(collection) ?? empty(0, 0)
    collections.set(collection, found)
    return found
  }

  return {
    atom: 'store',
    async append(appends: readonly Append[]): Promise<void> {
      for (const { collection, entries } of appends) kept(collection).entries.push(...entries)
    },
    async tail(collection, after, limit, known = 0): Promise<Tail> {
      const { epoch, version, base, manifest, entries } = kept(collection)
      const from = Math.max(0, after - base)
      const found = entries.slice(from, from + limit)
      const position = Math.max(after, base) + found.length
      return {
        epoch,
        version,
        base,
        manifest: version === known ? undefined : manifest,
        entries: found,
        position,
        hasMore: found.length === limit,
      }
    },
    async clear(collection): Promise<void> {
      const { epoch, version } = kept(collection)
      collections.set(collection, empty(epoch + 1, version + 1))
    },
    async put(collection, segment, parts): Promise<void> {
      const { segments, pending } = kept(collection)
      pending.add(segment)
      segments.set(segment, new Map(parts))
    },
    async parts(collection, wanted: readonly Wanted[]): Promise<ReadonlyMap<string, Parts>> {
      const { segments } = kept(collection)
      return new Map(wanted.map(({ segment, names }) => [segment, pick(segments.get(segment), names)]))
    },
    async commit(collection, seal): Promise<boolean> {
      return commit(kept(collection), seal)
    },
    async remove(collection, segment, names): Promise<void> {
      const { segments } = kept(collection)
      const parts = segments.get(segment)
      if (parts) segments.set(segment, new Map([...parts].filter(([name]) => !names.includes(name))))
    },
    async sweep(): Promise<void> {},
    ...memoryDocuments(),
    async durability() {
      return 'memory'
    },
    async close(): Promise<void> {},
  }
}

function pick(parts: Parts | undefined, names: readonly string[]): Parts {
  return new Map([...(parts ?? [])].filter(([name]) => names.includes(name)))
}

function commit(kept: Kept, { epoch, version, manifest, position, added, dropped }: Seal): boolean {
  if (kept.epoch !== epoch || kept.version !== version) return false
  for (const segment of added) kept.pending.delete(segment)
  for (const segment of [...dropped, ...kept.pending]) kept.segments.delete(segment)
  kept.pending.clear()
  kept.entries = kept.entries.slice(position - kept.base)
  kept.version = version + 1
  kept.base = position
  kept.manifest = manifest
  return true
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
    async scrub(): Promise<void> {},
  }
}
