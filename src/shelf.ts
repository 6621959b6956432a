import { SkerryError } from './errors.ts'
import type { RegistryDocuments } from './registry.ts'

/** Texts that are kept beside collections, by name: annotations, saved views. */
export interface Shelf {
  list(collection: string): Promise<ReadonlyMap<string, string>>
  /** Keeps a text; another under that name gives way. Throws `too_large` where there are enough. */
  put(collection: string, name: string, text: string): Promise<void>
  /** False if there is none of that name. */
  remove(collection: string, name: string): Promise<boolean>
  clear(collection: string): Promise<void>
}

/** How often it is tried to change what others are changing. */
const ATTEMPTS = 8

/** The name of the one document that holds all of a collection, so that they go at once. */
const ALL = 'all'

/** `most`: how many a collection may have. */
export function createShelf(documents: RegistryDocuments, what: string, most: number): Shelf {
  const kindOf = (collection: string): string => `${what}/${collection}`

  async function read(collection: string): Promise<string | null> {
    return (await documents.documents(kindOf(collection))).get(ALL) ?? null
  }

  /** Changes what is kept, by compare and set; what `change` returns false to is left as it is. */
  async function update(
    collection: string,
    change: (kept: Map<string, string>) => boolean,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await read(collection)
      const kept = textsOf(before)
      if (!change(kept)) return false
      const after = kept.size === 0 ? null : JSON.stringify([...kept])
      if (before === after || (await documents.replace(kindOf(collection), ALL, before, after))) return true
    }
    throw new SkerryError('conflict', { detail: 'Others are changing this. Try again.' })
  }

  return {
    list: async (collection) => textsOf(await read(collection)),
    async put(collection, name, text): Promise<void> {
      await update(collection, (kept) => {
        if (!kept.has(name) && kept.size >= most)
          throw new SkerryError('too_large', { detail: `There may be ${most} of them.` })
        kept.set(name, text)
        return true
      })
    },
    remove: (collection, name) => update(collection, (kept) => kept.delete(name)),
    async clear(collection): Promise<void> {
      await update(collection, (kept) => {
        const isAny = kept.size > 0
        kept.clear()
        return isAny
      })
    },
  }
}

function textsOf(document: string | null): Map<string, string> {
  return new Map(JSON.parse(document ?? '[]') as readonly (readonly [string, string])[])
}
