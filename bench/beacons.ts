import type { Event } from '../src/event.ts'
import { generateDay } from './generator.ts'

/** A beacon as a page's browser sends it. */
export interface BenchBeacon {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly address: string
}

/** The generated events of a day as beacons of about 400 bytes: many pages, addresses, agents. */
export function generateBeacons(count: number, seed = 1): readonly BenchBeacon[] {
  return generateDay({ day: 0, events: count, seed, people: Math.ceil(count / 3) }).map(toBeacon)
}

function toBeacon(event: Event): BenchBeacon {
  const { id, name, page, hostname, referrer, title, screen, language, zone, props, ms, depth } = event
  const tags = event.utm_source
    ? `?utm_source=${event.utm_source}&utm_medium=${event.utm_medium ?? 'cpc'}`
    : ''
  const body = {
    ...{ id, name, page: `https://${hostname}${page}${tags}`, referrer, title, screen, language, zone },
    ...{ props, ms, depth },
  }
  return {
    body: JSON.stringify(body),
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      'user-agent': agentOf(event),
      'accept-language': `${language},${language?.split('-')[0]};q=0.9,en;q=0.8`,
      origin: `https://${hostname}`,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      ...hintsOf(event),
    },
    address: addressOf(event.visitor ?? ''),
  }
}

const APPLE = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'

function agentOf(event: Event): string {
  const { browser = '', browser_version: version = '140', os = '', device } = event
  if (os === 'iOS') return iosAgent(event)
  const system = systems[os] ?? 'X11; Linux x86_64'
  if (browser === 'Firefox')
    return `Mozilla/5.0 (${system}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`
  if (browser === 'Safari') return `Mozilla/5.0 (${system}) ${APPLE} Version/${version} Safari/605.1.15`
  const own = brands[browser] ? ` ${brands[browser]}/${version}.0.0.0` : ''
  const mobile = device === 'Mobile' ? ' Mobile' : ''
  return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0${mobile} Safari/537.36${own}`
}

function iosAgent({ browser, browser_version: version, os_version = '26', device }: Event): string {
  const kind = device === 'Tablet' ? 'iPad; CPU OS' : 'iPhone; CPU iPhone OS'
  const name = browser === 'Chrome' ? `CriOS/${version}.0.7444.46` : `Version/${os_version}.1`
  return `Mozilla/5.0 (${kind} ${os_version}_1 like Mac OS X) ${APPLE} ${name} Mobile/15E148 Safari/604.1`
}

const systems: Readonly<Record<string, string>> = {
  Android: 'Linux; Android 10; K',
  macOS: 'Macintosh; Intel Mac OS X 10_15_7',
  Windows: 'Windows NT 10.0; Win64; x64',
}

const brands: Readonly<Record<string, string>> = {
  Edge: 'Edg',
  Opera: 'OPR',
  'Samsung Internet': 'SamsungBrowser',
}

/** Chromium's own, which it sends with every request. */
function hintsOf({ browser, browser_version: version = '140', os, device }: Event): Record<string, string> {
  if (browser !== 'Chrome' && browser !== 'Edge') return {}
  if (os === 'iOS') return {}
  const brand = browser === 'Edge' ? 'Microsoft Edge' : 'Google Chrome'
  return {
    'sec-ch-ua': `"${brand}";v="${version}", "Chromium";v="${version}", "Not)A;Brand";v="24"`,
    'sec-ch-ua-mobile': device === 'Mobile' ? '?1' : '?0',
    'sec-ch-ua-platform': `"${os}"`,
  }
}

/** The same for the same visitor; of networks that nobody has. */
function addressOf(visitor: string): string {
  const number = Number.parseInt(visitor.slice(0, 8) || '0', 16)
  return `10.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
}
