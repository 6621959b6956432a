import { botOf } from '../agent/bot.ts'
import { parseIp } from '../ip.ts'
import { type ImportOptions, itemOf, type Reading, type Skip, unreadable } from './reading.ts'

/** A request that a web server has written down. */
export interface LoggedRequest {
  readonly time: string | undefined
  readonly method: string
  /** Path and query, or a whole URL. */
  readonly target: string
  readonly status: number
  readonly address: string
  readonly host?: string | undefined
  readonly agent: string
  readonly referrer?: string | undefined
  /** `Accept-Language`. */
  readonly languages?: string | undefined
}

const ASSET =
  /\.(?:css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|bmp|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|wasm|webmanifest)$/i

/** The page view that a logged request was, unless it was something else. */
export function readRequest(request: LoggedRequest, options: ImportOptions): Reading {
  const { time, method, target, status, address, agent } = request
  if (time === undefined || target === '' || Number.isNaN(status)) return unreadable
  const skip = skipOf(method, target, status, agent)
  if (skip && !options.keep.has(skip)) return { skip }
  const host = request.host || options.host
  const isKnown = parseIp(address) !== undefined
  return itemOf({
    time,
    page: target.startsWith('/') && host ? `https://${host}${target}` : target,
    referrer: request.referrer === '-' ? undefined : request.referrer?.slice(0, 2048),
    language: request.languages?.split(/[,;]/)[0]?.slice(0, 255),
    agent: agent === '-' ? undefined : agent.slice(0, 2048),
    ...(isKnown ? { address } : { visitor: `${address} ${agent}`.slice(0, 255) }),
  })
}

function skipOf(method: string, target: string, status: number, agent: string): Skip | undefined {
  if (method !== 'GET') return 'method'
  if (status !== 304 && (status < 200 || status > 299)) return 'error'
  const [path = ''] = target.split(/[?#]/)
  if (ASSET.test(path)) return 'asset'
  return botOf({ agent: agent === '-' ? '' : agent }) ? 'bot' : undefined
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/** A time as `10/Oct/2026:13:55:36 +0200`, in ISO 8601; undefined if it is none. */
export function logTime(text: string): string | undefined {
  const [, day, name = '', year, time, hours, minutes] =
    /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text) ?? []
  const month = MONTHS.indexOf(name) / 3 + 1
  if (day === undefined || !Number.isInteger(month) || month < 1) return undefined
  const iso = `${year}-${String(month).padStart(2, '0')}-${day}T${time}${hours}:${minutes}`
  return Number.isNaN(Date.parse(iso)) ? undefined : iso
}
