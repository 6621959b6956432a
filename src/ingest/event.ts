import type { CollectionDefinition } from '../collection.ts'
import type { Fault } from '../errors.ts'
import { FAULTS_SHOWN, quote } from '../errors.ts'
import {
  type Event,
  eventLimits,
  PAGEVIEW,
  type Revenue,
  type Scalar,
  type TextField,
  textFields,
} from '../event.ts'
import { isObject } from '../json.ts'
import { maskWords, type Page, readPage } from '../page.ts'
import { byteLength, cleanText } from '../text.ts'
import type { Identity } from '../visitor.ts'
import { type Field, fields, Invalid, readScalar } from './fields.ts'
import { readReferrer } from './referrer.ts'
import { tagsOf } from './tags.ts'

/** What the server knows of a request when it reads the beacon's events. */
export interface RequestFacts {
  readonly definition: CollectionDefinition
  /** Time of receipt, ms since 1970. */
  readonly now: number
  /** The key vouches for its events: absolute times and known facts are taken. */
  readonly trusted: boolean
  /** The items come from a form or a query, where numbers are text. */
  readonly fromText: boolean
  readonly newId: () => string
}

export type EventReading =
  | { readonly event: Event; readonly identity: Identity; readonly faults?: never }
  | { readonly event?: never; readonly identity?: never; readonly faults: readonly Fault[] }

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
  for (const [name, value] of Object.entries(item)) {
    if (isHopeless(draft)) break
    readMember(draft, name, value, facts)
  }
  if (draft.props.size > eventLimits.props) fault(draft, '/props', `may hold ${eventLimits.props} properties`)
  const time = readTime(draft, facts)
  const page = readAddress(draft, facts)
  if (draft.faults.length > 0) return { faults: draft.faults }
  return { event: assemble(draft, time, page, facts), identity: identityOf(draft) }
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
  else if (facts.fromText && name.startsWith('props.')) readProp(draft, name.slice(6), value, pointer(name))
  else readProp(draft, name, value, pointer(name))
}

function readField(draft: Draft, name: string, field: Field, value: unknown, facts: RequestFacts): void {
  if (field.trusted && !facts.trusted) return
  keep(draft, draft.values, name, field.read(value, facts.fromText))
}

function readProps(draft: Draft, value: unknown): void {
  if (!isObject(value)) {
    fault(draft, '/props', 'must be an object')
    return
  }
  for (const [name, prop] of Object.entries(value)) {
    if (isHopeless(draft)) return
    if (prop !== null) readProp(draft, name, prop, `/props${pointer(name)}`)
  }
}

function readProp(draft: Draft, name: string, value: unknown, at: string): void {
  const key = cleanText(name)
  if (byteLength(key) > eventLimits.propKeyBytes)
    fault(draft, at, `must have a name of at most ${eventLimits.propKeyBytes} bytes`)
  else keep(draft, draft.props, key, readScalar(value), at)
}

function keep<T>(
  draft: Draft,
  into: Map<string, T>,
  name: string,
  read: T | Invalid | undefined,
  at: string = pointer(name),
): void {
  if (read instanceof Invalid) fault(draft, at, read.detail)
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

function identityOf({ values }: Draft): Identity {
  const [visitor, address, agent] = ['visitor', 'address', 'agent'].map((name) => values.get(name))
  return { visitor, address, agent } as Identity
}

function assemble(draft: Draft, time: number, page: Page | undefined, facts: RequestFacts): Event {
  const given = (name: TextField): string | undefined => draft.values.get(name) as string | undefined
  const hostname = given('hostname') ?? page?.hostname
  const referrer = readReferrer(given('referrer'), hostname)
  const text: Partial<Record<TextField, string | undefined>> = {
    ...Object.fromEntries(textFields.map((name) => [name, given(name)])),
    ...tagsOf(given, page?.query, referrer?.hostname),
    page: page?.path,
    hostname,
    referrer: referrer?.text,
    title: given('title') && maskWords(given('title') ?? ''),
  }
  const { values } = draft
  return {
    id: (values.get('id') as string | undefined) ?? facts.newId(),
    name: (values.get('name') as string | undefined) ?? PAGEVIEW,
    time,
    received: facts.now,
    ...(typeof values.get('time') === 'number' && { dated: true as const }),
    ...(withoutBlanks(text) as Partial<Record<TextField, string>>),
    ...(values.has('ms') && { ms: Math.round(values.get('ms') as number) }),
    ...(values.has('depth') && { depth: Math.round(values.get('depth') as number) }),
    ...(values.get('interactive') === false && { interactive: false as const }),
    ...(values.has('revenue') && { revenue: values.get('revenue') as Revenue }),
    ...(draft.attributes.size > 0 && { attributes: Object.fromEntries(draft.attributes) }),
    ...(draft.props.size > 0 && { props: Object.fromEntries(draft.props) }),
  }
}

function withoutBlanks(text: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const name in text) {
    const value = text[name]
    if (value !== undefined && value !== '') kept[name] = value
  }
  return kept
}

function fault(draft: Draft, at: string, detail: string): void {
  draft.faults.push({ pointer: at, detail: `${quote(at.slice(1) || 'the event')} ${detail}` })
}

/** A member's name as a JSON pointer (RFC 6901). */
function pointer(name: string): string {
  return `/${quote(cleanText(name)).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
