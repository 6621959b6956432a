import { eventLimits } from '../event.ts'
import { gif } from '../gif.ts'
import { json, type Reply } from '../reply.ts'
import { type Dialect, refusedHeader } from './dialect.ts'
import { cut, pageOn } from './values.ts'

/** Tags of a campaign by the short names of the tracker. */
const tags = {
  us: 'utm_source',
  um: 'utm_medium',
  uc: 'utm_campaign',
  ut: 'utm_term',
  uco: 'utm_content',
} as const

/** Nobody on the way may keep an answer; the browser asks again each time, with what it was told the last time. */
const noCache = {
  'Cache-Control': 'no-cache',
  Pragma: 'no-cache',
  Expires: 'Mon, 01 Jan 1990 00:00:00 GMT',
  Tk: 'N',
}

const SERVER = /^Counterscale-Tracker-Server\//

/** Counterscale, `GET /collect`. What it tells of the visit is not needed: visits are made of the events themselves. */
export const counterscale: Dialect = {
  async read({ url, header }) {
    const query = url.searchParams
    const site = query.get('sid') ?? ''
    if (site === '') return { readings: [{ pointer: '/sid', detail: 'Missing siteId' }] }
    const host = URL.parse(query.get('h') ?? '')?.host || undefined
    const campaign = new URLSearchParams()
    for (const [short, name] of Object.entries(tags)) {
      const value = query.get(short)
      if (value) campaign.set(name, value)
    }
    const page = pageOn(host, query.get('p') || '/')
    const item = {
      page: campaign.size === 0 ? page : `${page}?${campaign}`,
      referrer: cut(query.get('r'), eventLimits.referrer),
    }
    return { readings: [{ sites: [site], item, isClient: SERVER.test(header('user-agent') ?? '') }] }
  },
  answer([outcome = { is: 'stored' }]): Reply {
    if (outcome.is === 'unknown') return told('Unknown siteId')
    if (outcome.is === 'invalid') return told(outcome.fault.detail)
    return gif(200, { ...noCache, ...refusedHeader([outcome]) })
  },
  refuse: () => undefined,
}

function told(text: string): Reply {
  return { status: 400, body: text, headers: { 'Content-Type': 'text/plain; charset=utf-8' } }
}

/** More hits of a day than these are not told apart. */
const HITS = 3

/**
 * Counterscale, `GET /cache`: the how-manieth hit of the day this is, by what the browser's cache was told the last
 * time, in the seconds of `Last-Modified` after midnight UTC. No two visitors can be told apart by it.
 */
export function counterscaleCache(ifModifiedSince: string | undefined, now: number): Reply {
  const midnight = now - (now % 86_400_000)
  const before = (Date.parse(ifModifiedSince ?? '') - midnight) / 1000
  const hits = before >= 1 && before <= HITS ? Math.min(Math.floor(before) + 1, HITS) : 1
  const lastModified = new Date(midnight + hits * 1000).toUTCString()
  return json({ ht: hits }, 200, { ...noCache, 'Last-Modified': lastModified })
}
