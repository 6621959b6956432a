/** What a property may be. */
export type Prop = string | number | boolean

export type Props = Readonly<Record<string, Prop>>

export interface Revenue {
  readonly amount: number | string
  /** ISO 4217. */
  readonly currency: string
}

/** Fields of an event as docs/api.md has them, which go before what the tracker knows by itself; declared attributes too. */
export interface Fields {
  readonly name?: string | undefined
  readonly page?: string | undefined
  readonly referrer?: string | undefined
  readonly title?: string | undefined
  /** ms since it happened. */
  readonly age?: number
  readonly ms?: number
  readonly depth?: number
  /** `false`: does not end a bounce. */
  readonly interactive?: false
  readonly props?: Props | undefined
  readonly revenue?: Revenue | undefined
  readonly [attribute: string]: unknown
}

/** Counts an event of the page that is shown. `revenue` is what it brought. Without a name it is a page view. */
export interface Skerry {
  (name?: string, props?: Props, revenue?: Revenue, fields?: Fields): void
  /** Events from before the tracker was there. */
  q: Fields[]
}

declare global {
  interface Window {
    skerry?: Skerry
  }
}
