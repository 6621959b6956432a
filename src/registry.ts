import type { CollectionDefinition } from './collection.ts'
import { SkerryError } from './errors.ts'
import {
  digestOf,
  isWellFormedKey,
  type KeyKind,
  makeId,
  makeKey,
  type Random,
  type StoredKey,
} from './key.ts'
import { type SharedLink, sharedLinkLimits } from './shared-link.ts'

/** Who presents a key: what it may do, and in which collection (admin: all). */
export interface Principal {
  readonly kind: KeyKind
  readonly collection?: string
  /** What a view key shows, and its id. */
  readonly link?: SharedLink & { readonly id: string }
}

/** A key the moment it is made: the only time a secret one is seen whole. */
export interface NewKey {
  readonly id: string
  readonly kind: KeyKind
  readonly key: string
}

/** Where definitions and keys live. `src/store` keeps these documents; whole texts are compared and set. */
export interface RegistryDocuments {
  documents(kind: string): Promise<ReadonlyMap<string, string>>
  replace(kind: string, name: string, before: string | null, after: string | null): Promise<boolean>
  scrub?(): Promise<void>
}

/** At once where it is remembered, as it nearly always is: a beacon should not wait for what is there. */
type Maybe<T> = T | undefined | Promise<T | undefined>

/** Definitions and keys of all collections, remembered for a while so that a beacon asks no store for them. */
export interface Registry {
  identify(key: string): Maybe<Principal>
  /** Whose key has this digest, now: undefined once the key is removed. */
  holder(digest: string): Promise<Principal | undefined>
  /** A definition as it is remembered: asks the store for nothing but the regular refresh. */
  recall(name: string): Maybe<CollectionDefinition>
  /** A definition; looks again before it says that there is none. */
  definition(name: string): Promise<CollectionDefinition | undefined>
  /** The collection of which this is the name or an alias. Anybody may ask, so that the store is seldom asked again. */
  findSite(id: string): Maybe<CollectionDefinition>
  definitions(): Promise<readonly CollectionDefinition[]>
  /**
   * True if the collection is new. Throws `conflict` if an alias is taken, or if the definition is no more what
   * its author saw: `seen`, null where he saw none.
   */
  define(definition: CollectionDefinition, seen?: CollectionDefinition | null): Promise<boolean>
  /** Forgets definition and keys; false if there was none. */
  remove(name: string): Promise<boolean>
  keys(name: string): Promise<readonly StoredKey[]>
  /** `link`: what a view key shows. Throws `conflict` if there are too many of these. */
  addKey(name: string, kind: KeyKind, link?: SharedLink): Promise<NewKey>
  /** False if the collection has no such key. */
  removeKey(name: string, id: string): Promise<boolean>
  /** Makes an admin key if there was never one; undefined if there was. */
  makeAdmin(): Promise<NewKey | undefined>
}

export interface RegistryOptions {
  readonly now: () => number
  readonly random: Random
  /** The operator's admin key. Where it is set, no other admin key counts. */
  readonly adminKey?: string | undefined
}

/** What one document of kind `collection` holds. */
interface Entry {
  readonly definition: CollectionDefinition
  readonly keys: readonly StoredKey[]
}

interface Snapshot {
  readonly loadedAt: number
  /** The documents' texts, to compare and set. */
  readonly texts: ReadonlyMap<string, string>
  readonly entries: ReadonlyMap<string, Entry>
  /** Definitions by their names and aliases. */
  readonly bySite: ReadonlyMap<string, CollectionDefinition>
  /** Public keys (and secret ones once presented) by themselves, secret keys by digest; apart, so that a leaked digest is no key. */
  readonly byKey: Map<string, Principal>
  readonly byDigest: ReadonlyMap<string, Principal>
}

/** Age at which the registry is read again, and the age past which it is not believed. A removed key ends within the latter. */
const FRESH_MS = 20_000
const STALE_MS = 55_000

/** Unknown keys may make the registry look again at most this often, so that made-up ones cost nothing. */
const LOOK_AGAIN_MS = 1_000
const LOOK_AGAIN_BURST = 10

