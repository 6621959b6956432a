import type { SkerryError } from '../errors.ts'
import { eventLimits } from '../event.ts'
import { gif } from '../gif.ts'
import { bareHost } from '../host.ts'
import { impersonal } from '../ingest/report.ts'
import type { Reply } from '../reply.ts'
import { fitsBytes } from '../text.ts'
import { type Dialect, type ForeignRequest, type Reading, refusedHeader } from './dialect.ts'
import { cut, eventNameOf, numberOf, pageOn } from './values.ts'

/** Codes of bots up to here are GoatCounter's own, by which it marks what it found by itself. */
const OWN_BOTS = 149

/** GoatCounter, `GET|POST /count`: everything is in the query, and the answer is always an image. */
export const goatcounter: Dialect = {
  read: async (request) => ({ readings: [readQuery(request)] }),
  answer([outcome = { is: 'stored' }]): Reply {
    switch (outcome.is) {
      case 'stored':
        return gif()
      case 'unknown':
        return gif(400, { 'X-Goatcounter': 'no site at this domain' })
      case 'invalid':
        return gif(400, { 'X-Goatcounter': outcome.fault.detail })
      case 'refused': {
        const isSeen = outcome.code === 'bot' || outcome.code === 'prefetch'
        const why = { 'X-Goatcounter': `ignored because of ${outcome.code}` }
        return gif(isSeen ? 200 : 202, { ...refusedHeader([outcome]), ...why })
      }
    }
  },
  refuse: ({ status, message, headers }: SkerryError) =>
    gif(status, { ...headers, ...rateHeaders(headers), 'X-Goatcounter': message }),
}

/** The limit as GoatCounter tells it, from the fields of our own. */
export function rateHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const limit = /q=(\d+)/.exec(headers['RateLimit-Policy'] ?? '')?.[1]
  if (limit === undefined) return {}
  return {
    'X-Rate-Limit-Limit': limit,
    'X-Rate-Limit-Remaining': '0',
    'X-Rate-Limit-Reset': headers['Retry-After'] ?? '',
  }
}

function readQuery(request: ForeignRequest): Reading {
  const query = request.url.searchParams
  const path = query.get('p') ?? ''
  if (path.trim() === '') return { pointer: '/p', detail: 'p is required' }
  if (!fitsBytes(path, eventLimits.page))
    return { pointer: '/p', detail: `p may have ${eventLimits.page} bytes` }
  const bot = numberOf(query.get('b')) ?? 0
  if (bot < 0 || (bot > 0 && bot <= OWN_BOTS)) return { pointer: '/b', detail: 'b must be 0 or from 150' }
  const pages = [request.header('origin'), request.header('referer')].map(hostOf)
  const page = pages.find((host) => host !== undefined)
  return {
    sites: [request.url.host, ...pages].flatMap((host) => (host === undefined ? [] : namesOf(host))),
    item: {
      ...whatOf(path, isTrue(query.get('e')), page, query.get('q') ?? ''),
      title: cut(query.get('t'), eventLimits.title),
      referrer: cut(query.get('r'), eventLimits.referrer),
      screen: screenOf(query.get('s')?.split(',') ?? []),
      ...(isTrue(query.get('ns')) && { [impersonal]: true }),
    },
    isDriven: bot > OWN_BOTS,
  }
}

function hostOf(url: string | undefined): string | undefined {
  return (url && URL.parse(url)?.host) || undefined
}

/** Names that a host's site may have: with and without port and `www.`. */
export function namesOf(host: string): readonly string[] {
  const name = host.replace(/:\d+$/, '')
  return [host, name, bareHost(name)]
}

/** An event by its name, or the page of a path; campaigns stand in the query of the page. */
export function whatOf(
  path: string,
  isEvent: boolean,
  host: string | undefined,
  query: string,
): Readonly<Record<string, unknown>> {
  if (isEvent) return { name: eventNameOf(path.replace(/^\/+/, '')) ?? '' }
  const campaign = query.replace(/^\?/, '')
  const page = pageOn(host, `/${path.replace(/^\/+/, '')}`)
  return { page: campaign === '' ? page : page + (page.includes('?') ? '&' : '?') + campaign }
}

/** Width and height, the latter where there is one. */
export function screenOf([width, height]: readonly unknown[]): string | undefined {
  const [w, h] = [numberOf(width), numberOf(height)]
  if (!w || w < 0) return undefined
  return h && h > 0 ? `${w}x${h}` : `${w}`
}

function isTrue(value: string | null): boolean {
  return value !== null && /^(?:true|1|on)$/i.test(value)
}
