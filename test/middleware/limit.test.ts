import { beforeEach, describe, expect, test } from 'vitest'
import { createProgram } from '../../src/program.ts'
import { readSettings } from '../../src/settings.ts'
import { storeHome } from '../../src/store/home.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { Client, type Site } from '../contract/client.ts'
import { asset } from '../support/assets.ts'
import { breathe, journalOptions, random } from '../support/journal.ts'
import { ADMIN_KEY } from '../support/server.ts'

const [BURST, PER_SECOND] = [6, 2]
const VISITOR = '203.0.113.9'
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

/** Passes all calls on, and tells of them. */
function watched(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        calls.push(String(name))
        return value.apply(target, args)
      }
    },
  })
}

let calls: string[]
let time: number
let sender: string | undefined
let client: Client
let site: Site

/** The program, whose clock and whose peer's address are set by hand. */
async function start(SKERRY_RATE = `${PER_SECOND}/${BURST}`): Promise<void> {
  calls = []
  time = 1000
  sender = undefined
  const store = watched(memoryStore(), calls)
  const platform = {
    now: Date.now,
    clock: () => time,
    random,
    asset,
    breathe,
    peer: () => ({ address: sender, by: 'socket' }),
    log: () => {},
    print: () => {},
  }
  const settings = readSettings({ SKERRY_KEY: ADMIN_KEY, SKERRY_RATE })
  const { app } = createProgram(storeHome(store, journalOptions(store)), platform, settings)
  client = new Client(() => ({
    adminKey: ADMIN_KEY,
    fetch: async (path, init) => app.fetch(new Request(`http://skerry.test${path}`, init)),
    stop: async () => {},
  }))
  site = await client.makeSite()
}

async function send(
  from: string | undefined,
  key = site.write,
  { Origin, ...init }: RequestInit & { readonly Origin?: string } = {},
): Promise<Response> {
  sender = from
  const headers = { ...client.as(key), 'User-Agent': BROWSER, ...(Origin && { Origin }) }
  return client.call(`/${site.name}`, { method: 'POST', headers, body: '{"page":"/"}', ...init })
}

async function statuses(count: number, from: string | undefined, key?: string): Promise<readonly number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) all.push((await send(from, key)).status)
  return all
}

/** So many that are let in, and then so many that are not. */
const inThenOut = (inside: number, outside: number): readonly number[] => [
  ...Array<number>(inside).fill(201),
  ...Array<number>(outside).fill(429),
]

beforeEach(() => start())

