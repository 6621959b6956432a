/** What browsers have and TypeScript's DOM does not know well enough. */

/** An event of the window, or nothing at all. */
export interface Moment {
  readonly type?: string
  readonly target?: unknown
  readonly button?: number
  /** The page came back as it was left (bfcache). */
  readonly persisted?: boolean
}

export interface Arrival extends PerformanceEntry {
  readonly responseStatus: number
}

export interface Advance extends Document {
  /** Nobody has opened the page yet. */
  readonly prerendering: boolean
}

export interface Visitor extends Navigator {
  readonly globalPrivacyControl?: boolean
}

/** What did not come through: the collector's answer, or why there was none. */
export type Outcome = Response | Error

/** The part that is loaded when something could not be sent. */
export interface Part {
  default(url: URL, body: string, outcome: Outcome): void
}
