import type { Collection, CollectionDefinition } from '../collection.ts'
import type { Layer, Layers, SkerryContext } from '../context.ts'
import { defineCollection, definitionSchema, isCollectionName } from '../definition.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { document } from '../middleware/document.ts'
import { valid, validated } from '../middleware/validated.ts'
import type { Registry } from '../registry.ts'
import { empty, json, type Reply } from '../reply.ts'
import type { Shelf } from '../shelf.ts'

export interface CollectionsOptions {
  readonly registry: Registry
  readonly open: (definition: CollectionDefinition) => Collection
  readonly annotations: Shelf
  readonly savedViews: Shelf
}

export function listCollections({ registry }: CollectionsOptions): Layer {
  return async function listCollections(): Promise<Reply> {
    return json({ collections: await registry.definitions() }, 200, PRIVATE)
  }
}

export function getCollection(options: CollectionsOptions): Layer {
  return async function getCollection(c): Promise<Reply> {
    return json(await existing(c, options), 200, PRIVATE)
  }
}

/** Makes a collection, or changes its definition as a whole. */
export function putCollection(options: CollectionsOptions): Layers {
  return {
    document: document(),
    validate: validated('json', definitionSchema, 'invalid_definition'),
    async putCollection(c): Promise<Reply> {
      const definition = defineCollection(nameOf(c), valid(c, 'json', definitionSchema))
      const isNew = await saveDefinition(options, definition)
      return json(definition, isNew ? 201 : 200, PRIVATE)
    },
  }
}

/** Makes a collection (true), or changes its definition as a whole. `seen`: as the registry's `define` has it. */
export async function saveDefinition(
  options: CollectionsOptions,
  definition: CollectionDefinition,
  seen?: CollectionDefinition | null,
): Promise<boolean> {
  const { registry, open } = options
  const before = await registry.definition(definition.name)
  if (before) await prepareZoneChange(before, definition, open)
  if (before) return registry.define(definition, seen)
  // What a process that did not know yet of an earlier deletion still added must not come back. Only the one who
  // made the collection clears it, and until then nothing gets in: it has no key, and is closed to other trackers.
  const isNew = await registry.define(closed(definition), seen)
  if (isNew) await clear(options, definition)
  await registry.define(definition)
  return isNew
}

function closed(definition: CollectionDefinition): CollectionDefinition {
  return { ...definition, policies: { ...definition.policies, dialects: false } }
}

/** Erases a collection with its events, its keys, and what is kept beside it. */
export async function removeCollection(
  options: CollectionsOptions,
  definition: CollectionDefinition,
): Promise<void> {
  await options.registry.remove(definition.name)
  await clear(options, definition)
}

async function clear(
  { open, annotations, savedViews }: CollectionsOptions,
  definition: CollectionDefinition,
): Promise<void> {
  const { name } = definition
  await Promise.all([open(definition).clear(), annotations.clear(name), savedViews.clear(name)])
}

/** Erases a collection with its events and keys. */
export function deleteCollection(options: CollectionsOptions): Layer {
  return async function deleteCollection(c): Promise<Reply> {
    const name = nameOf(c)
    const definition = await options.registry.definition(name)
    // One that was removed before its events could be is finished by whoever tries again.
    if (!definition) await clear(options, defineCollection(name, definitionSchema.parse({})))
    if (!definition) throw new SkerryError('unknown_collection')
    await removeCollection(options, definition)
    return empty(204)
  }
}

async function existing(c: SkerryContext, { registry }: CollectionsOptions): Promise<CollectionDefinition> {
  const definition = await registry.definition(c.req.param('name') ?? '')
  if (!definition) throw new SkerryError('unknown_collection')
  return definition
}

function nameOf(c: SkerryContext): string {
  return collectionName(c.req.param('name') ?? '')
}

/** A name that a collection may have. Throws `invalid_definition` otherwise. */
export function collectionName(name: string): string {
  if (isCollectionName(name)) return name
  const detail = 'must be 1 to 63 of a-z 0-9 . _ -, begin with a letter or digit, and be no reserved word'
  throw new SkerryError('invalid_definition', { faults: [{ pointer: '/name', detail }] })
}

/** Events are filed by days of the zone: with another zone they would lie in the wrong ones. Refused events are forgotten. */
async function prepareZoneChange(
  before: CollectionDefinition,
  after: CollectionDefinition,
  open: CollectionsOptions['open'],
): Promise<void> {
  if (before.timezone === after.timezone) return
  if (await open(before).isEmpty()) return open(before).clearRefused()
  const detail = 'The time zone of a collection that holds events cannot be changed.'
  throw new SkerryError('conflict', { detail, faults: [{ pointer: '/timezone', detail }] })
}