describe('an address that sends too fast', () => {
  test('is not let in to the dashboard either, by looking or by signing in', async () => {
    sender = VISITOR
    const look = (): Promise<Response> => client.call('/', { headers: { Accept: 'text/html' } })
    for (let i = 0; i < BURST; i++) expect((await look()).status).toBe(200)
    expect((await look()).status).toBe(429)
    expect((await client.call('/', { method: 'POST', body: 'key=guess' })).status).toBe(429)
    sender = '203.0.113.10'
    expect((await look()).status).toBe(200)
  })

  test('is told when to come back, and is let in then', async () => {
    expect(await statuses(BURST, VISITOR)).toEqual(inThenOut(BURST, 0))
    const response = await send(VISITOR)
    const { headers } = response
    expect(await client.problem(response)).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(headers.get('Retry-After')).toBe('1')
    expect(headers.get('Cache-Control')).toBe('no-store')
    time += 1000
    expect(await statuses(3, VISITOR)).toEqual(inThenOut(2, 1))
    expect(await client.count(site)).toBe(BURST + 2)
  })

  test('finds the limit in structured fields: lists of a string with whole parameters (RFC 9651)', async () => {
    await statuses(BURST, VISITOR)
    const { headers } = await send(VISITOR)
    const item = /^"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"((?:;[a-z*][a-z0-9_\-.*]*=-?\d{1,15})+)$/
    const read = (name: string): unknown => {
      const [, string, parameters = ''] = item.exec(headers.get(name) ?? '') ?? []
      return [string, Object.fromEntries(new URLSearchParams(parameters.replaceAll(';', '&')))]
    }
    expect(read('RateLimit')).toEqual(['beacons', { r: '0', t: headers.get('Retry-After') }])
    expect(read('RateLimit-Policy')).toEqual(['beacons', { q: `${BURST}`, w: `${BURST / PER_SECOND}` }])
  })

  test('may read the answer in a browser, unless its origin is not listed', async () => {
    const origins = ['https://site.example']
    await client.put(site.name, { origins })
    await statuses(BURST, VISITOR)
    const from = (Origin: string): Promise<Response> => send(VISITOR, site.write, { Origin })
    const own = await from('https://site.example')
    expect([own.status, own.headers.get('Access-Control-Allow-Origin')]).toEqual([
      429,
      'https://site.example',
    ])
    expect(own.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After')
    const other = await from('https://other.example')
    expect([other.status, other.headers.get('Access-Control-Allow-Origin')]).toEqual([429, null])
  })

  test('costs no call to the store', async () => {
    await statuses(BURST, VISITOR)
    calls.length = 0
    expect(await statuses(50, VISITOR)).toEqual(inThenOut(0, 50))
    expect(calls).toEqual([])
  })

  test('is turned away before its body is read', async () => {
    const bodyRead = async (): Promise<boolean> => {
      let isRead = false
      const body = new ReadableStream(
        {
          pull(controller) {
            isRead = true
            controller.enqueue(new TextEncoder().encode('{"page":"/"}'))
            controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      await send(VISITOR, site.write, { body, duplex: 'half' } as RequestInit)
      return isRead
    }
    expect(await bodyRead()).toBe(true)
    await statuses(BURST - 1, VISITOR)
    expect(await bodyRead()).toBe(false)
  })

  test('gets no image either, and what reads no token: questions, health, a HEAD', async () => {
    await statuses(BURST, VISITOR)
    const path = `/${site.name}?page=/&key=${site.write}`
    expect((await client.call(path)).status).toBe(429)
    expect((await client.call(path, { method: 'HEAD' })).status).toBe(200)
    expect(await client.count(site)).toBe(BURST)
    expect((await client.call('/health/live')).status).toBe(200)
  })

  test('learns first that its key is none, or of another collection', async () => {
    const other = await client.makeSite()
    await statuses(BURST, VISITOR)
    expect((await send(VISITOR, 'skw_unknown')).status).toBe(401)
    expect((await send(VISITOR, other.write)).status).toBe(403)
    expect((await send(VISITOR)).status).toBe(429)
  })
})

describe('one address', () => {
  test('is that of all its keys and collections', async () => {
    const first = site
    await statuses(BURST, VISITOR)
    site = await client.makeSite()
    expect(await statuses(1, VISITOR)).toEqual([429])
    expect(await statuses(1, '203.0.113.10')).toEqual([201])
    expect(site.name).not.toBe(first.name)
  })

  test('is the /64 of IPv6, however it is written, and all of IPv4, mapped or not', async () => {
    const pairs = [
      ['2001:db8:1:2::1', '2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:3::1'],
      ['198.51.100.1', '::ffff:198.51.100.1', '198.51.100.2'],
    ] as const
    for (const [one, same, next] of pairs) {
      expect(await statuses(BURST, one)).toEqual(inThenOut(BURST, 0))
      expect(await statuses(1, same)).toEqual([429])
      expect(await statuses(1, next)).toEqual([201])
    }
  })
})

describe('nobody counts', () => {
  test('beacons that a server or admin key vouches for', async () => {
    expect(await statuses(BURST + 2, VISITOR, site.server)).toEqual(inThenOut(BURST + 2, 0))
    expect(await statuses(BURST + 2, VISITOR, ADMIN_KEY)).toEqual(inThenOut(BURST + 2, 0))
    expect(await statuses(BURST + 1, VISITOR)).toEqual(inThenOut(BURST, 1))
  })

  test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', undefined])(
    'those of this machine, or of nowhere: %s',
    async (address) => {
      expect(await statuses(BURST + 2, address)).toEqual(inThenOut(BURST + 2, 0))
    },
  )

  test('any, where SKERRY_RATE is off', async () => {
    await start('off')
    expect(await statuses(600, VISITOR)).toEqual(inThenOut(600, 0))
  })
})
