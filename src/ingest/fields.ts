import { eventLimits, type Revenue, type Scalar, textFields } from '../event.ts'
import { isObject } from '../json.ts'
import { cleanText, fitsBytes } from '../text.ts'

/** A value that a field cannot take, and why. */
export class Invalid {
  readonly detail: string
  constructor(detail: string) {
    this.detail = detail
  }
}

/** One field of a beacon: how its value is read, and who may send it. */
export interface Field {
  /** Undefined: as good as absent. `fromText`: the value came from a form, where numbers are text. */
  readonly read: (value: unknown, fromText: boolean) => unknown
  /** Only server and admin keys; from others it is ignored. */
  readonly trusted: boolean
}

const open = (read: Field['read']): Field => ({ read, trusted: false })
const trusted = (read: Field['read']): Field => ({ read, trusted: true })

/** Text up to `limit` characters; empty text is as good as none. */
function text(limit: number) {
  return (value: unknown): string | undefined | Invalid => {
    if (typeof value !== 'string') return new Invalid('must be a string')
    const clean = cleanText(value)
    if (clean.length > limit) return new Invalid(`must be at most ${limit} characters long`)
    return clean === '' ? undefined : clean
  }
}

function number(min: number, max: number) {
  return (value: unknown, fromText: boolean): number | Invalid => {
    const given = fromText && typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof given !== 'number' || Number.isNaN(given)) return new Invalid('must be a number')
    return given >= min && given <= max ? given : new Invalid(`must be from ${min} to ${max}`)
  }
}

function bool(value: unknown, fromText: boolean): boolean | Invalid {
  if (fromText && (value === 'true' || value === 'false')) return value === 'true'
  return typeof value === 'boolean' ? value : new Invalid('must be true or false')
}

const DATE_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))?$/

/** ms since 1970, or "now". A date-time needs its offset, since the server's zone means nothing to the sender. */
function time(value: unknown, fromText: boolean): number | 'now' | Invalid {
  const given = fromText && typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (given === 'now') return 'now'
  if (typeof given === 'string' && !DATE_TIME.test(given))
    return new Invalid('must be "now", ISO 8601 with an offset, or ms since 1970')
  const ms = typeof given === 'string' ? parseTime(given) : given
  if (typeof ms !== 'number' || Number.isNaN(ms))
    return new Invalid('must be "now", ISO 8601 or ms since 1970')
  return ms >= 0 ? Math.trunc(ms) : new Invalid('must not be before 1970')
}

/** `Date.parse`, which goes on into March where February has no such day. */
function parseTime(text: string): number {
  const date = text.slice(0, 10)
  return new Date(date).getUTCDate() === Number(date.slice(8)) ? Date.parse(text) : Number.NaN
}

const DECIMAL = /^-?\d{1,15}(?:\.\d{1,6})?$/

function revenue(value: unknown): Revenue | Invalid {
  if (!isObject(value)) return new Invalid('must be {"amount", "currency"}')
  const { amount, currency } = value
  const decimal = typeof amount === 'number' ? String(amount) : amount
  if (typeof decimal !== 'string' || !DECIMAL.test(decimal))
    return new Invalid('must have an amount that is a decimal number')
  const code = typeof currency === 'string' ? currency.toUpperCase() : ''
  if (!currencies.has(code)) return new Invalid('must have a currency of ISO 4217')
  return { amount: decimal, currency: code }
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** A value of a property or a declared attribute. */
export function readScalar(value: unknown): Scalar | Invalid {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : new Invalid('must be a finite number')
  if (typeof value !== 'string') return new Invalid('must be a string, a number or a boolean')
  const clean = cleanText(value)
  if (fitsBytes(clean, eventLimits.propValueBytes)) return clean
  return new Invalid(`must be at most ${eventLimits.propValueBytes} bytes long`)
}

const tag = text(eventLimits.tag)
const word = text(eventLimits.text)
const long: ReadonlySet<string> = new Set([
  'page',
  'referrer',
  'title',
  'source',
  'medium',
  'campaign',
  'term',
  'content',
])
const pageFacts: ReadonlySet<string> = new Set(['screen', 'language', 'zone'])

const textTable = textFields.map((name): [string, Field] => {
  if (long.has(name)) return [name, open(tag)]
  if (name.startsWith('utm_')) return [name, trusted(tag)]
  return [name, pageFacts.has(name) ? open(word) : trusted(word)]
})

/** Every field a beacon may carry, `props` apart. A Map, so that no name of an object's prototype is one. */
export const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ...textTable,
  ['id', open(text(eventLimits.id))],
  ['name', open(text(eventLimits.name))],
  ['age', open(number(0, eventLimits.ageMs))],
  ['ms', open(number(0, eventLimits.engagedMs))],
  ['depth', open(number(0, 100))],
  ['interactive', open(bool)],
  ['revenue', open(revenue)],
  ['time', trusted(time)],
  ['agent', trusted(text(eventLimits.tag))],
  ['address', trusted(word)],
  ['visitor', trusted(word)],
])
