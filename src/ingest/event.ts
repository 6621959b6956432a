import type { CollectionDefinition } from '../collection.ts'
import type { Fault } from '../errors.ts'
import { FAULTS_SHOWN, quote } from '../errors.ts'
import { type Event, eventLimits, PAGEVIEW, type Revenue, type Scalar } from '../event.ts'
import { isObject } from '../json.ts'
import { type Page, readPage } from '../page.ts'
import { cleanText, fitsBytes } from '../text.ts'
import type { Identity } from '../visitor.ts'
import { type Field, fields, Invalid, readScalar } from './fields.ts'
import type { Making, StepFacts } from './making.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { impersonal } from './report.ts'
import { steps } from './steps.ts'

/** What the server knows of a request when it reads the beacon's events. */
export interface RequestFacts extends StepFacts {
  readonly definition: CollectionDefinition
  /** Time of receipt, ms since 1970. */
  readonly now: number
  /** The items come from a form or a query, where numbers are text. */
  readonly fromText: boolean
  readonly newId: () => string
}

export type EventReading =
  | {
      readonly event: Event
      readonly identity: Identity
      /** Why it is not to be counted. */
      readonly refusal: Refusal | undefined
      readonly faults?: never
    }
  | {
      readonly event?: never
      readonly identity?: never
      readonly refusal?: never
      readonly faults: readonly Fault[]
    }

/** A beacon's item as it is being read. */
interface Draft {
  readonly values: Map<string, unknown>
  readonly attributes: Map<string, Scalar>
  readonly props: Map<string, Scalar>
  readonly faults: Fault[]
}

/** Reads one item of a beacon: an honest event, or everything that is wrong with it. */
export function readEvent(item: unknown, facts: RequestFacts): EventReading {
  if (!isObject(item)) return { faults: [{ pointer: '', detail: 'must be a JSON object' }] }
  const draft: Draft = { values: new Map(), attributes: new Map(), props: new Map(), faults: [] }
  for (const name of Object.keys(item)) {
    if (isHopeless(draft)) break
    readMember(draft, name, item[name], facts)
  }
  if (draft.props.size > eventLimits.props) fault(draft, '/props', `may hold ${eventLimits.props} properties`)
  const time = readTime(draft, facts)
  const page = readAddress(draft, facts)
  if (draft.faults.length > 0) return { faults: draft.faults }
  const making = beginMaking(draft, page, facts)
  for (const step of steps) step(making, facts)
  const refusal = refusalOf(making, facts)
  const event = assemble(draft, time, making, facts)
  return {
    event: refusal?.code === 'privacy' ? bare(event) : event,
    identity: impersonal in item ? NOBODY : identityOf(draft, making, facts),
    refusal,
  }
}

/** Of whom a visitor's wish is that nothing be kept, only that there was something. */
function bare({ id, name, time, received }: Event): Event {
  return { id, name, time, received }
}

function beginMaking({ values }: Draft, page: Page | undefined, { sender }: RequestFacts): Making {
  const text = (name: string): string | undefined => values.get(name) as string | undefined
  const isOwn = !sender.isTrusted
  return {
    given: text,
    page,
    agent: text('agent') ?? (isOwn ? sender.agent : undefined),
    address: text('address') ?? (isOwn ? sender.client.address : undefined),
    isOwn,
    referrer: undefined,
    fields: {},
  }
}

/** More faults than are told, or more properties than are taken: reading on would only cost time. */
function isHopeless({ faults, props }: Draft): boolean {
  return faults.length >= FAULTS_SHOWN || props.size > eventLimits.props
}

function readMember(draft: Draft, name: string, value: unknown, facts: RequestFacts): void {
  if (value === null || value === undefined) return
  const field = fields.get(name)
  if (field) readField(draft, name, field, value, facts)
  else if (name === 'props' && !facts.fromText) readProps(draft, value)
  else if (facts.definition.attributes.includes(name)) keep(draft, draft.attributes, name, readScalar(value))
  else if (facts.fromText && name.startsWith('props.')) readProp(draft, name.slice(6), value, '', name)
  else readProp(draft, name, value, '')
}

