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

/** A part that is loaded when it is needed. */
export interface Part {
  /** Takes what could not be sent. */
  default(url: URL, body: string): void
}
