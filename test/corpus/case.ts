import { gzipSync } from 'node:zlib'
import type { Json } from '../contract/client.ts'

/** A value of undefined takes a header away that a browser would send. */
export type HeaderPairs = readonly (readonly [name: string, value: string | undefined])[]

/**
 * Who sends. `page`: a page, with the write key in the URL; the kinds of key: with that key in `Authorization`;
 * `nobody`: without any key.
 */
export type By = 'page' | 'write' | 'server' | 'read' | 'admin' | 'nobody'

export type Runtime = 'node' | 'workerd'

/** One request and what must come of it. */
export interface Case {
  /** Unique within its chapter. */
  readonly what: string
  readonly method?: string
  /** As it goes over the wire. `{site}`, `{write}`, `{read}`, `{server}`, `{admin}` stand for what the run made. */
  readonly path?: string
  readonly by?: By
  readonly headers?: HeaderPairs
  /** In a text the placeholders of `path`, and `{now+1}` and `{iso+1}` stand for a time so many ms from now. */
  readonly body?: string | Uint8Array
  /** Sent in chunks, so that its length is not told before. */
  readonly isChunked?: true
  /** The whole request, byte by byte, where no HTTP client would send it; with the placeholders of `path`. */
  readonly raw?: string
  readonly says: Verdict
  /** A case that means nothing elsewhere. */
  readonly only?: { readonly on: Runtime; readonly because: string }
}

export interface Verdict {
  /** Several where a raw request holds several, or what a parser makes of it. */
  readonly status: number | readonly number[]
  /** Of the problem document. */
  readonly code?: string
  /** Of the first faults, as many as are named here. */
  readonly pointers?: readonly string[]
  /** `Skerry-Refused`. */
  readonly refused?: string
  /** Events in the collection beside those before. */
  readonly stored?: number
  /** Events in the quarantine beside those before. */
  readonly quarantined?: number
  /** What the only stored event must have, and by its JSON what its properties are. */
  readonly row?: Json
  readonly props?: string
  /** Names that the only stored event must not have. */
  readonly without?: readonly string[]
  /** What the answer's JSON must have. */
  readonly answer?: Json
  /** Bytes of the answer's body. */
  readonly size?: number
  /** Headers of the answer; null: there must be none. */
  readonly headers?: Readonly<Record<string, string | null>>
}

/** Cases that share a collection of their own. */
export interface Chapter {
  readonly name: string
  readonly definition?: Json
  readonly cases: readonly Case[]
}

type More = Omit<Partial<Case>, 'what' | 'says'>

/** A beacon whose one event is stored. */
export function stored(what: string, body: Case['body'], row: Json = {}, more: More = {}): Case {
  return { what, ...(body !== undefined && { body }), ...more, says: { status: 201, stored: 1, row } }
}

/** A beacon whose one event is stored with exactly these properties. */
export function storedProps(what: string, body: Case['body'], props: string, more: More = {}): Case {
  const { says, ...rest } = stored(what, body, {}, more)
  return { ...rest, says: { ...says, props } }
}

/** A request that is a fault: nothing is stored. */
export function fault(
  what: string,
  [status, code]: readonly [number, string],
  body: Case['body'],
  more: More = {},
  pointers: readonly string[] = [],
): Case {
  return { what, ...(body !== undefined && { body }), ...more, says: { status, code, pointers } }
}

/** A beacon that a policy refuses: nothing is counted. */
export function refused(what: string, code: string, more: More = {}): Case {
  return { what, body: page, ...more, says: { status: 202, refused: code, quarantined: 1 } }
}

export const malformed = [400, 'malformed_body'] as const
export const keyInUrl = [400, 'key_in_url'] as const
export const unauthorized = [401, 'unauthorized'] as const
export const forbidden = [403, 'forbidden'] as const
export const unknownCollection = [404, 'unknown_collection'] as const
export const unknownAttribute = [404, 'unknown_attribute'] as const
export const notFound = [404, 'not_found'] as const
export const notAllowed = [405, 'method_not_allowed'] as const
export const tooLarge = [413, 'too_large'] as const
export const unsupported = [415, 'unsupported_media_type'] as const
export const invalid = [422, 'invalid_event'] as const
export const invalidQuery = [422, 'invalid_query'] as const
export const invalidDefinition = [422, 'invalid_definition'] as const

/** The smallest beacon. */
export const page = '{"page":"/"}'

export const type = (value: string): HeaderPairs => [['Content-Type', value]]
export const form: HeaderPairs = type('application/x-www-form-urlencoded')
export const ndjson: HeaderPairs = type('application/x-ndjson')
export const gzipped: HeaderPairs = [['Content-Encoding', 'gzip']]

/** Of forms in parts: as long as those of browsers, and nowhere in a value. */
export const BOUNDARY: string = '----WebKitFormBoundaryx7Ab3Yz9'
export const parts: HeaderPairs = type(`multipart/form-data; boundary=${BOUNDARY}`)
export const partsEnd: string = `--${BOUNDARY}--\r\n`

/** A part with a value, or with a file where it has a name of one. */
export function part(name: string, value: string, file?: string, more = ''): string {
  const of = file === undefined ? '' : `; filename="${file}"`
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${of}\r\n${more}\r\n${value}\r\n`
}

const encoder: TextEncoder = new TextEncoder()

/** Texts as UTF-8 and bytes as they are, one after the other. */
export function bytes(...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => [...(typeof part === 'string' ? encoder.encode(part) : part)]),
  )
}

export function gzip(content: string | Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(content))
}

/** A page view of exactly so many bytes. */
export function ofSize(size: number, start: string = page): string {
  return start + ' '.repeat(size - start.length)
}

/** A page view with so many properties. */
export function withProps(count: number): string {
  return JSON.stringify({ page: '/', props: Object.fromEntries(numbered(count, (i) => [`k${i}`, i])) })
}

export function numbered<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

/** A text in JSON, with every character escaped. */
export function escaped(text: string): string {
  return numbered(text.length, (i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
}
