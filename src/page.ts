import { cleanText } from './text.ts'

/** A page's address as it is kept: where, and the query it came with. */
export interface Page {
  readonly path: string
  /** Lower case, without port; undefined for a bare path. */
  readonly hostname: string | undefined
  readonly query: URLSearchParams
}

const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i
const LONG_RUN = /[a-z0-9]{24,}/gi
const MAIL_HOST = /^[^\s/]+\.[^\s/]/
const MASK = '*'

/**
 * Reads a URL or a path. Fragment, user info and port are dropped; of the query only the names in
 * `kept` stay with the path; segments that look like an e-mail address or a secret become `*`.
 * Undefined if it is neither.
 */
export function readPage(value: string, kept: readonly string[]): Page | undefined {
  const isAbsolute = ABSOLUTE.test(value)
  const url = URL.parse(isAbsolute ? value : `/${value.replace(/^\/+/, '')}`, 'http://page')
  if (!url || (isAbsolute && url.hostname === '')) return undefined
  const path = maskPath(decode(url.pathname || '/'))
  const query = url.search === '' ? NO_QUERY : url.searchParams
  return {
    path: query.size === 0 ? path : path + keptQuery(query, kept),
    hostname: isAbsolute ? url.hostname.toLowerCase() : undefined,
    query,
  }
}

const NO_QUERY: URLSearchParams = new URLSearchParams()

/** Most paths have no private segment, which one look at the whole tells, unless escapes hide it. */
function maskPath(path: string): string {
  return path.includes('%') || looksPrivate(path) ? path.split('/').map(mask).join('/') : path
}

/** Replaces words of a text that look like an e-mail address or a secret, as in a page's path. */
export function maskWords(text: string): string {
  return looksPrivate(text) ? text.split(' ').map(mask).join(' ') : text
}

function keptQuery(query: URLSearchParams, kept: readonly string[]): string {
  const pairs = kept
    .filter((name) => query.has(name))
    .map((name) => `${name}=${mask(cleanText(query.get(name) ?? ''))}`)
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

function mask(segment: string): string {
  return looksPrivate(segment) ? MASK : segment
}

function looksPrivate(text: string): boolean {
  const plain = text.includes('%') ? decode(text, decodeURIComponent) : text
  return hasEmail(plain) || hasSecret(plain)
}

/** Each step looks at a character once: a hostile path must not cost more than its length. */
function hasEmail(text: string): boolean {
  if (!text.includes('@')) return false
  const parts = text.split('@')
  return parts.some((host, i) => i > 0 && MAIL_HOST.test(host) && /\S$/.test(parts[i - 1]?.slice(-1) ?? ''))
}

function hasSecret(text: string): boolean {
  if (text.length < 24) return false
  return (text.match(LONG_RUN) ?? []).some((run) => /[0-9]/.test(run) && /[a-z]/i.test(run))
}

/** Decodes once; text with a broken escape stays as it is. Controls that were escaped are dropped. */
function decode(text: string, decoder: (text: string) => string = decodeURI): string {
  if (!text.includes('%')) return text
  try {
    return cleanText(decoder(text))
  } catch {
    return cleanText(text)
  }
}
