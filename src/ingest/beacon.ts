import { bodyText } from '../body.ts'
import { SkerryError } from '../errors.ts'
import { eventLimits } from '../event.ts'
import { isObject, refuseDeep, tryParse } from '../json.ts'
import { fields } from './fields.ts'
import { fromPing, isPing, type PingSource } from './ping.ts'
import { fromReport } from './report.ts'

/** A beacon taken apart: the items that may become events, not yet looked at. */
export interface Beacon {
  readonly items: readonly unknown[]
  /** It came as an array or as lines, so the answer speaks of each item. */
  readonly isBatch: boolean
  /** The items come from a form or a query: every value is text. */
  readonly fromText: boolean
}

/** A request as it is read: its body, inflated, and what else may say something of it. */
export interface BeaconSource extends PingSource {
  readonly bytes: Uint8Array
}

/** An item that could not even be parsed: it is no object, so it is refused like any other non-object. */
const BROKEN = Symbol('broken line')

/**
 * Takes a beacon apart by the shape of its body, since browsers send the same JSON under seven content
 * types and none. Only what is not JSON is looked at by its type: forms, pings. Browsers' reports become
 * items like any other. Throws `malformed_body`, `too_large`, `invalid_event`.
 */
export function readBeacon(source: BeaconSource): Beacon | Promise<Beacon> {
  const { bytes, header, query } = source
  const contentType = header('content-type') ?? ''
  if (bytes.length === 0) return fromQuery(query())
  if (isMultipart(bytes, contentType)) return readMultipart(bytes, contentType).then(fromForm)
  const text = bodyText(bytes)
  if (/^\s*$/.test(text)) return fromQuery(query())
  if (/^application\/x-ndjson/i.test(contentType)) return fromLines(text)
  const value = tryParse(text)
  if (Array.isArray(value)) return batch(refuseDeep(value))
  if (isObject(value)) return single(fromReport(refuseDeep(value)))
  if (/^application\/x-www-form-urlencoded/i.test(contentType)) return fromForm(new URLSearchParams(text))
  if (value === undefined && isPing(text, source)) return single(fromPing(source))
  if (value === undefined && looksLikeLines(text)) return fromLines(text)
  if (value === undefined) throw new SkerryError('malformed_body', { detail: 'The body is not JSON.' })
  throw new SkerryError('invalid_event', {
    faults: [{ pointer: '', detail: 'must be a JSON object or an array of them' }],
  })
}

/** Whether a query names at least one field of an event. */
export function hasEventField(query: URLSearchParams): boolean {
  for (const name of query.keys()) {
    if (fields.has(name) || name.startsWith('props.')) return true
  }
  return false
}

/** The event of a query: a pixel, or a POST without body. */
export function fromQuery(query: URLSearchParams): Beacon {
  if (!hasEventField(query)) throw new SkerryError('malformed_body', { detail: 'The body is empty.' })
  const pairs = new URLSearchParams(query)
  pairs.delete('key')
  return fromForm(pairs)
}

function fromForm(form: Iterable<[string, unknown]>): Beacon {
  return { items: [Object.fromEntries(form)], isBatch: false, fromText: true }
}

function single(item: unknown): Beacon {
  return { items: [item], isBatch: false, fromText: false }
}

function batch(items: readonly unknown[]): Beacon {
  if (items.length === 0)
    throw new SkerryError('invalid_event', { detail: 'A batch needs at least one event.' })
  if (items.length > eventLimits.batch) {
    throw new SkerryError('too_large', { detail: `A batch may hold ${eventLimits.batch} events.` })
  }
  return { items: items.map(fromReport), isBatch: true, fromText: false }
}

function fromLines(text: string): Beacon {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return batch(lines.map((line) => refuseDeep(tryParse(line) ?? BROKEN)))
}

/** Several lines of which the first is an object: NDJSON whose type was lost on the way. */
function looksLikeLines(text: string): boolean {
  const end = text.indexOf('\n')
  return end > 0 && isObject(tryParse(text.slice(0, end)))
}

/** A form in parts begins with the two hyphens of its boundary. */
function isMultipart(bytes: Uint8Array, contentType: string): boolean {
  return bytes[0] === 0x2d && bytes[1] === 0x2d && /^multipart\/form-data/i.test(contentType)
}

async function readMultipart(bytes: Uint8Array, contentType: string): Promise<[string, unknown][]> {
  try {
    const body = new Uint8Array(bytes)
    const form = await new Response(body, { headers: { 'Content-Type': contentType } }).formData()
    const fields = [...form].filter(([, value]) => typeof value === 'string')
    // Files may be anything; what is no UTF-8 in a field has become U+FFFD.
    if (fields.flat().join().includes('\ufffd')) bodyText(bytes)
    return fields
  } catch {
    throw new SkerryError('malformed_body', { detail: 'The body is not multipart/form-data.' })
  }
}
