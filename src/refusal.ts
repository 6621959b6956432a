import type { Event, KeptEvent } from './event.ts'

/** Why an event that could be read is not counted. The list is closed: `docs/api.md` has it too. `optout` and `paused` are reserved, nothing gives them yet. */
export const refusalCodes = ['bot', 'spam', 'prefetch', 'privacy', 'optout', 'origin', 'paused'] as const
export type RefusalCode = (typeof refusalCodes)[number]

/** An event that is not counted. */
export interface Refused {
  readonly event: Event
  readonly code: RefusalCode
  /** Short name of the bot or AI agent, where it has one. */
  readonly bot?: string | undefined
}

/** What refused events carry beside an event's own fields. Clients cannot send it, and counted events have none of it. */
export const verdictFields = ['refusal', 'bot'] as const
export type Verdict = Readonly<Partial<Record<(typeof verdictFields)[number], string>>>

/** How long refused events are kept, days; shorter where the collection's own retention is. */
export const REFUSED_DAYS = 30

/** What a report shows of refused events, and how many one request may restore by their ids. */
export const refusedLimits = { sample: 100, sampleBytes: 262_144, agents: 100, restoredIds: 1000 } as const

type Counts = Readonly<Partial<Record<RefusalCode, number>>>

/** Refused events of the time for which they are kept; engagement is left out of the counts, as everywhere. */
export interface RefusedReport {
  readonly counts: Counts
  /** By date in the collection's zone. */
  readonly days: Readonly<Record<string, Counts>>
  /** Who read what: the most frequent pairs of a bot and a page. */
  readonly agents: readonly AgentReading[]
  /** The newest events, the newest first. */
  readonly sample: readonly RefusedSample[]
}

export interface AgentReading {
  readonly bot: string
  readonly page: string
  readonly count: number
}

export interface RefusedSample {
  readonly code: RefusalCode
  readonly bot?: string
  readonly event: KeptEvent
}

/** Which refused events are to be counted after all. */
export type RestoreSelection = { readonly ids: readonly string[] } | { readonly code: RefusalCode }