function readField(draft: Draft, name: string, field: Field, value: unknown, facts: RequestFacts): void {
  if (field.trusted && !facts.sender.isTrusted) return
  keep(draft, draft.values, name, field.read(value, facts.fromText))
}

function readProps(draft: Draft, value: unknown): void {
  if (!isObject(value)) {
    fault(draft, '/props', 'must be an object')
    return
  }
  for (const [name, prop] of Object.entries(value)) {
    if (isHopeless(draft)) return
    if (prop !== null) readProp(draft, name, prop, '/props')
  }
}

function readProp(draft: Draft, name: string, value: unknown, within: string, member: string = name): void {
  const key = cleanText(name)
  const read = fitsBytes(key, eventLimits.propKeyBytes) ? readScalar(value) : LONG_KEY
  if (read instanceof Invalid) fault(draft, within + pointer(member), read.detail)
  else draft.props.set(key, read)
}

const LONG_KEY: Invalid = new Invalid(`must have a name of at most ${eventLimits.propKeyBytes} bytes`)

function keep<T>(draft: Draft, into: Map<string, T>, name: string, read: T | Invalid | undefined): void {
  if (read instanceof Invalid) fault(draft, pointer(name), read.detail)
  else if (read !== undefined) into.set(name, read)
}

/** The event's time by the server's clock: a sender's `age` is relative to receipt, so a wrong clock does no harm. */
function readTime(draft: Draft, { now }: RequestFacts): number {
  const time = draft.values.get('time')
  if (typeof time !== 'number') return now - Math.trunc((draft.values.get('age') as number | undefined) ?? 0)
  if (time > now + eventLimits.aheadMs) fault(draft, '/time', 'must not be in the future')
  return time
}

function readAddress(draft: Draft, { definition }: RequestFacts): Page | undefined {
  const value = draft.values.get('page') as string | undefined
  if (value !== undefined) {
    const page = readPage(value, definition.query)
    if (!page) fault(draft, '/page', 'must be a URL or a path')
    return page
  }
  const hasFault = draft.faults.some((one) => one.pointer === '/page')
  if ((draft.values.get('name') ?? PAGEVIEW) === PAGEVIEW && !hasFault)
    fault(draft, '/page', 'is required for a pageview')
  return undefined
}

const NOBODY: Identity = {}

/** Nobody, where that is the visitor's wish. */
function identityOf({ values }: Draft, { agent, address }: Making, { sender }: RequestFacts): Identity {
  if (sender.privacy === 'anonymous') return NOBODY
  return {
    visitor: values.get('visitor') as string | undefined,
    address: address ?? sender.client.address,
    agent: agent ?? sender.agent,
  }
}

function assemble(
  { values, attributes, props }: Draft,
  time: number,
  { fields }: Making,
  facts: RequestFacts,
): Event {
  const event: Writable<Event> = {
    id: (values.get('id') as string | undefined) ?? facts.newId(),
    name: (values.get('name') as string | undefined) ?? PAGEVIEW,
    time,
    received: facts.now,
    ...fields,
  }
  if (typeof values.get('time') === 'number') event.dated = true
  if (values.has('ms')) event.ms = Math.round(values.get('ms') as number)
  if (values.has('depth')) event.depth = Math.round(values.get('depth') as number)
  if (values.get('interactive') === false) event.interactive = false
  if (values.has('revenue')) event.revenue = values.get('revenue') as Revenue
  if (attributes.size > 0) event.attributes = Object.fromEntries(attributes)
  if (props.size > 0) event.props = Object.fromEntries(props)
  return event
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

function fault(draft: Draft, at: string, detail: string): void {
  draft.faults.push({ pointer: at, detail: `${quote(at.slice(1) || 'the event')} ${detail}` })
}

/** A member's name as a JSON pointer (RFC 6901). */
function pointer(name: string): string {
  return `/${quote(cleanText(name)).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
