import type { Durability } from '../durability.ts'

/** How many entries of a journal come before; 0 is its beginning. */
export type Position = number

/** What to append to one collection's journal. Entries are text, at most `ENTRY_LIMIT` characters each. */
export interface Append {
  readonly collection: string
  readonly entries: readonly string[]
}

/** Entries after a position, as they stood at one moment. */
export interface Tail {
  /** Changes whenever a journal is cleared: positions of another epoch mean nothing. */
  readonly epoch: number
  readonly entries: readonly string[]
  /** The position after the last of `entries`. */
  readonly position: Position
}

/** Keeps journals: accepted events in order of arrival. Every method is one atom and rejects with `unavailable`. */
export interface Journals {
  /** What one `append` may span as one atom: several collections, or entries of one only. */
  readonly atom: 'store' | 'collection'
  /** All of it or nothing. Durable when it resolves; when it rejects the outcome is unknown. */
  append(appends: readonly Append[]): Promise<void>
  /** At most `limit` entries after a position. */
  tail(collection: string, after: Position, limit: number): Promise<Tail>
  /** Empties a journal and begins its next epoch. */
  clear(collection: string): Promise<void>
}

/** Keeps small documents by kind and name: definitions, keys. */
export interface Documents {
  /** All of a kind, by name. */
  documents(kind: string): Promise<ReadonlyMap<string, string>>
  /** Compare and set; null stands for an absent document. False, and nothing changed, if it was not `before`. */
  replace(kind: string, name: string, before: string | null, after: string | null): Promise<boolean>
}

/** What a backend implements, and nothing more. */
export interface Store extends Journals, Documents {
  durability(): Promise<Durability>
  close(): Promise<void>
}

/** Characters of an entry: in UTF-8 it then fits the 2 MB that a Durable Object's row may have. */
export const ENTRY_LIMIT = 500_000
