import type { Event, KeptEvent } from './event.ts'
import type { Funnel, FunnelReport } from './funnel.ts'
import type { Journeys, JourneysReport } from './journeys.ts'
import type { LiveMessage } from './live.ts'
import type { Filter, Query } from './query.ts'
import type { Refused, RefusedReport, RestoreSelection } from './refusal.ts'
import type { Report } from './report.ts'

/** What its owner says of a collection. Times and days are those of `timezone`. */
export interface CollectionDefinition {
  readonly name: string
  /** Names of the event's own attributes; whatever else an event brings becomes a property. */
  readonly attributes: readonly string[]
  /** Attributes that `countBy` answers. */
  readonly groupBy: readonly string[]
  /** IANA name. */
  readonly timezone: string
  /** Origins whose pages may send; empty: any. `https://*.example.com` stands for all subdomains. */
  readonly origins: readonly string[]
  /** Its ids in other products' trackers. */
  readonly aliases: readonly string[]
  /** Names of query parameters that belong to a page's address. */
  readonly query: readonly string[]
  /** Days to keep; null: for ever. */
  readonly retention: number | null
  readonly goals: readonly Goal[]
  readonly privacy: { readonly gpc: PrivacyRule; readonly dnt: PrivacyRule }
  readonly policies: { readonly bots: 'browsers' | 'all' | 'off'; readonly dialects: boolean }
  /** Origins that may read from a browser. */
  readonly embed: readonly string[]
}

export type PrivacyRule = 'ignore' | 'anonymous' | 'drop'

export type Goal =
  | { readonly name: string; readonly event: string }
  | { readonly name: string; readonly page: string }

/** From and to, ms since 1970, `to` not included; an absent end is open. */
export interface TimeRange {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Which events are meant: those of a range that every filter lets through. */
export interface Selection {
  readonly range: TimeRange
  readonly filters: readonly Filter[]
}

/** What the routes know: one named stream of events, wherever it is kept. */
export interface Collection {
  readonly definition: CollectionDefinition
  /** Durable when it resolves. All of the events or none; an id counts once, however often it is added. */
  add(events: readonly Event[]): Promise<void>
  /** Events ever, engagement left out. Sees everything that was added before the call. */
  count(): Promise<number>
  /** Events with this value of an attribute in `groupBy`. A page given as URL means host and path. */
  countBy(attribute: string, value: string): Promise<number>
  /** Answers a question. Sees everything that was added before the call. Throws `invalid_query` past its limits. */
  query(query: Query): Promise<Report>
  /** How many come from step to step, and which ways are taken, likewise. */
  funnel(funnel: Funnel): Promise<FunnelReport>
  journeys(journeys: Journeys): Promise<JourneysReport>
  /** Each id once, in order of time. */
  events(selection: Selection): AsyncIterable<KeptEvent>
  /** Events and current visitors as they come, from now on or from the place of a former message. Ends by itself at times, to be begun again. */
  live(after?: string): AsyncIterable<readonly LiveMessage[]>
  /** Removes events for good, refused ones too, and tells how many counted; sending them again does not bring them back. */
  erase(selection: Selection): Promise<number>
  /** Keeps events that are not counted, for a while. Durable when it resolves, all or none, an id once. */
  refuse(refused: readonly Refused[]): Promise<void>
  /** What was refused, as far as it is kept. Sees everything that was refused before the call. */
  refused(): Promise<RefusedReport>
  /** Answers a question about refused events; it may name `event:refusal` and `event:bot`. */
  queryRefused(query: Query): Promise<Report>
  /** Counts refused events after all, as events without visitors, and tells how many: each once, however often it is asked. */
  restore(selection: RestoreSelection): Promise<number>
  /** Forgets refused events only. */
  clearRefused(): Promise<void>
  /** Names of properties of the events of its newest days, in order; `(other)` is none of them. */
  properties(): Promise<readonly string[]>
  /** Whether it holds no event at all, engagement included, refused ones left out. */
  isEmpty(): Promise<boolean>
  /** Folds what has gathered into segments, drops what is past the retention. Anyone may, at any time. */
  seal(): Promise<void>
  /** Forgets all events, refused ones too. */
  clear(): Promise<void>
}
