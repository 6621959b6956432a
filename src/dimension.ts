import type { CollectionDefinition } from './collection.ts'
import { builtinFields, type TextField, textFields } from './event.ts'
import { verdictFields } from './refusal.ts'

/** Fields of single events; all other text fields are facts of a visit, taken from its first event. */
export const eventFields: ReadonlySet<string> = new Set<TextField | 'name'>([
  'name',
  'page',
  'hostname',
  'title',
])

/** The same where refused events are asked for. */
export const refusedFields: ReadonlySet<string> = new Set([...eventFields, ...verdictFields])

/** Where a visit came in and went out, by its first and last page view. */
export const doorFields = ['entry_page', 'entry_page_hostname', 'exit_page', 'exit_page_hostname'] as const
export type DoorField = (typeof doorFields)[number]

/** Names in words for codes that are kept. */
const namedFields: Readonly<Record<string, TextField>> = {
  country_name: 'country',
  region_name: 'region',
  city_name: 'city',
}

const timeUnits = ['minute', 'hour', 'day', 'week', 'month'] as const
export type TimeUnit = (typeof timeUnits)[number]

/** What answers are divided by, and filters look at. `name` is its whole name, as answers show it. */
export type Dimension =
  | { readonly kind: 'time'; readonly name: string; readonly unit: TimeUnit | 'auto' }
  | { readonly kind: 'goal'; readonly name: 'event:goal' }
  /** A field of single events: `name`, `page`, `hostname`, `title`. */
  | { readonly kind: 'event'; readonly name: string; readonly field: string }
  /** A declared attribute or a property of single events, by its key. */
  | { readonly kind: 'prop'; readonly name: string; readonly key: string; readonly isDeclared: boolean }
  /** A fact of the visit. `inWords`: the name that belongs to the kept code. */
  | { readonly kind: 'visit'; readonly name: string; readonly field: TextField; readonly inWords: boolean }
  | { readonly kind: 'door'; readonly name: string; readonly field: DoorField }

/** Whether a dimension is of single events, not of visits or time. */
export function isOfEvents({ kind }: Dimension): boolean {
  return kind === 'event' || kind === 'prop' || kind === 'goal'
}

const PROPS = 'event:props:'

/** Reads a dimension's name, with or without its prefix; undefined if there is none of that name. `fields`: those of single events. */
export function readDimension(
  name: string,
  { attributes }: Pick<CollectionDefinition, 'attributes'>,
  fields: ReadonlySet<string> = eventFields,
): Dimension | undefined {
  if (name.startsWith('time')) return readTime(name)
  if (name.startsWith(PROPS) || name.startsWith('props:')) {
    const key = name.slice(name.indexOf('props:') + 'props:'.length)
    return key === ''
      ? undefined
      : { kind: 'prop', name: PROPS + key, key, isDeclared: attributes.includes(key) }
  }
  const [, prefix, field = ''] = /^(?:(event|visit):)?(.+)$/s.exec(name) ?? []
  return (
    (prefix === 'visit' ? undefined : readEvent(field, attributes, fields)) ??
    (prefix === 'event' ? undefined : readVisit(field))
  )
}

function readTime(name: string): Dimension | undefined {
  if (name === 'time') return { kind: 'time', name, unit: 'auto' }
  const unit = timeUnits.find((one) => name === `time:${one}`)
  return unit && { kind: 'time', name, unit }
}

function readEvent(
  field: string,
  attributes: readonly string[],
  fields: ReadonlySet<string>,
): Dimension | undefined {
  const name = `event:${field}`
  if (field === 'goal') return { kind: 'goal', name: 'event:goal' }
  if (fields.has(field)) return { kind: 'event', name, field }
  const isDeclared = attributes.includes(field) && !builtinFields.has(field)
  return isDeclared ? { kind: 'prop', name, key: field, isDeclared } : undefined
}

function readVisit(field: string): Dimension | undefined {
  const name = `visit:${field}`
  const door = doorFields.find((one) => one === field)
  if (door) return { kind: 'door', name, field: door }
  const coded = Object.hasOwn(namedFields, field) ? namedFields[field] : undefined
  if (coded) return { kind: 'visit', name, field: coded, inWords: true }
  const known = textFields.find((one) => one === field)
  return known && !eventFields.has(known) ? { kind: 'visit', name, field: known, inWords: false } : undefined
}

/** Whether a dimension was asked for as a property, also where it is declared as an attribute by now. */
export function isProperty({ name }: Dimension): boolean {
  return name.startsWith(PROPS)
}

/** How an answer calls the absence of a value. */
export function blankOf(dimension: Dimension): string {
  if (isProperty(dimension)) return '(none)'
  if (dimension.kind === 'visit') {
    if (dimension.field === 'source' || dimension.field === 'referrer') return 'Direct / None'
    if (dimension.field === 'channel') return 'Direct'
  }
  return '(not set)'
}

/** The one value that stands for all that were too many to be kept by name. */
export const OTHER = '(other)'
