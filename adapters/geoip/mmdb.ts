import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { formatIp, parseIp } from '../../src/ip.ts'
import { isObject } from '../../src/json.ts'
import type { Log } from '../../src/log.ts'
import { type Locate, makePlace, type Place } from '../../src/place.ts'

/** Records that stay decoded: thousands of addresses share one, and to decode it costs 30 times as much as to find it. */
const DECODED = 5_000

/** How often the file is looked at; ms. */
const LOOK_MS = 30_000

/** A database of places, as up to date as its file. */
export interface Geoip {
  readonly locate: Locate
  close(): void
}

export interface GeoipOptions {
  readonly log: Log
  readonly lookMs?: number
}

/**
 * Opens an MMDB file (MaxMind DB 2): GeoLite2, GeoIP2 and DB-IP, or flat with `country_code` and `city`. A new
 * file in its place is read within half a minute; one that cannot be read leaves the old in use. Rejects with
 * what is wrong with the file.
 */
export async function openGeoip(path: string, { log, lookMs = LOOK_MS }: GeoipOptions): Promise<Geoip> {
  let find = await read(path)
  async function readAgain(): Promise<void> {
    try {
      find = await read(path)
      log({ level: 'info', event: 'geoip file read again' })
    } catch (error) {
      log({ level: 'warn', event: 'geoip file not read', detail: String(error) })
    }
  }
  const look = (now: { mtimeMs: number }, before: { mtimeMs: number }): void => {
    if (now.mtimeMs !== before.mtimeMs) void readAgain()
  }
  watchFile(path, { persistent: false, interval: lookMs }, look)
  return { locate: (address) => find(address), close: () => unwatchFile(path, look) }
}

async function read(path: string): Promise<Locate> {
  const bytes = await readFile(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Error(`cannot be read: ${path} (${code})`)
  })
  try {
    return await open(bytes)
  } catch {
    throw new Error(`is no MMDB file: ${path}`)
  }
}

/** Throws whatever the reader throws at bytes that are no database, or a damaged one. */
async function open(bytes: Buffer): Promise<Locate> {
  const { Reader } = await import('mmdb-lib')
  const reader = new Reader(bytes, { cache: boundedCache() })
  const find = (address: string): unknown => {
    const ip = parseIp(address)
    const form = ip ? formatIp(ip) : ''
    // A tree of IPv4 would take the first bits of an IPv6 address for one of its own.
    const isIn = form !== '' && (reader.metadata.ipVersion === 6 || !form.includes(':'))
    return isIn ? reader.get(form) : null
  }
  for (const address of ['192.0.2.1', '2001:db8::1']) find(address)
  return (address) => {
    try {
      return placeOfRecord(find(address))
    } catch {
      return undefined
    }
  }
}

function placeOfRecord(record: unknown): Place | undefined {
  const [country, city] = [at(record, 'country'), at(record, 'city')]
  const [subdivision] = [at(record, 'subdivisions')].flat()
  return makePlace(
    'geoip',
    text(at(country, 'iso_code') ?? at(record, 'country_code') ?? country),
    text(at(subdivision, 'iso_code')),
    text(at(at(city, 'names'), 'en') ?? city),
  )
}

function at(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function boundedCache(): {
  get(key: string | number): unknown
  set(key: string | number, value: unknown): void
} {
  const records = new Map<string | number, unknown>()
  return {
    get: (key) => records.get(key),
    set(key, value): void {
      if (records.size >= DECODED) records.clear()
      records.set(key, value)
    },
  }
}
