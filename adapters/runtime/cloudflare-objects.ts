import { DurableObject } from 'cloudflare:workers'
import type { Collection, CollectionDefinition, Selection } from '../../src/collection.ts'
import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { asSkerryError, overloaded, unavailable } from '../../src/errors.ts'
import type { Event, KeptEvent } from '../../src/event.ts'
import type { Funnel, FunnelReport } from '../../src/funnel.ts'
import type { Home } from '../../src/home.ts'
import type { Journeys, JourneysReport } from '../../src/journeys.ts'
import { makeId } from '../../src/key.ts'
import { createListeners, listenerStream } from '../../src/listeners.ts'
import type { LiveMessage } from '../../src/live.ts'
import type { Query } from '../../src/query.ts'
import type { Refused, RefusedReport, RestoreSelection } from '../../src/refusal.ts'
import type { Report } from '../../src/report.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { type JournalCollection, journalCollection } from '../../src/store/journal-collection.ts'
import type { JournalOptions } from '../../src/store/journal-stream.ts'
import { sqlStore } from '../../src/store/sql/sql-store.ts'
import { type Timed, timedCommits } from '../../src/telemetry/commits.ts'
import { createTelemetry } from '../../src/telemetry/create.ts'
import type { SharedDocuments } from '../../src/telemetry/shared.ts'
import type { Telemetry } from '../../src/telemetry.ts'
import { durableObject } from '../store/durable-object.ts'
import { gathering, within } from './gathering.ts'

/** Bindings of wrangler.toml. */
export interface ObjectBindings {
  readonly COLLECTION: DurableObjectNamespace<CollectionObject>
  readonly DIRECTORY: DurableObjectNamespace<DirectoryObject>
}

/** A call to an object that takes longer is given up: its outcome is unknown, like that of a lost connection. */
const CALL_MS = 2_500

/** Long scans and rewrites may take longer, ms. */
const SCAN_MS = 25_000

/** Columns of segments that stay in an object's memory, of its 128 MB. */
const CACHE_BYTES = 48 * 1024 * 1024

/** Events that a journal may hold before it is sealed: a question that finds the object asleep folds no more. */
const SEAL_AT = 4_000

/** Who listens looks at the journal so often, ms. */
const LOOK_MS = 500

/** An object with events in its journal looks after them so often, ms. */
const ALARM_MS = 600_000

function newId(): string {
  return makeId((bytes) => crypto.getRandomValues(new Uint8Array(bytes)))
}

/** Collections that live in Durable Objects, one each. */
export function objectHome({ COLLECTION, DIRECTORY }: ObjectBindings): Home {
  const documents = directoryDocuments(DIRECTORY)
  const telemetry = createTelemetry({ documents, now: Date.now, newId })
  const timed = timedCommits(telemetry, () => performance.now())
  return {
    documents,
    open: (definition) => remoteCollection(definition, () => COLLECTION.getByName(definition.name), timed),
    isFull: () => false,
    durability: async () => 'always',
    wakesByItself: true,
    telemetry,
  }
}

function directoryDocuments(DIRECTORY: ObjectBindings['DIRECTORY']): SharedDocuments {
  const directory = () => DIRECTORY.getByName('directory')
  return {
    documents: (kind) => call(directory().documents(kind)),
    replace: (kind, name, before, after) => call(directory().replace(kind, name, before, after)),
  }
}

/** A collection that lives in its object. A stub belongs to the request that made it, so each call makes its own. */
export function remoteCollection(
  definition: CollectionDefinition,
  stub: () => DurableObjectStub<CollectionObject>,
  timed: Timed = (work) => work(),
): Collection {
  return {
    definition,
    add: gathering({
      send: (events: readonly Event[]) => timed(() => call(stub().add(definition, events))),
      now: Date.now,
    }),
    count: () => call(stub().count(definition)),
    countBy: (attribute, value) => call(stub().countBy(definition, attribute, value)),
    isEmpty: () => call(stub().isEmpty(definition)),
    properties: () => call(stub().properties(definition), SCAN_MS),
    clear: () => call(stub().clear(definition)),
    query: (query) => call(stub().query(definition, query), SCAN_MS),
    funnel: (funnel) => call(stub().funnel(definition, funnel), SCAN_MS),
    journeys: (journeys) => call(stub().journeys(definition, journeys), SCAN_MS),
    erase: (selection) => call(stub().erase(definition, selection), SCAN_MS),
    refuse: (refused) => call(stub().refuse(definition, refused)),
    refused: () => call(stub().refused(definition), SCAN_MS),
    queryRefused: (query) => call(stub().queryRefused(definition, query), SCAN_MS),
    restore: (selection) => call(stub().restore(definition, selection), SCAN_MS),
    clearRefused: () => call(stub().clearRefused(definition)),
    seal: () => call(stub().seal(definition), SCAN_MS),
    async *events(selection): AsyncGenerator<KeptEvent> {
      yield* readLines<KeptEvent>(await call(stub().events(definition, selection), SCAN_MS))
    },
    async *live(after): AsyncGenerator<readonly LiveMessage[]> {
      yield* readLines<readonly LiveMessage[]>(await call(stub().live(definition, after)))
    },
  }
}

