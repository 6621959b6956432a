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

/** `most`: how many a collection may have. Each is a document of its own, so that nobody overwrites another's. */
export function createShelf(documents: RegistryDocuments, what: string, most: number): Shelf {
  const kindOf = (collection: string): string => `${what}/${collection}`
  const list = (collection: string): ReturnType<Shelf['list']> => documents.documents(kindOf(collection))

  return {
    list,
    async put(collection, name, text): Promise<void> {
      const kept = await list(collection)
      if (!kept.has(name) && kept.size >= most)
        throw new SkerryError('too_large', { detail: `There may be ${most} of them.` })
      const isKept = await documents.replace(kindOf(collection), name, kept.get(name) ?? null, text)
      if (isKept || (await list(collection)).get(name) === text) return
      throw new SkerryError('conflict', { detail: 'Others are changing this. Try again.' })
    },
    async remove(collection, name): Promise<boolean> {
      const text = (await list(collection)).get(name)
      return text !== undefined && documents.replace(kindOf(collection), name, text, null)
    },
    async clear(collection): Promise<void> {
      for (const name of (await list(collection)).keys()) await this.remove(collection, name)
    },
  }
}
