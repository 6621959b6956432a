/** What a property or a declared attribute may hold. */
export type Scalar = string | number | boolean

/** An amount of money: a decimal as text, so that no cent is lost, and its currency (ISO 4217). */
export interface Revenue {
  readonly amount: string
  readonly currency: string
}

/** The text fields that an event may carry and a collection may group by. */
export const textFields = [
  'page',
  'hostname',
  'referrer',
  'source',
  'medium',
  'campaign',
  'term',
  'content',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'channel',
  'click_id',
  'browser',
  'browser_version',
  'os',
  'os_version',
  'device',
  'screen',
  'language',
  'country',
  'region',
  'city',
  'zone',
  'title',
] as const

export type TextField = (typeof textFields)[number]

/** One thing that happened. This is what journals keep and exports give. */
export interface Event extends Readonly<Partial<Record<TextField, string>>> {
  /** Made once by the client, or by the server where it sent none. An id counts once per collection. */
  readonly id: string
  readonly name: string
  /** When it happened, ms since 1970 UTC. */
  readonly time: number
  /** When it arrived, ms since 1970 UTC. */
  readonly received: number
  /** Who, in 64 bits as 16 hex digits, on that day only; absent where nobody may be told from anybody else. */
  readonly visitor?: string
  /** It came with an absolute time (an import), so its id is known as long as the event is kept. */
  readonly dated?: true
  /** Path of the page, without fragment and with no query but the definition's; the host is `hostname`. */
  readonly page?: string
  /** Engaged time in ms, of `engagement` events. */
  readonly ms?: number
  /** Scroll depth in percent, of `engagement` events. */
  readonly depth?: number
  /** `false`: the event does not end a bounce. */
  readonly interactive?: false
  readonly revenue?: Revenue
  /** Declared attributes that are not fields of their own. */
  readonly attributes?: Readonly<Record<string, Scalar>>
  readonly props?: Readonly<Record<string, Scalar>>
}

/**
 * An event as it is read back: without visitor and receipt, and without `id` once that has been forgotten,
 * 48 h after receipt (an id that came with an absolute time stays).
 */
export interface KeptEvent extends Omit<Event, 'id' | 'received' | 'visitor' | 'dated'> {
  readonly id?: string
}

/** Every limit of an event, in characters unless the name says otherwise. Over it the event is refused. */
export const eventLimits = {
  id: 64,
  name: 120,
  page: 2048,
  referrer: 2048,
  tag: 2048,
  title: 2048,
  text: 255,
  props: 30,
  propKeyBytes: 300,
  propValueBytes: 2000,
  engagedMs: 86_400_000,
  ageMs: 86_400_000,
  aheadMs: 300_000,
  batch: 1000,
} as const

/** Engagement tells how long a page was read; it is no event of its own in any count. */
export const ENGAGEMENT = 'engagement'
export const PAGEVIEW = 'pageview'

/** The fields of an event beside its text fields that clients may send; none of them can be grouped by. */
const otherFields = [
  'id',
  'time',
  'age',
  'agent',
  'address',
  'visitor',
  'ms',
  'depth',
  'interactive',
  'revenue',
] as const

/** Names that cannot be declared as attributes, because they already mean something. */
export const builtinFields: ReadonlySet<string> = new Set<string>([
  'name',
  'props',
  ...textFields,
  ...otherFields,
])

/** Names of fields that a collection may group by without declaring them. */
export const groupableFields: ReadonlySet<string> = new Set<string>(['name', ...textFields])
