import { DurableObject } from 'cloudflare:workers'
import type { Collection, CollectionDefinition, TimeRange } from '../../src/collection.ts'
import { overloaded, SkerryError, unavailable } from '../../src/errors.ts'
import type { Event } from '../../src/event.ts'
import type { Home } from '../../src/home.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { journalCollection } from '../../src/store/journal-collection.ts'
import { sqlStore } from '../../src/store/sql/sql-store.ts'
import { durableObject } from '../store/durable-object.ts'

/** Bindings of wrangler.toml. */
export interface ObjectBindings {
  readonly COLLECTION: DurableObjectNamespace<CollectionObject>
  readonly DIRECTORY: DurableObjectNamespace<DirectoryObject>
}

/** A call to an object that takes longer is given up: its outcome is unknown, like that of a lost connection. */
const CALL_MS = 2_500

/** Collections that live in Durable Objects, one each. */
export function objectHome({ COLLECTION, DIRECTORY }: ObjectBindings): Home {
  const directory = () => DIRECTORY.getByName('directory')
  return {
    documents: {
      documents: (kind) => call(directory().documents(kind)),
      replace: (kind, name, before, after) => call(directory().replace(kind, name, before, after)),
    },
    open: (definition) => remoteCollection(definition, () => COLLECTION.getByName(definition.name)),
    isFull: () => false,
    durability: async () => 'always',
  }
}

/** A collection that lives in its object. A stub belongs to the request that made it, so each call makes its own. */
export function remoteCollection(
  definition: CollectionDefinition,
  stub: () => DurableObjectStub<CollectionObject>,
): Collection {
  return {
    definition,
    add: (events) => call(stub().add(definition, events)),
    count: () => call(stub().count(definition)),
    countBy: (attribute, value) => call(stub().countBy(definition, attribute, value)),
    isEmpty: () => call(stub().isEmpty(definition)),
    clear: () => call(stub().clear(definition)),
    async *events(range): AsyncGenerator<Event> {
      yield* readLines(await call(stub().events(definition, range)))
    },
  }
}

/** What an object's method promised, in time and with errors that mean something here. */
async function call<T>(promise: Promise<T>): Promise<T> {
  let timer: number | null = null
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unavailable(new Error('late'))), CALL_MS)
  })
  try {
    return await Promise.race([promise, late])
  } catch (error) {
    if (error instanceof SkerryError) throw error
    const isBusy = error instanceof Error && ('overloaded' in error || error.message.startsWith('Too busy'))
    throw isBusy ? overloaded() : unavailable(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Definitions and keys of all collections. There is one of it. */
export class DirectoryObject extends DurableObject {
  readonly #store = sqlStore(durableObject(this.ctx.storage))

  documents(kind: string): Promise<ReadonlyMap<string, string>> {
    return this.#store.documents(kind)
  }

  replace(kind: string, name: string, before: string | null, after: string | null): Promise<boolean> {
    return this.#store.replace(kind, name, before, after)
  }
}

/** One collection and its storage. Columns and journals never leave it, only answers. */
export class CollectionObject extends DurableObject {
  readonly #store = sqlStore(durableObject(this.ctx.storage))
  readonly #writer = groupCommit(this.#store, () => new Promise((resolve) => setTimeout(resolve, 0)))
  #opened: { readonly text: string; readonly collection: Collection } | undefined

  add(definition: CollectionDefinition, events: readonly Event[]): Promise<void> {
    return this.#open(definition).add(events)
  }

  count(definition: CollectionDefinition): Promise<number> {
    return this.#open(definition).count()
  }

  countBy(definition: CollectionDefinition, attribute: string, value: string): Promise<number> {
    return this.#open(definition).countBy(attribute, value)
  }

  isEmpty(definition: CollectionDefinition): Promise<boolean> {
    return this.#open(definition).isEmpty()
  }

  clear(definition: CollectionDefinition): Promise<void> {
    return this.#open(definition).clear()
  }

  events(definition: CollectionDefinition, range: TimeRange): ReadableStream<Uint8Array> {
    return lines(this.#open(definition).events(range))
  }

  #open(definition: CollectionDefinition): Collection {
    const text = JSON.stringify(definition)
    if (this.#opened?.text !== text) {
      this.#opened = { text, collection: journalCollection(definition, this.#store, this.#writer) }
    }
    return this.#opened.collection
  }
}

/** Events as NDJSON, the only form in which they can stream out of an object. */
function lines(events: AsyncIterable<Event>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = events[Symbol.asyncIterator]()
  return new ReadableStream({
    type: 'bytes',
    async pull(controller): Promise<void> {
      const { done, value } = await iterator.next()
      if (!done) controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`))
      else controller.close()
    },
  })
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  let rest = ''
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const pieces = (rest + text).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) yield JSON.parse(piece) as Event
  }
}
