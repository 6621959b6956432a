import { type Look, type Theme, themes } from './scene.ts'
import { languageFor, languageNames } from './words.ts'

/** What is needed of a request to know its cookies. */
export interface CookieSource {
  readonly url: string
  header(name: string): string | undefined
}

const HERE = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * Whether the browser speaks HTTPS, if only with a proxy in front. That shows in `Sec-Fetch-Site`, which browsers
 * send to such addresses and to this machine only (W3C Fetch Metadata).
 */
export function isHttps({ url, header }: CookieSource): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (header('sec-fetch-site') !== undefined && !HERE.test(hostname))
}

/** Whether the browser holds the connection to be safe: HTTPS, or this machine. */
function isSafe(source: CookieSource): boolean {
  return isHttps(source) || HERE.test(new URL(source.url).hostname)
}

/** A cookie's name: where it can be, one that no other host and no plain HTTP can set. */
function nameOf(source: CookieSource, what: string): string {
  return `${isSafe(source) ? '__Host-' : ''}skerry-${what}`
}

export function readCookie(source: CookieSource, what: string): string | undefined {
  const name = nameOf(source, what)
  const pairs = (source.header('cookie') ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([one]) => one === name)?.[1]
}

/** The header that sets a cookie; `seconds` 0 removes it. `Lax`: goes with links on pages of other sites. */
export function cookie(
  source: CookieSource,
  what: string,
  value: string,
  seconds: number,
  sameSite: 'Strict' | 'Lax' = 'Strict',
): string {
  const secure = isSafe(source) ? '; Secure' : ''
  return `${nameOf(source, what)}=${value}; Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${seconds}${secure}`
}

/** How pages are to look: as was chosen, else as the browser says. */
export function lookOf(source: CookieSource): Look {
  const [theme = '', chosen = '', keys = ''] = (readCookie(source, 'look') ?? '').split('.')
  const accept = source.header('accept-language') ?? ''
  const language = languageNames.has(chosen) ? chosen : languageFor(accept)
  return {
    theme: themes.includes(theme as Theme) ? (theme as Theme) : 'system',
    language,
    locale: localeFor(accept, language),
    hasKeys: keys !== 'off',
  }
}

/** The first tag of an `Accept-Language` header that is of the language. */
function localeFor(accept: string, language: string): string {
  const tags = accept.split(',').map((part) => part.split(';')[0]?.trim() ?? '')
  return tags.find((tag) => /^[a-z]{2}-[A-Z]{2}$/.test(tag) && tag.startsWith(language)) ?? language
}