export function createRegistry(
  documents: RegistryDocuments,
  { now, random, adminKey }: RegistryOptions,
): Registry {
  let snapshot: Snapshot | undefined
  let isLoading = false
  let lastTurn = 0
  let keptTurn = 0
  const adminDigest = adminKey === undefined ? undefined : digestOf(adminKey)
  const mayLookAgain = bucket(LOOK_AGAIN_BURST, LOOK_AGAIN_MS, now)

  /** Reads the registry. Of reads that overlap the one begun last is kept, whichever ends last. */
  async function load(): Promise<Snapshot> {
    const turn = ++lastTurn
    isLoading = true
    try {
      const loadedAt = now()
      const [texts, admins] = await Promise.all([
        documents.documents('collection'),
        documents.documents('admin'),
      ])
      const read = makeSnapshot(loadedAt, texts, adminDigest ? new Map() : admins, snapshot)
      if (turn > keptTurn) {
        keptTurn = turn
        snapshot = read
      }
      return read
    } finally {
      isLoading = false
    }
  }

  /** A clock that was set back tells no age: what is remembered may be as old as the step. */
  function ageOf({ loadedAt }: Snapshot): number {
    const age = now() - loadedAt
    return age < 0 ? Infinity : age
  }

  /** What may be believed without a look at the store. */
  function remembered(): Snapshot | undefined {
    if (!snapshot) return undefined
    const age = ageOf(snapshot)
    return age < FRESH_MS || (isLoading && age < STALE_MS) ? snapshot : undefined
  }

  async function current(): Promise<Snapshot> {
    const known = remembered()
    if (known) return known
    try {
      return await load()
    } catch (error) {
      if (snapshot && ageOf(snapshot) < STALE_MS) return snapshot
      throw error
    }
  }

  async function search(key: string): Promise<Principal | undefined> {
    const { byKey, byDigest } = await current()
    const known = byKey.get(key)
    if (known) return known
    const digest = await digestOf(key)
    const isOperator = adminDigest !== undefined && digest === (await adminDigest)
    const found = isOperator ? ({ kind: 'admin' } as const) : byDigest.get(digest)
    // A digest costs a trip to another thread: a secret key pays it once in a snapshot's life.
    if (found) byKey.set(key, found)
    if (found || !isWellFormedKey(key) || !mayLookAgain()) return found
    const again = await load()
    return again.byKey.get(key) ?? again.byDigest.get(digest)
  }

  async function searchSite(id: string): Promise<CollectionDefinition | undefined> {
    const found = (await current()).bySite.get(id)
    return found || !mayLookAgain() ? found : (await load()).bySite.get(id)
  }

  /** Changes one collection's entry, again from the start if somebody else changed it meanwhile. */
  async function change(
    name: string,
    next: (entry: Entry | undefined, all: Snapshot) => Entry | null,
  ): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const all = await load()
      const after = next(all.entries.get(name), all)
      const text = after === null ? null : JSON.stringify(after)
      if (await documents.replace('collection', name, all.texts.get(name) ?? null, text)) {
        await load()
        return
      }
    }
    throw new SkerryError('conflict', { detail: 'Others keep changing this collection. Try again.' })
  }

  function existing(entry: Entry | undefined): Entry {
    if (!entry) throw new SkerryError('unknown_collection')
    return entry
  }

  return {
    identify: (key) => remembered()?.byKey.get(key) ?? search(key),
    async holder(digest): Promise<Principal | undefined> {
      if (adminDigest !== undefined && digest === (await adminDigest)) return { kind: 'admin' }
      const found = (await current()).byDigest.get(digest)
      return found ?? (mayLookAgain() ? (await load()).byDigest.get(digest) : undefined)
    },
    recall: (name) => {
      const known = remembered()
      return known
        ? known.entries.get(name)?.definition
        : current().then(({ entries }) => entries.get(name)?.definition)
    },
    async definition(name): Promise<CollectionDefinition | undefined> {
      const found = (await current()).entries.get(name)
      return (found ?? (await load()).entries.get(name))?.definition
    },
    findSite: (id) => remembered()?.bySite.get(id) ?? searchSite(id),
    definitions: async () =>
      [...(await load()).entries.values()].map(({ definition }) => definition).sort(byName),
    async define(definition, seen): Promise<boolean> {
      let isNew = false
      await change(definition.name, (entry, all) => {
        refuseTaken(definition, all)
        if (seen !== undefined) refuseOther(seen, entry)
        isNew = !entry
        return { definition, keys: entry?.keys ?? [] }
      })
      return isNew
    },
    async remove(name): Promise<boolean> {
      let isThere = false
      await change(name, (entry) => {
        isThere = entry !== undefined
        return null
      })
      return isThere
    },
    keys: async (name) => existing((await load()).entries.get(name)).keys,
    async addKey(name, kind, link): Promise<NewKey> {
      const { stored, key } = await newKey(kind, random, now())
      await change(name, (entry) => {
        const { keys } = existing(entry)
        if (link) refuseTooMany(keys)
        return { ...existing(entry), keys: [...keys, link ? { ...stored, link } : stored] }
      })
      return { id: stored.id, kind, key }
    },
    async removeKey(name, id): Promise<boolean> {
      let isThere = false
      await change(name, (entry) => {
        const keys = existing(entry).keys.filter((key) => key.id !== id)
        isThere = keys.length < existing(entry).keys.length
        return { ...existing(entry), keys }
      })
      return isThere
    },
    async makeAdmin(): Promise<NewKey | undefined> {
      if (adminDigest || (await documents.documents('admin')).size > 0) return undefined
      const { stored, key } = await newKey('admin', random, now())
      const isFirst = await documents.replace('admin', 'first', null, JSON.stringify(stored))
      if (isFirst) await load()
      return isFirst ? { id: stored.id, kind: 'admin', key } : undefined
    },
  }
}

