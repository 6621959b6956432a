import type { Fault, SkerryError } from '../errors.ts'
import { ENGAGEMENT, eventLimits } from '../event.ts'
import { bareHost } from '../host.ts'
import { isObject, parseJson, tryParse } from '../json.ts'
import { json, type Reply } from '../reply.ts'
import { type Dialect, type ForeignRequest, type Reading, refusedHeader } from './dialect.ts'
import { cut, numberOf, propsOf, textOf } from './values.ts'

/** Sites that one event may be for. */
const DOMAINS = 30

/** What Plausible calls the fields of ours. */
const fieldNames: ReadonlyMap<string, string> = new Map([
  ['/name', 'event_name'],
  ['/page', 'url'],
])

/** Plausible Analytics, `POST /api/event`: its trackers of all ages, and servers. */
export const plausible: Dialect = {
  async read(request) {
    const body = parseJson(await request.text())
    return { readings: isObject(body) ? readBody(body, request) : [fault('/request', UNREADABLE)] }
  },
  answer(outcomes): Reply {
    const invalid = outcomes.find((outcome) => outcome.is === 'invalid')
    if (invalid) return errors(invalid.fault)
    const dropped = outcomes.filter(({ is }) => is !== 'stored').length
    const headers = {
      ...refusedHeader(outcomes),
      ...(dropped > 0 && { 'X-Plausible-Dropped': `${dropped}` }),
    }
    return { status: 202, body: 'ok', headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } }
  },
  refuse: ({ code }: SkerryError) =>
    code === 'malformed_body' ? errors(fault('/request', UNREADABLE)) : undefined,
}

const UNREADABLE = 'Unable to parse request body as json'

function fault(pointer: string, detail: string): Fault {
  return { pointer, detail }
}

function errors({ pointer, detail }: Fault): Reply {
  const field = fieldNames.get(pointer) ?? pointer.split('/')[1]
  return json({ errors: { [field || 'request']: [detail] } }, 400)
}

type Body = Readonly<Record<string, unknown>>

/** A reading for each site. */
function readBody(body: Body, request: ForeignRequest): readonly Reading[] {
  const name = textOf(body.n ?? body.name)
  const url = textOf(body.u ?? body.url)
  if (name === undefined) return [fault('/name', "can't be blank")]
  if (url === undefined) return [fault('/page', 'is required')]
  if (/^data:/i.test(url)) return [fault('/page', 'scheme is not allowed')]
  const domains = domainsOf(body.d ?? body.domain ?? URL.parse(url)?.hostname)
  if (domains.length === 0) return [fault('/domain', "can't be blank")]
  if (domains.length > DOMAINS) return [fault('/domain', `may be ${DOMAINS} sites`)]
  const engagement = name === ENGAGEMENT ? readEngagement(body) : {}
  if (!engagement) return [fault('/engagement', "needs a valid 'sd' or 'e'")]
  const item = { name, page: pageOf(url, body), ...detailsOf(body), ...engagement, ...visitorOf(request) }
  return domains.map((domain) => ({ sites: [domain, bareHost(domain)], item }))
}

function detailsOf(body: Body): Body {
  return {
    referrer: cut(body.r ?? body.referrer, eventLimits.referrer),
    props: propsOf(parsed(body.p ?? body.m ?? body.props ?? body.meta), false),
    revenue: parsed(body.$ ?? body.revenue),
    ...((body.i ?? body.interactive) === false && { interactive: false }),
  }
}

/** Sites of a list with commas, each once. */
function domainsOf(value: unknown): readonly string[] {
  const names = (textOf(value) ?? '').split(',').map((name) => name.trim())
  return [...new Set(names.filter(Boolean))]
}

/** Old trackers send objects as text. */
function parsed(value: unknown): unknown {
  return typeof value === 'string' ? (tryParse(value) ?? value) : value
}

/** In pages that are told by their fragments that is part of the path, without the query it may hold. */
function pageOf(url: string, { h, hashMode = h }: Body): string {
  const parsed = URL.parse(url)
  const isHashed = hashMode === 1 || hashMode === true || hashMode === '1'
  if (parsed && isHashed && parsed.hash.length > 1) {
    parsed.pathname += `%23${parsed.hash.slice(1).split('?')[0]}`
    return parsed.href
  }
  return parsed?.host === '' && parsed.pathname.startsWith('/') ? parsed.pathname : url
}

/** Nobody is engaged with a page for so long, ms. */
const ENDLESS_MS = 30 * 86_400_000

/** Scroll depth over 100 is 100; time is at most what an event may hold. */
function readEngagement({ sd, e }: Body): Body | undefined {
  const [depth, ms] = [wholeOf(sd), wholeOf(e, ENDLESS_MS)]
  if (depth === undefined && ms === undefined) return undefined
  return {
    ...(depth !== undefined && { depth: Math.min(depth, 100) }),
    ...(ms !== undefined && { ms: Math.min(ms, eventLimits.engagedMs) }),
  }
}

/** A whole number from 0, below the end. */
function wholeOf(value: unknown, end: number = Number.POSITIVE_INFINITY): number | undefined {
  const number = numberOf(value)
  return number !== undefined && Number.isInteger(number) && number >= 0 && number < end ? number : undefined
}

/** A server passes the visitor's own headers on. */
function visitorOf({ header }: ForeignRequest): Body {
  const address = header('x-plausible-ip') ?? header('x-forwarded-for')?.split(',')[0]
  return {
    agent: cut(header('user-agent'), eventLimits.tag),
    address: cut(address?.trim(), eventLimits.text),
  }
}
