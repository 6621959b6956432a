import { bareHost } from '../host.ts'
import { maskWords, readPage } from '../page.ts'
import { put, type Step } from './making.ts'

export interface Referrer {
  /** What is kept: host and path of a URL, any other text as it came. */
  readonly text: string
  /** Host of a web page, or the id of an Android app; undefined if a visit cannot come from there. */
  readonly hostname: string | undefined
  readonly isApp: boolean
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i
const APP = 'android-app'

/** Reads a referrer: URL or any text. The page's own host is none, with or without `www.`. */
export function readReferrer(value: string | undefined, ownHost: string | undefined): Referrer | undefined {
  if (value === undefined) return undefined
  const scheme = SCHEME.exec(value)?.[1]?.toLowerCase()
  const page = scheme && readPage(value, [])
  if (!page) return { text: maskWords(value), hostname: undefined, isApp: false }
  const { hostname = '', path } = page
  const isApp = scheme === APP
  const isWeb = scheme === 'https' || scheme === 'http'
  if (ownHost && !isApp && bareHost(hostname) === bareHost(ownHost)) return undefined
  return { text: `${scheme}://${hostname}${path}`, hostname: isApp || isWeb ? hostname : undefined, isApp }
}

export const referrer: Step = (making) => {
  making.referrer = readReferrer(making.given('referrer'), making.fields.hostname)
  put(making, 'referrer', making.referrer?.text)
}