/** Entries that did not change stay the same objects, so that what was opened by them stays open. */
function makeSnapshot(
  loadedAt: number,
  texts: ReadonlyMap<string, string>,
  admins: ReadonlyMap<string, string>,
  before: Snapshot | undefined,
): Snapshot {
  const entries = new Map<string, Entry>()
  for (const [name, text] of texts) {
    const known = before?.texts.get(name) === text ? before.entries.get(name) : undefined
    entries.set(name, known ?? (JSON.parse(text) as Entry))
  }
  const bySite = new Map<string, CollectionDefinition>()
  for (const { definition } of entries.values()) {
    for (const id of [definition.name, ...definition.aliases]) bySite.set(id, definition)
  }
  const byKey = new Map<string, Principal>()
  const byDigest = new Map<string, Principal>()
  const put = ({ id, kind, key, digest, link }: StoredKey, collection?: string): void => {
    const principal = {
      kind,
      ...(collection !== undefined && { collection }),
      ...(link && { link: { ...link, id } }),
    }
    if (key !== undefined) byKey.set(key, principal)
    if (digest !== undefined) byDigest.set(digest, principal)
  }
  for (const [collection, { keys }] of entries) for (const key of keys) put(key, collection)
  for (const text of admins.values()) put(JSON.parse(text) as StoredKey)
  return { loadedAt, texts, entries, bySite, byKey, byDigest }
}

async function newKey(
  kind: KeyKind,
  random: Random,
  at: number,
): Promise<{ stored: StoredKey; key: string }> {
  const key = makeKey(kind, random)
  const kept = kind === 'write' ? { key } : { digest: await digestOf(key) }
  return { key, stored: { id: makeId(random), kind, created: new Date(at).toISOString(), ...kept } }
}

function refuseOther(seen: CollectionDefinition | null, entry: Entry | undefined): void {
  if (JSON.stringify(seen) === JSON.stringify(entry?.definition ?? null)) return
  throw seen ? changedMeanwhile() : conflict('/name', 'There is a collection of this name.')
}

/** Somebody else has changed what its author saw. */
export function changedMeanwhile(): SkerryError {
  return conflict('/name', 'The settings have changed meanwhile.')
}

function refuseTooMany(keys: readonly StoredKey[]): void {
  const links = keys.filter(({ link }) => link !== undefined).length
  if (links >= sharedLinkLimits.most)
    throw new SkerryError('conflict', { detail: `A collection has at most ${sharedLinkLimits.most} links.` })
}

/** A name or an alias means one collection. */
function refuseTaken({ name, aliases }: CollectionDefinition, { entries }: Snapshot): void {
  for (const other of entries.values()) {
    const { definition } = other
    if (definition.name === name) continue
    const at = aliases.findIndex((alias) => alias === definition.name || definition.aliases.includes(alias))
    if (at >= 0) throw conflict(`/aliases/${at}`, `The alias "${aliases[at]}" is taken.`)
    if (definition.aliases.includes(name))
      throw conflict('/name', `"${name}" is an alias of another collection.`)
  }
}

function conflict(pointer: string, detail: string): SkerryError {
  return new SkerryError('conflict', { detail, faults: [{ pointer, detail }] })
}

function byName(a: CollectionDefinition, b: CollectionDefinition): number {
  return a.name < b.name ? -1 : 1
}

/** A bucket of `size` that refills by one each `everyMs`; false when it is empty. */
function bucket(size: number, everyMs: number, now: () => number): () => boolean {
  let level = size
  let at = now()
  return () => {
    level = Math.min(size, level + Math.max(0, now() - at) / everyMs)
    at = now()
    if (level < 1) return false
    level--
    return true
  }
}
