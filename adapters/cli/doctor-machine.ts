import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readRedisGroup } from '../../src/redis-group.ts'
import type { Settings } from '../../src/settings.ts'
import type { Finding } from './doctor.ts'

/** Kinds of file systems on which locks and syncs do not hold what SQLite needs: NFS, SMB, CIFS, 9p, FUSE. */
const REMOTE: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546])

const LOW_BYTES = 500_000_000

/** This release is not older than that. A clock that shows less is wrong. */
const BUILT = Date.parse('2026-11-01')

/** Node, its data, the clock, the settings and the data folder. */
export function* checkOfMachine(settings: Settings): Generator<Finding> {
  yield { of: 'Node', state: 'ok', says: process.versions.node }
  yield clock()
  yield zones()
  yield proxy(settings)
  yield adminKey(settings)
  if (settings.redisUrl === undefined && settings.upstash === undefined) yield* folder(settings.data)
  else yield secrecy(settings)
  yield places(settings)
}

function clock(): Finding {
  const now = Date.now()
  if (now < BUILT)
    return { of: 'clock', state: 'bad', says: `${dayOf(new Date(now))} is long past: set it (NTP)` }
  return { of: 'clock', state: 'ok', says: `${new Date(now).toISOString()}; is that right?` }
}

/** A day of 23 hours, without which days of a zone cannot be told. */
function zones(): Finding {
  const hour = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', hour: 'numeric', hourCycle: 'h23' })
  const isKnown = hour.format(Date.parse('2026-07-01T10:00:00Z')) === '12'
  return isKnown
    ? { of: 'time zones', state: 'ok', says: `data of ${process.versions.tz ?? 'this machine'}` }
    : { of: 'time zones', state: 'bad', says: 'this Node has no time zone data: use a build with full ICU' }
}

function proxy({ trustProxy, host }: Settings): Finding {
  const isBehind = host === '127.0.0.1' || host === '::1' || host === 'localhost'
  if (trustProxy) return { of: 'proxy', state: 'ok', says: 'TRUST_PROXY is set; try --url through it' }
  const says = isBehind
    ? `HOST is ${host}: if a proxy is in front set TRUST_PROXY=loopback, else all visitors are one`
    : 'TRUST_PROXY is not set: right only if visitors connect directly'
  return { of: 'proxy', state: 'note', says }
}

function adminKey({ adminKey: key }: Settings): Finding {
  if (key === undefined) return { of: 'admin key', state: 'ok', says: 'the one of the first start' }
  const isWeak = new Set(key).size < 8
  return isWeak
    ? {
        of: 'admin key',
        state: 'bad',
        says: 'SKERRY_KEY could be guessed: skerry init --make-key makes a better one',
      }
    : { of: 'admin key', state: 'ok', says: 'SKERRY_KEY' }
}

function places({ geoip }: Settings): Finding {
  const of = 'places'
  if (geoip === undefined)
    return {
      of,
      state: 'note',
      says: 'no SKERRY_GEOIP: countries come from a platform in front, or the time zone',
    }
  if (!existsSync(geoip)) return { of, state: 'bad', says: `SKERRY_GEOIP: there is no ${geoip}` }
  return { of, state: 'ok', says: `${geoip}, of ${dayOf(statSync(geoip).mtime)}` }
}

function secrecy({ redisUrl, upstash }: Settings): Finding {
  const of = 'way to the store'
  const { protocol, hosts } = wayTo(redisUrl ?? upstash?.url ?? '')
  const isNear = hosts.every((host) => /^(?:localhost|127\.0\.0\.1|\[?::1\]?)(?::\d+)?$/.test(host))
  const isSecret = protocol.startsWith('rediss') || protocol === 'https:'
  if (isNear || isSecret) return { of, state: 'ok', says: `${protocol}//${hosts.join(',')}` }
  return { of, state: 'note', says: `${protocol} is not encrypted: right only in a network of your own` }
}

function wayTo(url: string): { readonly protocol: string; readonly hosts: readonly string[] } {
  const group = readRedisGroup(url)
  if (!group) return { protocol: new URL(url).protocol, hosts: [new URL(url).host] }
  return {
    protocol: `redis${group.isEncrypted ? 's' : ''}+${group.kind}:`,
    hosts: group.hosts.map(({ host, port }) => `${host}:${port}`),
  }
}

function* folder(path: string): Generator<Finding> {
  const of = 'data folder'
  const full = resolve(path)
  const place = existsSync(full) ? full : dirname(full)
  try {
    accessSync(place, constants.W_OK)
  } catch {
    yield { of, state: 'bad', says: `${full} cannot be written by this user` }
    return
  }
  const { type, bavail, bsize } = statfsSync(place)
  const free = Number(bavail) * Number(bsize)
  if (REMOTE.has(Number(type)))
    yield {
      of,
      state: 'bad',
      says: `${full} is on a network file system, where SQLite loses data: use a local disk, or Redis`,
    }
  const gigabytes = (free / 1e9).toFixed(1)
  yield free < LOW_BYTES
    ? { of, state: 'bad', says: `${full} has ${gigabytes} GB left` }
    : { of, state: 'ok', says: `${full}, ${gigabytes} GB free` }
  if (existsSync(full) && (statSync(full).mode & 0o004) !== 0)
    yield { of, state: 'note', says: `others on this machine can read ${full}: chmod 700 if that matters` }
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}
