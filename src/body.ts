import { SkerryError } from './errors.ts'
import { decodeUtf8 } from './text.ts'

const KIB = 1024

/** Bytes that a body may have, after inflating. */
export const bodyLimits = {
  /** Beacons from pages. */
  beacon: 64 * KIB,
  /** Beacons from servers, imports. */
  trusted: 5 * KIB * KIB,
  /** Definitions, keys, queries. */
  document: 256 * KIB,
} as const

/** What is needed of a request to read its body. */
export interface BodySource {
  header(name: string): string | undefined
  arrayBuffer(): Promise<ArrayBuffer>
  readonly raw: { readonly body: ReadableStream<Uint8Array> | null }
}

/**
 * The body's bytes, inflated if they came as gzip. Throws `too_large` past `limit` bytes, before
 * reading where the length is given; `unsupported_media_type` for other encodings and charsets.
 */
export async function readBody(source: BodySource, limit: number): Promise<Uint8Array> {
  const gzip = isGzip(source.header('content-encoding'))
  refuseCharset(source.header('content-type'))
  const length = source.header('content-length')
  if (length !== undefined && Number(length) > limit) throw tooLarge(limit)
  try {
    if (!gzip && length !== undefined) return new Uint8Array(await source.arrayBuffer())
    const body = source.raw.body
    if (!body) return new Uint8Array()
    return await (gzip ? inflate(body, limit) : collect(body, limit))
  } catch (error) {
    if (error instanceof SkerryError) throw error
    throw new SkerryError('malformed_body', { detail: 'The body is cut short, or no gzip.' })
  }
}

/** The body as text. Throws `malformed_body` if it is not UTF-8. */
export function bodyText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new SkerryError('malformed_body', { detail: 'The body is not UTF-8.' })
  return text
}

function isGzip(encoding: string | undefined): boolean {
  const name = encoding?.trim().toLowerCase() ?? ''
  if (name === 'gzip' || name === 'x-gzip') return true
  if (name === '' || name === 'identity') return false
  throw new SkerryError('unsupported_media_type', { detail: 'Of content encodings only gzip is read.' })
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i

function refuseCharset(contentType: string | undefined): void {
  const charset = CHARSET.exec(contentType ?? '')?.[1]?.toLowerCase()
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return
  throw new SkerryError('unsupported_media_type', { detail: 'Of charsets only UTF-8 is read.' })
}

function inflate(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  // The DOM's types give the stream a writable of BufferSource, which only differs in what it also takes.
  const gunzip = new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>
  return collect(body.pipeThrough(gunzip), limit)
}

async function collect(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function tooLarge(limit: number): SkerryError {
  return new SkerryError('too_large', { detail: `The body may have ${limit} bytes.` })
}