/** What an object's method promised, in time and with errors that mean something here. */
async function call<T>(promise: Promise<T>, withinMs: number = CALL_MS): Promise<T> {
  try {
    return await within(promise, withinMs)
  } catch (error) {
    const told = asSkerryError(error)
    if (told) throw told
    const isBusy = error instanceof Error && ('overloaded' in error || error.message.startsWith('Too busy'))
    throw isBusy ? overloaded() : unavailable(error)
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
export class CollectionObject extends DurableObject<ObjectBindings> {
  readonly #store = sqlStore(durableObject(this.ctx.storage))
  readonly #options: JournalOptions = {
    store: this.#store,
    writer: groupCommit(this.#store, breathe),
    cache: createCache(CACHE_BYTES),
    codec: streamCodec,
    now: Date.now,
    newId,
    breathe,
    sealAt: SEAL_AT,
    listening: { pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), everyMs: LOOK_MS },
    observe: (name, state) => this.#telemetry?.journal(name, state),
  }
  #telemetry: Telemetry | undefined
  #opened: { readonly text: string; readonly collection: JournalCollection } | undefined
  readonly #listeners = createListeners(() => performance.now())
  #addedSinceSeal = 0
  #hasAlarm = false

  async add(definition: CollectionDefinition, events: readonly Event[]): Promise<void> {
    await this.#open(definition).add(events)
    await this.#lookAfter(definition, events.length)
  }

  async refuse(definition: CollectionDefinition, refused: readonly Refused[]): Promise<void> {
    await this.#open(definition).refuse(refused)
    await this.#lookAfter(definition, refused.length)
  }

  async restore(definition: CollectionDefinition, selection: RestoreSelection): Promise<number> {
    const restored = await this.#open(definition).restore(selection)
    await this.#lookAfter(definition, restored)
    return restored
  }

  /** Journals are sealed, and what is past its time is dropped, also when nobody asks. */
  override async alarm(): Promise<void> {
    this.#hasAlarm = false
    const text = (await this.#store.documents('own')).get('definition')
    if (text === undefined) return
    const collection = this.#open(JSON.parse(text) as CollectionDefinition)
    await collection.seal()
    await this.#telemetry?.flush().catch(() => {})
    if (!(await collection.isIdle())) await this.ctx.storage.setAlarm(Date.now() + ALARM_MS)
  }

  query(definition: CollectionDefinition, query: Query): Promise<Report> {
    return this.#open(definition).query(query)
  }

  funnel(definition: CollectionDefinition, funnel: Funnel): Promise<FunnelReport> {
    return this.#open(definition).funnel(funnel)
  }

  journeys(definition: CollectionDefinition, journeys: Journeys): Promise<JourneysReport> {
    return this.#open(definition).journeys(journeys)
  }

  erase(definition: CollectionDefinition, selection: Selection): Promise<number> {
    return this.#open(definition).erase(selection)
  }

  refused(definition: CollectionDefinition): Promise<RefusedReport> {
    return this.#open(definition).refused()
  }

  properties(definition: CollectionDefinition): Promise<readonly string[]> {
    return this.#open(definition).properties()
  }

  queryRefused(definition: CollectionDefinition, query: Query): Promise<Report> {
    return this.#open(definition).queryRefused(query)
  }

  clearRefused(definition: CollectionDefinition): Promise<void> {
    return this.#open(definition).clearRefused()
  }

  seal(definition: CollectionDefinition): Promise<void> {
    return this.#open(definition).seal()
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

  events(definition: CollectionDefinition, selection: Selection): ReadableStream<Uint8Array> {
    return lines(this.#open(definition).events(selection))
  }

  live(definition: CollectionDefinition, after: string | undefined): Promise<ReadableStream<Uint8Array>> {
    const messages = this.#open(definition).live(after)
    const clock = (): number => performance.now()
    return listenerStream(messages, (some) => (some.length > 0 ? `${JSON.stringify(some)}\n` : ''), {
      listeners: this.#listeners,
      clock,
    })
  }

  /** After events came in: sees to it that they are sealed, now if they have become many, and when time has come. */
  async #lookAfter(definition: CollectionDefinition, added: number): Promise<void> {
    await this.#setAlarm(definition)
    this.#addedSinceSeal += added
    if (this.#addedSinceSeal < SEAL_AT) return
    this.#addedSinceSeal = 0
    const sealed = this.#open(definition).seal()
    this.ctx.waitUntil(sealed.then(() => this.#telemetry?.flush()).catch(logPutOff))
  }

  /** An alarm knows nothing but what is kept: the definition is kept with it. */
  async #setAlarm(definition: CollectionDefinition): Promise<void> {
    if (this.#hasAlarm) return
    this.#hasAlarm = true
    const before = (await this.#store.documents('own')).get('definition') ?? null
    const text = JSON.stringify(definition)
    if (before !== text) await this.#store.replace('own', 'definition', before, text)
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + ALARM_MS)
  }

  /** What an object tells of itself is kept with the definitions, where whoever is asked finds it. */
  #watch(name: string): Telemetry {
    return createTelemetry({
      documents: directoryDocuments(this.env.DIRECTORY),
      now: Date.now,
      newId,
      vitals: () => ({
        process: `object ${name}`,
        values: { skerry_cache_bytes: this.#options.cache.bytes },
      }),
    })
  }

  #open(definition: CollectionDefinition): JournalCollection {
    const text = JSON.stringify(definition)
    if (this.#opened?.text !== text) {
      this.#opened = { text, collection: journalCollection(definition, this.#options) }
      this.#telemetry ??= this.#watch(definition.name)
      this.#hasAlarm = false
    }
    return this.#opened.collection
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

function logPutOff(error: unknown): void {
  console.log(JSON.stringify({ level: 'warn', event: 'maintenance put off', detail: String(error) }))
}

/** Events as NDJSON, the only form in which they can stream out of an object. */
function lines(events: AsyncIterable<KeptEvent>): ReadableStream<Uint8Array> {
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

async function* readLines<T>(stream: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  let rest = ''
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const pieces = (rest + text).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) yield JSON.parse(piece) as T
  }
}
