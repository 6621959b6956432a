import type { CollectionDefinition } from '../src/collection.ts'
import type { Scalar, TextField } from '../src/event.ts'
import type { FunnelReport, Within } from '../src/funnel.ts'
import type { JourneysReport } from '../src/journeys.ts'
import type { KeyKind, StoredKey } from '../src/key.ts'
import type { Metric } from '../src/metric.ts'
import type { Comparison, DateRange } from '../src/query.ts'
import type { RefusalCode } from '../src/refusal.ts'
import type { NewKey } from '../src/registry.ts'
import type { Report } from '../src/report.ts'
import { type CallerOptions, createCaller } from './caller.ts'

export { Problem } from './caller.ts'

export interface SkerryOptions extends CallerOptions {
  /** Makes ids of events that have none, so that sending them again counts nothing twice; UUIDs unless said. */
  readonly newId?: () => string
}

/** An event as docs/api.md says; other members become properties. */
export interface SentEvent extends Readonly<Partial<Record<TextField, string>>> {
  readonly id?: string
  readonly name?: string
  readonly age?: number
  readonly time?: string | number
  readonly ms?: number
  readonly depth?: number
  readonly interactive?: boolean
  readonly revenue?: { readonly amount: string | number; readonly currency: string }
  readonly props?: Readonly<Record<string, Scalar>>
  readonly [member: string]: unknown
}

/** What became of a batch; items are told by their places in it. */
export interface Collected {
  readonly accepted: number
  readonly refused: readonly { readonly index: number; readonly code: RefusalCode }[]
  readonly invalid: readonly { readonly index: number; readonly detail: string; readonly pointer: string }[]
}

/** A filter as docs/query.md says: `['is', 'event:page', ['/']]`. */
export type SentFilter = readonly unknown[]

export interface SentQuery {
  readonly metrics: readonly Metric[]
  readonly date_range: DateRange
  readonly dimensions?: readonly string[]
  readonly filters?: readonly SentFilter[]
  readonly order_by?: readonly (readonly [name: string, direction: 'asc' | 'desc'])[]
  readonly include?: {
    readonly time_labels?: boolean
    readonly total_rows?: boolean
    readonly trim_relative_date_range?: boolean
    readonly comparison?: Comparison
  }
  readonly pagination?: { readonly limit?: number; readonly offset?: number }
  readonly timezone?: string
}

interface PathQuestion {
  readonly date_range: DateRange
  readonly within?: Within
  readonly filters?: readonly SentFilter[]
}

export interface SentFunnel extends PathQuestion {
  readonly steps: readonly (readonly SentFilter[])[]
}

export interface SentJourneys extends PathQuestion {
  readonly of?: 'page' | 'event'
  readonly from?: readonly SentFilter[]
  readonly to?: readonly SentFilter[]
  readonly steps?: number
  readonly limit?: number
}

/** Which events: dates, whole days and inclusive, or date-times. */
export interface SentSelection {
  readonly from?: string
  readonly to?: string
  readonly filters?: readonly SentFilter[]
}

/** A row of an export: an event's fields as kept, its attributes beside them. */
export interface Row extends Readonly<Partial<Record<TextField, string>>> {
  readonly time: string
  readonly name: string
  readonly id?: string
  readonly props?: Readonly<Record<string, Scalar>>
  readonly [member: string]: unknown
}

export type Skerry = ReturnType<typeof skerry>

/**
 * A client of a server. Reading and collecting are tried again while the server is away or busy, since an id counts
 * once; what changes definitions, keys or kept events is sent once. Throws `Problem` for what the server refuses.
 */
export function skerry(options: SkerryOptions) {
  const call = createCaller(options)
  const newId = options.newId ?? (() => crypto.randomUUID())

  async function read<T>(path: string): Promise<T> {
    return (await call(path, { isRepeatable: true })).json() as Promise<T>
  }
  async function ask<T>(path: string, body: unknown): Promise<T> {
    return (await call(path, { method: 'POST', body, isRepeatable: true })).json() as Promise<T>
  }
  async function change<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await call(path, { method, body, isRepeatable: false })
    return (response.status === 204 ? undefined : await response.json()) as T
  }

  return {
    /** Adds 1 to 1,000 events; durable when it resolves. An invalid one does not keep the others away. */
    async collect(collection: string, events: readonly SentEvent[]): Promise<Collected> {
      const body = events.map((event) => ({ ...event, id: event.id ?? newId() }))
      const sent = { method: 'POST', body, isRepeatable: true, alsoGood: [422] } as const
      return (await call(pathOf(collection), sent)).json() as Promise<Collected>
    },
    async count(collection: string): Promise<number> {
      return (await read<{ count: number }>(`${pathOf(collection)}/count`)).count
    },
    /** Events with a value of an attribute that the collection is grouped by. */
    async countBy(collection: string, attribute: string, value: string): Promise<number> {
      return (await read<{ count: number }>(`${pathOf(collection, attribute, value)}/count`)).count
    },
    query: (collection: string, query: SentQuery): Promise<Report> =>
      ask(`${pathOf(collection)}/query`, query),
    funnel: (collection: string, funnel: SentFunnel): Promise<FunnelReport> =>
      ask(`${pathOf(collection)}/funnel`, funnel),
    journeys: (collection: string, journeys: SentJourneys): Promise<JourneysReport> =>
      ask(`${pathOf(collection)}/journeys`, journeys),
    /** The events themselves in order of time, as they arrive. */
    async *events(collection: string, selection: SentSelection = {}): AsyncGenerator<Row, void, void> {
      const { filters, ...range } = selection
      const search = new URLSearchParams({ ...range, ...(filters && { filters: JSON.stringify(filters) }) })
      const response = await call(`${pathOf(collection)}/events?${search}`, { isRepeatable: true })
      for await (const line of linesOf(response)) yield JSON.parse(line) as Row
    },
    /** Removes the selected events for good, and tells how many counted. */
    async erase(collection: string, selection: SentSelection): Promise<number> {
      return (await change<{ erased: number }>('DELETE', `${pathOf(collection)}/events`, selection)).erased
    },
    async collections(): Promise<readonly CollectionDefinition[]> {
      return (await read<{ collections: CollectionDefinition[] }>('/api/collections')).collections
    },
    collection: (name: string): Promise<CollectionDefinition> => read(`/api/collections${pathOf(name)}`),
    /** Makes a collection, or changes its definition as a whole. */
    define: (name: string, definition: Partial<CollectionDefinition>): Promise<CollectionDefinition> =>
      change('PUT', `/api/collections${pathOf(name)}`, definition),
    /** Erases a collection with its events and keys. */
    remove: (name: string): Promise<void> => change('DELETE', `/api/collections${pathOf(name)}`),
    async keys(name: string): Promise<readonly StoredKey[]> {
      return (await read<{ keys: StoredKey[] }>(`/api/collections${pathOf(name)}/keys`)).keys
    },
    /** Makes a key: a secret one is seen this once. */
    addKey: (name: string, kind: Exclude<KeyKind, 'admin' | 'view'>): Promise<NewKey> =>
      change('POST', `/api/collections${pathOf(name)}/keys`, { kind }),
    removeKey: (name: string, id: string): Promise<void> =>
      change('DELETE', `/api/collections${pathOf(name)}/keys${pathOf(id)}`),
  }
}

function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('')
}

async function* linesOf({ body }: Response): AsyncGenerator<string, void, void> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      const lines = (rest + read.value).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    await reader?.cancel()
  }
}
