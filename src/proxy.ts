import { type Ip, isWithin, type Network, parseIp, parseNetwork, withoutPort } from './ip.ts'
import { makePlace, type Place } from './place.ts'
import { decodeUtf8 } from './text.ts'

/** A header by its name; several lines of it joined by commas. */
export type Header = (name: string) => string | undefined

/** Whom the operator believes about the client's address: hops, or networks, or a platform (in these networks, if any). */
export interface TrustProxy {
  /** So many proxies stand in front, each of which appends to `X-Forwarded-For`. */
  readonly hops?: number
  /** Where the proxies are. */
  readonly networks?: readonly Network[]
  readonly platform?: PlatformHeaders
}

/** What a platform in front says of the client, and where. */
export interface PlatformHeaders {
  readonly name: string
  /** The name of the header with the address. */
  readonly address: string
  /** The address comes with a port, IPv6 without brackets. */
  readonly hasPort?: true
  /** Names of the headers with country, region and city. */
  readonly place?: readonly [country: string, region: string, city: string]
}

/** What somebody believed says of the client. */
export interface Told {
  readonly ip: Ip
  /** The header it stands in. */
  readonly by: string
  /** Whether the client spoke HTTPS with the proxy. */
  readonly isHttps: boolean
  readonly place?: () => Place | undefined
}

const FORWARDED = 'x-forwarded-for'

const platforms: readonly PlatformHeaders[] = [
  {
    name: 'cloudflare',
    address: 'cf-connecting-ip',
    place: ['cf-ipcountry', 'cf-region-code', 'cf-ipcity'],
  },
  {
    name: 'vercel',
    address: 'x-real-ip',
    place: ['x-vercel-ip-country', 'x-vercel-ip-country-region', 'x-vercel-ip-city'],
  },
  {
    name: 'cloudfront',
    address: 'cloudfront-viewer-address',
    hasPort: true,
    place: ['cloudfront-viewer-country', 'cloudfront-viewer-country-region', 'cloudfront-viewer-city'],
  },
  { name: 'edgeone', address: 'eo-connecting-ip', place: ['eo-ipcountry', 'eo-region-code', 'eo-ipcity'] },
  { name: 'fly', address: 'fly-client-ip' },
  { name: 'netlify', address: 'x-nf-client-connection-ip' },
]

/** Headers in which senders and proxies tell addresses. */
export const addressHeaders: readonly string[] = [
  FORWARDED,
  'forwarded',
  'true-client-ip',
  ...platforms.map(({ address }) => address),
]

const named: ReadonlyMap<string, string> = new Map([
  ['loopback', '127.0.0.0/8 ::1'],
  ['private', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 fc00::/7 fe80::/10'],
])

/** Reads `TRUST_PROXY`. `refuse` is told what is wrong with it. */
export function readTrustProxy(setting: string, refuse: (why: string) => never): TrustProxy {
  if (/^\d{1,2}$/.test(setting)) return { hops: Number(setting) }
  const words = setting.toLowerCase().match(/[^\s,]+/g) ?? ['']
  const platform = platforms.find(({ name }) => words.includes(name))
  const networks = words
    .filter((word) => word !== platform?.name)
    .flatMap((word) => (named.get(word) ?? word).split(' '))
    .map(
      (word) =>
        parseNetwork(word) ??
        refuse(
          `must be a number of hops, a list of networks (as 10.0.0.0/8, loopback, private) or one of ${platforms.map(({ name }) => name).join(' ')}; "${word}" is none of them`,
        ),
    )
  return { ...(platform && { platform }), ...(networks.length > 0 && { networks }) }
}

/**
 * What trusted proxies say of the client; undefined: nothing, or what is no address, so that the other end of
 * the connection is the client. Only the entries that trusted proxies wrote are looked at.
 */
export function toldBy(trust: TrustProxy, peer: Ip | undefined, header: Header): Told | undefined {
  const { hops, platform, networks } = trust
  if (networks && !(peer && networks.some((network) => isWithin(peer, network)))) return undefined
  if (platform) return toldByPlatform(platform, header)
  const entries = (header(FORWARDED) ?? '').split(',')
  const ip = networks ? firstOutside(networks, entries) : readEntry(entries[entries.length - (hops ?? 0)])
  return ip && { ip, by: FORWARDED, isHttps: isHttps(header, hops) }
}

/** What `X-Forwarded-Proto` says: proxies replace it or append to it, as to the addresses. */
function isHttps(header: Header, hops = 1): boolean {
  const entries = (header('x-forwarded-proto') ?? '').split(',')
  return (entries.at(-hops) ?? entries[0])?.trim().toLowerCase() === 'https'
}

function toldByPlatform(
  { name, address, hasPort, place }: PlatformHeaders,
  header: Header,
): Told | undefined {
  const value = header(address)
  const ip = readEntry(hasPort ? value?.replace(/:\d+$/, '') : value)
  const [country = '', region = '', city = ''] = place ?? []
  const read = (): Place | undefined =>
    makePlace(name, header(country), header(region), decode(header(city) ?? ''))
  return ip && { ip, by: address, isHttps: isHttps(header), ...(place && { place: read }) }
}

/** From the right, the first address that is no trusted proxy's; if all are, the one that the first of them saw. */
function firstOutside(networks: readonly Network[], entries: readonly string[]): Ip | undefined {
  let ip: Ip | undefined
  for (let i = entries.length - 1; i >= 0; i--) {
    ip = readEntry(entries[i])
    const seen = ip
    if (!seen || !networks.some((network) => isWithin(seen, network))) break
  }
  return ip
}

function readEntry(entry: string | undefined): Ip | undefined {
  return entry && entry.length < 80 ? parseIp(withoutPort(entry.trim())) : undefined
}

/** Names in headers come as UTF-8 that is read as Latin-1 (Cloudflare), or percent-encoded (Vercel). */
function decode(text: string): string {
  const isBytes = /^[\0-\xff]*[\x80-\xff][\0-\xff]*$/.test(text)
  const name = (isBytes && decodeUtf8(Uint8Array.from(text, (byte) => byte.charCodeAt(0)))) || text
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
