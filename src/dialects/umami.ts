import { SkerryError } from '../errors.ts'
import { eventLimits } from '../event.ts'
import { fields, Invalid } from '../ingest/fields.ts'
import { isObject, parseJson } from '../json.ts'
import { json, type Reply } from '../reply.ts'
import { type Dialect, type ForeignRequest, type Outcome, type Reading, refusedHeader } from './dialect.ts'
import { cut, eventNameOf, numberOf, pageOn, propsOf, textOf } from './values.ts'

type Payload = Readonly<Record<string, unknown>>

/** What the tracker wants to remember of a session. Here nobody remembers anything, so it is the same for all. */
const NO_SESSION = {
  cache: 'none',
  sessionId: '00000000-0000-0000-0000-000000000000',
  visitId: '00000000-0000-0000-0000-000000000000',
}

/** Umami, `POST /api/send`: its tracker, and `@umami/node`. */
export const umamiSend: Dialect = {
  read: async (request) => ({ readings: [readItem(parseJson(await request.text()), request)] }),
  answer([outcome = { is: 'stored' }]): Reply {
    const { status, body } = told(outcome)
    return json(body, status, refusedHeader([outcome]))
  },
  refuse,
}

/** Umami, `POST /api/batch`. */
export const umamiBatch: Dialect = {
  async read(request) {
    const items = parseJson(await request.text())
    if (!Array.isArray(items)) throw new SkerryError('malformed_body', { detail: 'A batch is an array.' })
    return { readings: items.map((item) => readItem(item, request)) }
  },
  answer(outcomes): Reply {
    const details = outcomes
      .map((outcome, index) => ({ index, ...told(outcome) }))
      .filter(({ status }) => status !== 200)
      .map(({ index, body: response }) => ({ index, response }))
    const size = outcomes.length
    const counts = { size, processed: size - details.length, errors: details.length }
    return json({ ...counts, details, cache: NO_SESSION.cache }, 200, refusedHeader(outcomes))
  },
  refuse,
}

/** A status and what is said with it: no event is told more than whether it counted. */
function told(outcome: Outcome): { readonly status: number; readonly body: unknown } {
  switch (outcome.is) {
    case 'stored':
      return { status: 200, body: NO_SESSION }
    case 'refused':
      return { status: 200, body: { beep: 'boop' } }
    case 'unknown':
      return { status: 400, body: errorOf('Website not found.', 400, 'bad-request') }
    case 'invalid':
      return { status: 400, body: errorOf(outcome.fault.detail, 400, 'bad-request') }
  }
}

function errorOf(message: string, status: number, code: string): unknown {
  return { error: { message, code, status } }
}

function refuse({ code, status, message, headers }: SkerryError): Reply {
  const told = status === 400 ? 'bad-request' : code.replaceAll('_', '-')
  return json(errorOf(message, status, told), status, headers)
}

function readItem(item: unknown, request: ForeignRequest): Reading {
  if (!isObject(item) || !isObject(item.payload))
    return { pointer: '', detail: 'must be {"type", "payload"}' }
  const { type, payload } = item
  const event = eventOf(type, payload)
  if (!event) return { pointer: '/type', detail: 'type must be event, identify or performance' }
  const website = textOf(payload.website)
  if (website === undefined || payload.link || payload.pixel)
    return { pointer: '/payload/website', detail: 'payload must have a website' }
  const agent = cut(payload.userAgent, eventLimits.tag)
  const isClient = (agent ?? request.header('user-agent') ?? '') === ''
  return { sites: [website], item: { ...event, ...factsOf(payload) }, agent, isClient }
}

/** What happened, by the type of a message; undefined if there is no such type. */
function eventOf(type: unknown, payload: Payload): Payload | undefined {
  const { name, data, tag, lcp, inp, cls, fcp, ttfb } = payload
  const props = { ...propsOf({ tag }, false), ...propsOf(data, true) }
  switch (type) {
    case 'event':
      return { name: eventNameOf(name), props: propsOf(props, false), revenue: revenueOf(data) }
    case 'identify':
      return { name: type, interactive: false, props: propsOf(props, false) }
    case 'performance':
      return { name: type, interactive: false, props: propsOf({ tag, lcp, inp, cls, fcp, ttfb }, false) }
    default:
      return undefined
  }
}

/** Amount and currency that stand among the data, if they are both. */
function revenueOf(data: unknown): unknown {
  if (!isObject(data)) return undefined
  const { revenue: amount, currency } = data
  const read = fields.get('revenue')?.read({ amount: textOf(amount), currency }, false)
  return read instanceof Invalid ? undefined : read
}

/** Older trackers encode the title; what is not encoded stays. */
function decoded(title: unknown): unknown {
  try {
    return typeof title === 'string' ? decodeURIComponent(title) : title
  } catch {
    return title
  }
}

/** What only a server key may say is left out where it is of no type that can be read. */
function factsOf(payload: Payload): Payload {
  const { url, referrer, title, language, screen, id, ip, browser, os, device, timestamp } = payload
  const hostname = textOf(payload.hostname)
  const seconds = numberOf(timestamp)
  const from = cut(referrer, eventLimits.referrer)
  return {
    page: typeof url === 'string' ? pageOn(hostname, url || '/') : undefined,
    referrer: from?.startsWith('/') ? pageOn(hostname, from) : from,
    title: cut(decoded(title), eventLimits.title),
    language: cut(language, eventLimits.text),
    screen: cut(screen, eventLimits.text),
    visitor: cut(id, eventLimits.text),
    address: cut(ip, eventLimits.text),
    browser: cut(browser, eventLimits.text),
    os: cut(os, eventLimits.text),
    device: cut(device, eventLimits.text),
    time: seconds === undefined ? undefined : seconds * 1000,
  }
}
