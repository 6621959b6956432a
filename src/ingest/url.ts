import { eventLimits } from '../event.ts'
import { maskWords, readPage } from '../page.ts'

const SCHEME = /^([a-z][a-z0-9+.-]*):/i
const NETWORK = /^(?:https?|wss?):\/\//i
const FRAGMENT_OR_QUERY = /[?#]/

/**
 * What is kept of a URL that a browser tells: scheme, host and path, cleaned as a page is, with no query
 * but the names in `kept`. Of a URL that is no place in the network (`data:`, `blob:`, extensions, whose
 * host may tell one browser from all others) only the scheme, as in CSP 3, "strip URL for use in reports".
 */
export function cleanUrl(url: string, kept: readonly string[] = []): string {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined && !url.startsWith('/')) return maskWords(bareUrl(url))
  const page = scheme === undefined || NETWORK.test(url) ? readPage(url, kept) : undefined
  if (!page) return scheme ?? ''
  const host =
    page.hostname === undefined ? '' : `${scheme === undefined ? '' : `${scheme}:`}//${page.hostname}`
  const isOrigin = page.path === '/' && !bareUrl(url).endsWith('/')
  return isOrigin ? host : host + page.path
}

/** A URL without query and fragment. */
export function bareUrl(url: string): string {
  return url.split(FRAGMENT_OR_QUERY, 1)[0] ?? ''
}

/** A page's URL that is never too long for an event: it loses its query first, then the end of its path. */
export function fitPage(url: string): string {
  return url.length > eventLimits.page ? bareUrl(url).slice(0, eventLimits.page) : url
}

const encoder: TextEncoder = new TextEncoder()

/** The beginning of a text, as much as fits into so many bytes of UTF-8. */
export function fitBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytes)).read)
}
