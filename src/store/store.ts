import type { Durability } from '../durability.ts'

/** How many entries of a journal come before; 0 is its beginning. */
export type Position = number

/** What to append to one collection's journal. Entries are text, at most `ENTRY_LIMIT` characters each. */
export interface Append {
  readonly collection: string
  readonly entries: readonly string[]
}

/** A journal's entries after a position, and what had been sealed of it, as both stood at one moment. */
export interface Tail extends SealState {
  /** The manifest, unless it is of the version that the reader knows, or nothing was ever sealed. */
  readonly manifest: string | undefined
  readonly entries: readonly string[]
  /** The position after the last of `entries`. */
  readonly position: Position
  /** Whether there may be entries after that position. */
  readonly hasMore: boolean
}

export interface SealState {
  /** Changes whenever a journal is cleared: positions of another epoch mean nothing. */
  readonly epoch: number
  /** Changes whenever something is sealed or cleared; 0: nothing ever was. */
  readonly version: number
  /** Entries up to here are in segments; the journal holds only those after it. */
  readonly base: Position
}

/** Keeps journals: accepted events in order of arrival. Every method is one atom and rejects with `unavailable`. */
export interface Journals {
  /** What one `append` may span as one atom: several collections, or entries of one only. */
  readonly atom: 'store' | 'collection'
  /** All of it or nothing. Durable when it resolves; when it rejects the outcome is unknown. */
  append(appends: readonly Append[]): Promise<void>
  /** At most `limit` entries after a position, fewer where they are large. `known`: the version of the manifest that the reader has. */
  tail(collection: string, after: Position, limit: number, known?: number): Promise<Tail>
  /** Empties a journal, forgets its segments and begins its next epoch. */
  clear(collection: string): Promise<void>
}

/** Named parts of segments that are asked for. */
export interface Wanted {
  readonly segment: string
  readonly names: readonly string[]
}

/** What takes a journal's place. */
export interface Seal extends Omit<SealState, 'base'> {
  /** What the manifest becomes. */
  readonly manifest: string
  /** The journal is cut up to here. */
  readonly position: Position
  readonly added: readonly string[]
  readonly dropped: readonly string[]
}

/** Keeps segments: parts of bytes by name, and per collection one text, the manifest, that says which count. */
export interface Segments {
  /** Keeps a segment that does not count yet. Its name must be new. */
  put(collection: string, segment: string, parts: ReadonlyMap<string, Uint8Array>): Promise<void>
  /** The parts that are there, by segment and name. */
  parts(
    collection: string,
    wanted: readonly Wanted[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>>
  /**
   * Compare and set: if epoch and version are still those of `seal`, its segments count, its manifest holds,
   * and the journal is cut; else false, and nothing changed. Whatever no manifest names is removed in time:
   * who began to put segments before this must begin again.
   */
  commit(collection: string, seal: Seal): Promise<boolean>
  /** Removes parts of a segment for good. */
  remove(collection: string, segment: string, names: readonly string[]): Promise<void>
  /** Finishes what a commit that was cut short left to remove. */
  sweep(collection: string): Promise<void>
}

/** Keeps small documents by kind and name: definitions, keys, salts. */
export interface Documents {
  /** All of a kind, by name. */
  documents(kind: string): Promise<ReadonlyMap<string, string>>
  /** Compare and set; null stands for an absent document. False, and nothing changed, if it was not `before`. */
  replace(kind: string, name: string, before: string | null, after: string | null): Promise<boolean>
  /** Sees to it that no file holds any more what was removed before, as far as the backend lets its client. */
  scrub(): Promise<void>
}

/** What a backend implements, and nothing more. */
export interface Store extends Journals, Segments, Documents {
  durability(): Promise<Durability>
  close(): Promise<void>
}

/** Characters of an entry: in UTF-8 it then fits the 2 MB that a Durable Object's row may have. */
export const ENTRY_LIMIT = 500_000
