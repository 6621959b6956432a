import { SkerryError } from '../errors.ts'
import { eventLimits } from '../event.ts'
import { impersonal } from '../ingest/report.ts'
import { isObject, parseJson } from '../json.ts'
import { json, type Reply } from '../reply.ts'
import { type Dialect, type ForeignRequest, type Reading, refusedHeader } from './dialect.ts'
import { namesOf, rateHeaders, screenOf, whatOf } from './goatcounter.ts'
import { cut, numberOf, textOf } from './values.ts'

const HITS = 500

/** A hit may lie so far ahead, ms. */
const AHEAD_MS = 5000

const bodyNames: ReadonlySet<string> = new Set(['no_sessions', 'filter', 'hits'])
const hitNames: ReadonlySet<string> = new Set(
  'path title event ref size query bot user_agent location language ip created_at session'.split(' '),
)

/** GoatCounter, `POST /api/v0/count`: servers and imports, with a server key, up to 500 hits at once. */
export const goatcounterApi: Dialect = {
  async read(request) {
    const [unknown] = request.url.searchParams.keys()
    if (unknown !== undefined) throw unknownParameter(unknown)
    if (!/^application\/json\b/i.test(request.header('content-type') ?? ''))
      throw new SkerryError('unsupported_media_type', { detail: 'Content-Type must be application/json.' })
    const body = parseJson(await request.text())
    if (!isObject(body)) throw invalid('must be a JSON object')
    refuseUnknown(body, bodyNames)
    const { hits, no_sessions: isForNobody } = body
    if (!Array.isArray(hits) || hits.length === 0) throw invalid('no hits')
    if (hits.length > HITS) throw invalid(`maximum amount of pageviews in one batch is ${HITS}`)
    return { readings: hits.map((hit) => readHit(hit, isForNobody === true, request)) }
  },
  answer(outcomes): Reply {
    const errors = outcomes.flatMap((outcome, index) => {
      if (outcome.is === 'invalid') return [[index, outcome.fault.detail]]
      return outcome.is === 'unknown' ? [[index, 'no site at this domain']] : []
    })
    const refused = [...outcomes.keys()].filter((index) => outcomes[index]?.is === 'refused')
    const headers = {
      ...refusedHeader(outcomes),
      ...(refused.length > 0 && { 'X-Goatcounter-Filter': refused.join(', ') }),
    }
    return errors.length > 0
      ? json({ errors: Object.fromEntries(errors) }, 400, headers)
      : json({ status: 'ok' }, 202, headers)
  },
  refuse(error, header): Reply {
    const { status, headers } = error
    const told = status === 422 ? 400 : status
    const challenge = status === 401 && { 'WWW-Authenticate': 'Basic realm=GoatCounter' }
    return json({ error: wordsFor(error, header) }, told, {
      ...{ ...headers, ...rateHeaders(headers), ...challenge },
    })
  },
}

function wordsFor({ code, message }: SkerryError, header: ForeignRequest['header']): string {
  switch (code) {
    case 'unauthorized':
      return header('authorization') === undefined ? 'no Authorization header' : 'unknown token'
    case 'forbidden':
      return "requires 'count' permissions"
    default:
      return message
  }
}

/** The key of an `Authorization` header: a bearer, or the password of a basic one. */
export function goatcounterKey(header: string): string | undefined {
  const [, scheme = '', value = ''] = /^(key|bearer|basic) +(\S+)$/i.exec(header.trim()) ?? []
  if (scheme.toLowerCase() !== 'basic') return value || undefined
  try {
    return atob(value).split(':')[1]
  } catch {
    return undefined
  }
}

function invalid(detail: string): SkerryError {
  return new SkerryError('invalid_event', { detail })
}

function unknownParameter(name: string): SkerryError {
  return invalid(`unknown parameter: "${name.slice(0, 100)}"`)
}

function refuseUnknown(value: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): void {
  const unknown = Object.keys(value).find((name) => !known.has(name))
  if (unknown !== undefined) throw unknownParameter(unknown)
}

function readHit(hit: unknown, isForNobody: boolean, request: ForeignRequest): Reading {
  if (!isObject(hit)) return { pointer: '', detail: 'must be an object' }
  refuseUnknown(hit, hitNames)
  const path = textOf(hit.path)
  if (path === undefined) return { pointer: '/path', detail: 'path: must be set' }
  const [visitor, agent, address] = [textOf(hit.session), textOf(hit.user_agent), textOf(hit.ip)]
  if (!isForNobody && visitor === undefined && (agent === undefined || address === undefined))
    return { pointer: '/session', detail: 'session or browser/IP not set; use no_sessions to store without' }
  const time = hit.created_at ?? undefined
  if (typeof time === 'string' && Date.parse(time) > request.now + AHEAD_MS)
    return { pointer: '/created_at', detail: 'created_at: is in the future' }
  return {
    sites: request.ownSite === undefined ? namesOf(request.url.host) : [request.ownSite],
    item: {
      ...whatOf(path, hit.event === true, undefined, textOf(hit.query) ?? ''),
      title: cut(hit.title, eventLimits.title),
      referrer: cut(hit.ref, eventLimits.referrer),
      screen: Array.isArray(hit.size) ? screenOf(hit.size) : undefined,
      language: cut(hit.language, eventLimits.text),
      ...{ visitor, agent, address, time },
      ...placeOf(textOf(hit.location)),
      ...(isForNobody && { [impersonal]: true }),
    },
    isDriven: (numberOf(hit.bot) ?? 0) > 0,
  }
}

/** ISO 3166: a country, or one of its regions. */
function placeOf(location: string | undefined): Readonly<Record<string, unknown>> {
  const [country, region] = location?.toUpperCase().split('-') ?? []
  return { country, region: region === undefined ? undefined : `${country}-${region}` }
}
