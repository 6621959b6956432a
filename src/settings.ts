import { readTrustProxy, type TrustProxy } from './proxy.ts'
import { DEFAULT_RATE, type Rate } from './rate.ts'
import { readRedisGroup } from './redis-group.ts'

/** What the environment says: on Node environment variables, on Workers variables and secrets of the same names. */
export interface Settings {
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  /** Folder of the embedded store. */
  readonly data: string
  readonly adminKey: string | undefined
  /** How often an address may send with a public key; undefined: as often as it likes. */
  readonly rate: Rate | undefined
  readonly redisUrl: string | undefined
  readonly upstash: { readonly url: string; readonly token: string } | undefined
  /** Whom to believe about the client's address; undefined: nobody. */
  readonly trustProxy: TrustProxy | undefined
  /** Path of an MMDB file. */
  readonly geoip: string | undefined
  readonly debug: string | undefined
}

/** A setting that cannot be used; the message is one line that names it. */
export class SettingError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks all settings. Throws `SettingError`. An empty value is as good as none. */
export function readSettings(environment: Environment): Settings {
  const get = (name: string): string | undefined => environment[name]?.trim() || undefined
  return {
    port: readPort(get('PORT')),
    host: get('HOST') ?? '0.0.0.0',
    data: get('SKERRY_DATA') ?? './data',
    adminKey: readAdminKey(get('SKERRY_KEY')),
    rate: readRate(get('SKERRY_RATE')),
    redisUrl: readRedisUrl(get('REDIS_URL')),
    upstash: readUpstash(get),
    trustProxy: readTrust(get('TRUST_PROXY')),
    geoip: get('SKERRY_GEOIP'),
    debug: get('DEBUG'),
  }
}

function readPort(text = '4000'): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new SettingError('PORT must be a number from 0 to 65535')
}

function readAdminKey(key: string | undefined): string | undefined {
  if (key !== undefined && !/^[\x21-\x2b\x2d-\x7e]{16,}$/.test(key)) {
    throw new SettingError('SKERRY_KEY must have at least 16 characters, of ASCII without spaces and commas')
  }
  return key
}

/** Requests a second, and after a slash how many at once (ten seconds' worth unless said), or `off`. */
function readRate(text: string | undefined): Rate | undefined {
  if (text === undefined) return DEFAULT_RATE
  if (text === 'off') return undefined
  const [, first = '', second] = /^(\d{1,6})(?:\/(\d{1,7}))?$/.exec(text) ?? []
  const perSecond = Number(first)
  const burst = Number(second ?? perSecond * 10)
  if (perSecond >= 1 && burst >= perSecond) return { perSecond, burst }
  throw new SettingError(
    'SKERRY_RATE must be requests a second and how many at once (not fewer), as 50/500, or off',
  )
}

function readTrust(setting: string | undefined): TrustProxy | undefined {
  if (setting === undefined) return undefined
  return readTrustProxy(setting, (why) => {
    throw new SettingError(`TRUST_PROXY ${why}`)
  })
}

function readUrl(name: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (text === undefined || protocols.includes(URL.parse(text)?.protocol ?? '')) return text
  throw new SettingError(
    `${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  )
}

function readRedisUrl(text: string | undefined): string | undefined {
  if (!text?.includes('+')) return readUrl('REDIS_URL', text, ['redis:', 'rediss:'])
  if (readRedisGroup(text)) return text
  throw new SettingError(
    'REDIS_URL must be as redis://host:6379, redis+cluster://host:6379,host:6379 or redis+sentinel://host:26379,host:26379/master',
  )
}

function readUpstash(get: (name: string) => string | undefined): Settings['upstash'] {
  const url = readUrl('UPSTASH_REDIS_REST_URL', get('UPSTASH_REDIS_REST_URL'), ['https:', 'http:'])
  const token = get('UPSTASH_REDIS_REST_TOKEN')
  if (url !== undefined && token !== undefined) return { url, token }
  if (url === undefined && token === undefined) return undefined
  const missing = url === undefined ? 'UPSTASH_REDIS_REST_URL' : 'UPSTASH_REDIS_REST_TOKEN'
  throw new SettingError(`${missing} is missing: Upstash needs both its settings`)
}
