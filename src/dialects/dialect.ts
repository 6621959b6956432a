import type { Fault, SkerryError } from '../errors.ts'
import type { RefusalCode } from '../refusal.ts'
import type { Reply } from '../reply.ts'

/** A request as another product's tracker sends it. */
export interface ForeignRequest {
  readonly method: string
  readonly url: URL
  header(name: string): string | undefined
  /** The body. Throws what reading a body of ours throws. */
  text(): Promise<string>
  /** Time of receipt, ms since 1970. */
  readonly now: number
  /** The collection whose server key came with it. */
  readonly ownSite: string | undefined
}

/** One event: for which site, and the item that a beacon of ours would have. */
export interface Message {
  /** Ids of the site, of which the first that is known holds. */
  readonly sites: readonly string[]
  readonly item: Readonly<Record<string | symbol, unknown>>
  /** The visitor's agent, where it is not the request's own: anybody may say that, since a header is as free. */
  readonly agent?: string | undefined
  /** It comes from the product's own client of servers, which is no bot. */
  readonly isClient?: boolean
  /** The page says that a program drives its browser. */
  readonly isDriven?: boolean
}

/** A message, or why it is none. */
export type Reading = Message | Fault

export interface ForeignBeacon {
  readonly readings: readonly Reading[]
  /** A key that stands in the body, as Matomo's clients send it. */
  readonly key?: string | undefined
  /** Form of the answer, where a product has several. */
  readonly form?: 'bulk' | 'empty' | undefined
}

/** What became of a reading. */
export type Outcome =
  | { readonly is: 'stored' }
  | { readonly is: 'refused'; readonly code: RefusalCode }
  | { readonly is: 'invalid'; readonly fault: Fault; readonly isStray?: boolean }
  | { readonly is: 'unknown'; readonly site: string }

/** How another product's tracker speaks: its requests as items of ours, our answers as its own. */
export interface Dialect {
  /** Throws what our own routes throw where nothing of it can be read. */
  read(request: ForeignRequest): Promise<ForeignBeacon>
  /** The answer, once all that was stored is durable: an outcome for each reading; none if there was a HEAD. */
  answer(outcomes: readonly Outcome[], form?: ForeignBeacon['form']): Reply
  /** An error in the product's own words; undefined: it is told as everywhere. */
  refuse(error: SkerryError, header: ForeignRequest['header']): Reply | undefined
}

/** What tells a page's owner why events were not counted: the first reason. */
export function refusedHeader(outcomes: readonly Outcome[]): Readonly<Record<string, string>> {
  const refused = outcomes.find((outcome) => outcome.is === 'refused')
  return refused ? { 'Skerry-Refused': refused.code } : {}
}
