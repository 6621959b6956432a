import { eventLimits, type Scalar } from '../event.ts'
import { isObject } from '../json.ts'
import { maskWords } from '../page.ts'
import { bareUrl, cleanUrl, fitBytes, fitPage } from './url.ts'

type Members = Readonly<Record<string, unknown>>

/** What a browser tells of its own accord: a report's envelope, its body apart. */
interface Report {
  readonly type: string
  readonly url: unknown
  readonly age?: unknown
  readonly agent?: unknown
  readonly body: Members
}

/**
 * Marks an item that tells of a page and of nobody who reads it. A report may come long before the page view, and
 * would else begin the visit, without the source that only the page view knows.
 */
export const impersonal: unique symbol = Symbol('impersonal')

/**
 * An item of a beacon that is a report (Reporting API, NEL, CSP level 2 and 3), as the item of an ordinary
 * event; any other item as it came. No page can change what a browser reports, so nothing of it is a
 * fault: what is too long is cut, what is too much is left out, what is too old is as old as may be.
 */
export function fromReport(item: unknown): unknown {
  const report = asReport(item)
  if (!report) return item
  const { type, url, age, agent, body } = report
  return {
    name: type.slice(0, eventLimits.name),
    page: pageOf(url) ?? pageOf(body.documentURL),
    age: typeof age === 'number' ? Math.min(Math.max(age, 0), eventLimits.ageMs) : 0,
    // Only a server that passes reports on may say whose they are; a browser's own header says it already.
    agent: typeof agent === 'string' ? agent.slice(0, eventLimits.tag) : undefined,
    interactive: false,
    props: propsOf(body),
    [impersonal]: true,
  }
}

function asReport(item: unknown): Report | undefined {
  if (!isObject(item)) return undefined
  const { type, url, age, user_agent: agent, body, 'csp-report': legacy } = item
  if (isObject(legacy)) return { type: 'csp-violation', url: undefined, body: modernBody(legacy) }
  if (typeof type !== 'string' || type === '') return undefined
  if (isObject(body)) return { type, url, age, agent, body }
  return body === null && url !== undefined ? { type, url, age, agent, body: {} } : undefined
}

/** Names of CSP level 2 that are not those of level 3 in another spelling. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['document-uri', 'documentURL'],
  ['blocked-uri', 'blockedURL'],
  ['script-sample', 'sample'],
])

/** The body of a `report-uri` report under the names it has in the Reporting API. */
function modernBody(legacy: Members): Members {
  const members = Object.entries(legacy).slice(0, 2 * eventLimits.props)
  const body = new Map(members.map(([name, value]) => [renamed.get(name) ?? camelCase(name), value]))
  const violated = body.get('violatedDirective')
  if (typeof violated === 'string' && !body.get('effectiveDirective'))
    body.set('effectiveDirective', violated.split(' ', 1)[0])
  return Object.fromEntries(body)
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Of a page in the network, its URL without query and fragment. */
function pageOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !/^(?:https?:\/)?\//i.test(url)) return undefined
  const page = fitPage(bareUrl(url))
  return URL.canParse(page, 'http://page') ? page : undefined
}

function propsOf(body: Members): Readonly<Record<string, Scalar>> {
  const props = new Map<string, Scalar>()
  for (const [name, value] of Object.entries(body)) {
    if (props.size === eventLimits.props) break
    const prop = readProp(name, value)
    if (prop !== undefined) props.set(fitBytes(name, eventLimits.propKeyBytes), prop)
  }
  return Object.fromEntries(props)
}

function readProp(name: string, value: unknown): Scalar | undefined {
  if (typeof value === 'string') return fitBytes(cleanValue(name, value), eventLimits.propValueBytes)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'boolean' ? value : undefined
}

const URL_NAME = /(?:ur[il]|file|referrer)$/i
const URL_IN_TEXT = /\b(?:[a-z][a-z0-9+.-]{1,30}:\/\/|(?:blob|data|filesystem|javascript):)[^\s;,]\S*/gi
const NONCE = /'nonce-[^']*'/g

/** More of a text is not even looked at. */
const LOOKED_AT = 2 * eventLimits.propValueBytes

function cleanValue(name: string, value: string): string {
  const text = value.slice(0, LOOKED_AT)
  if (URL_NAME.test(name)) return cleanUrl(text)
  const clean = text.replace(/\s+/g, ' ').replace(URL_IN_TEXT, cleanToken).replace(NONCE, "'nonce-*'")
  return name === 'sample' ? maskWords(clean) : clean
}

/** A URL in a text, without the sign that may follow it there. */
function cleanToken(token: string): string {
  const end = /[;,]$/.test(token) ? token.slice(-1) : ''
  return cleanUrl(token.slice(0, token.length - end.length)) + end
}
