import { maskWords, readPage } from '../page.ts'

export interface Referrer {
  /** What is kept: host and path of a URL, any other text as it came. */
  readonly text: string
  readonly hostname: string | undefined
}

/** Reads a referrer: URL or any text. The page's own host is none. */
export function readReferrer(value: string | undefined, ownHost: string | undefined): Referrer | undefined {
  if (value === undefined) return undefined
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase()
  const page = scheme && readPage(value, [])
  if (!page) return { text: maskWords(value), hostname: undefined }
  const { hostname, path } = page
  if (bareHost(hostname) === bareHost(ownHost)) return undefined
  return { text: `${scheme}://${hostname}${path}`, hostname }
}

/** A host name as hosts are compared: without `www.`. */
export function bareHost(hostname: string | undefined): string | undefined {
  return hostname?.replace(/^www\./, '')
}
