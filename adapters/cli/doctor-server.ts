import type { Api } from './api.ts'
import { Failure } from './command.ts'
import type { Finding } from './doctor.ts'

/** How far clocks may be apart before an event's time is refused, or a day is missed; ms. */
const SKEW_MS = 60_000

interface Whoami {
  readonly address: string | null
  readonly by: string
  readonly ignored: readonly string[]
  readonly country: string | null
}

/** A server as it is seen from here, with all that stands in front of it. */
export async function checkOfServer(api: Api): Promise<readonly Finding[]> {
  const sent = Date.now()
  const response = await api.fetch('/api/whoami')
  if (!response.ok) throw new Failure(`${api.where} answers ${response.status}: is that Skerry?`)
  const seen = (await response.json()) as Whoami
  return [way(api), clock(response, (sent + Date.now()) / 2), proxy(seen), place(seen)]
}

function way({ where }: Api): Finding {
  const { protocol, hostname } = new URL(where)
  const isNear = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return protocol === 'https:' || isNear
    ? { of: 'way', state: 'ok', says: where }
    : {
        of: 'way',
        state: 'bad',
        says: `${where} is not encrypted: keys can be read on the way, and pages by https cannot send`,
      }
}

function clock({ headers }: Response, now: number): Finding {
  const date = Date.parse(headers.get('Date') ?? '')
  if (Number.isNaN(date)) return { of: 'clock', state: 'note', says: 'the server does not tell its time' }
  const skew = Math.abs(date - now)
  const says = `it and this machine are ${(skew / 1000).toFixed(0)} s apart`
  return {
    of: 'clock',
    state: skew > SKEW_MS ? 'bad' : 'ok',
    says: skew > SKEW_MS ? `${says}: set them (NTP)` : says,
  }
}

function proxy({ address, by, ignored }: Whoami): Finding {
  if (ignored.length === 0)
    return { of: 'proxy', state: 'ok', says: `it sees you as ${address ?? 'nobody'}, by ${by}` }
  return {
    of: 'proxy',
    state: 'bad',
    says: `it sees you as ${address ?? 'nobody'}, by ${by}, and does not believe ${ignored.join(', ')}: if a proxy of yours wrote that, set TRUST_PROXY (docs/proxies.md)`,
  }
}

function place({ country }: Whoami): Finding {
  return country === null
    ? { of: 'places', state: 'note', says: 'it does not know where you are: see SKERRY_GEOIP' }
    : { of: 'places', state: 'ok', says: `you are in ${country}` }
}
