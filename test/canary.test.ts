import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parquetReadObjects } from 'hyparquet'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import type { CollectionDefinition } from '../src/collection.ts'
import { textFields } from '../src/event.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Store } from '../src/store/store.ts'
import { Client, type Site } from './contract/client.ts'
import {
  ADDRESSES,
  type Beacon,
  CANARIES,
  CONTROL,
  fates,
  faulty,
  shapes,
  spam,
  visitorHeaders,
} from './support/canary-beacons.ts'
import { overHttp } from './support/in-process.ts'
import { journalOptions } from './support/journal.ts'
import { startRedis } from './support/redis-server.ts'
import { filesIn, keysIn, partsInFile } from './support/remains.ts'
import { ADMIN_KEY, startNode } from './support/server.ts'
import { type Remain, tracesOf } from './support/traces.ts'
import { type Answer, exchange } from './support/wire.ts'

/** A server under test, its store, and all that these leave behind. */
interface Bed {
  readonly url: string
  /** The same store, through a process of its own. */
  readonly store: Store
  /** What the server wrote to its console. */
  output(): string
  /** Every byte that the store keeps, and what is in it. */
  remains(): Promise<readonly Remain[]>
  /** Does something while the store takes no writes. */
  withoutStore<T>(work: () => Promise<T>): Promise<T>
  stopServer(): Promise<void>
  close(): Promise<void>
}

const settings = { DEBUG: 'skerry*', TRUST_PROXY: '1', SKERRY_RATE: '20/400' }

async function sqliteBed(): Promise<Bed> {
  const server = await startNode(settings)
  const { path } = server.folder
  const store = sqlStore(sqlite(path))
  return {
    url: server.url,
    store,
    output: server.child.output,
    remains: async () => [...(await filesIn(path)), ...partsInFile(path)],
    async withoutStore(work) {
      const other = new DatabaseSync(join(path, 'skerry.db'))
      other.exec('BEGIN IMMEDIATE')
      try {
        return await work()
      } finally {
        other.exec('ROLLBACK')
        other.close()
      }
    },
    stopServer: server.child.stop,
    async close(): Promise<void> {
      await store.close()
      await server.stop()
    },
  }
}

async function redisBed(): Promise<Bed> {
  // Uncompressed, so that what is in a file can be found in it.
  const redis = await startRedis({ settings: ['--rdbcompression', 'no', '--loglevel', 'debug'] })
  const server = await startNode({ ...settings, REDIS_URL: redis.url })
  const store = redisStore(ioredis(redis.url))
  const client = new Redis(redis.url)
  return {
    url: server.url,
    store,
    output: server.child.output,
    async remains() {
      await client.save()
      const files = await Promise.all([redis, server].map(({ folder }) => filesIn(folder.path)))
      const console = { where: 'console of Redis', bytes: Buffer.from(redis.child.output()) }
      return [...files.flat(), console, ...(await keysIn(client))]
    },
    async withoutStore(work) {
      redis.child.signal('SIGSTOP')
      try {
        return await work()
      } finally {
        redis.child.signal('SIGCONT')
        await client.ping()
      }
    },
    stopServer: server.child.stop,
    async close(): Promise<void> {
      client.disconnect()
      await store.close()
      await server.stop()
      await redis.stop()
    },
  }
}

/** A site whose visitors' wishes are heeded, where strangers are turned away. */
const definition = {
  origins: ['https://shop.example'],
  privacy: { gpc: 'drop', dnt: 'anonymous' },
  query: ['tab'],
  groupBy: ['page', 'name', 'referrer'],
}

const dimensions = [
  ...['time:hour', 'event:name', 'event:page', 'event:hostname', 'event:title', 'event:props:control'],
  ...['event:props:target', 'event:props:documentURL', 'event:props:sample', 'event:props:originalPolicy'],
  ...['visit:entry_page', 'visit:exit_page', 'visit:entry_page_hostname', 'visit:country_name'],
  ...textFields
    .filter((name) => !['page', 'hostname', 'title'].includes(name))
    .map((name) => `visit:${name}`),
]

for (const [name, open] of [
  ['Node, SQLite', sqliteBed],
  ['Node, Redis', redisBed],
] as const) {
  describe(`nothing that tells who somebody is is written or told: ${name}`, () => {
    let bed: Bed
    let site: Site
    /** All that was answered. */
    const answers: Remain[] = []
    const client = new Client(() => overHttp({ url: bed.url, stop: async () => {} }))

    function tell(where: string, text: string | Uint8Array): void {
      answers.push({ where, bytes: typeof text === 'string' ? Buffer.from(text) : text })
    }

    /** Sends with a key of the site: the write key stands in the URL, as pages have it. */
    async function send(
      what: string,
      { method, query = '', headers = {}, body }: Beacon,
      address: string,
      more: Readonly<Record<string, string>> = {},
      kind: 'write' | 'server' = 'write',
    ): Promise<Answer> {
      const key = kind === 'write' ? `key=${site.write}` : ''
      const all = {
        ...visitorHeaders(address),
        ...headers,
        ...more,
        ...(kind === 'server' && client.as(site.server)),
      }
      const path = `/${site.name}?${[key, query].filter(Boolean).join('&')}`
      const answer = await exchange(bed.url, { method, path, headers: Object.entries(all), body })
      tell(what, answer.text)
      return answer
    }

    async function read(path: string, init: RequestInit = {}, key = site.read): Promise<Buffer> {
      const response = await client.call(`/${site.name}${path}`, {
        ...init,
        headers: { ...client.as(key), ...(init.headers as Record<string, string>) },
      })
      const body = Buffer.from(await response.arrayBuffer())
      expect([path, response.status, response.status === 200 || body.toString()]).toEqual([path, 200, true])
      tell(path, body)
      return body
    }

    /** What tells of a canary, or of a secret key; the site's write key is public. */
    const traces = (remains: Iterable<Remain>): readonly string[] =>
      tracesOf([...CANARIES, site.read, site.server, ADMIN_KEY], remains)

    const hasControl = (remain: Remain): boolean => tracesOf([CONTROL], [remain]).length > 0

    beforeAll(async () => {
      bed = await open()
      site = await client.makeSite(definition)
    }, 60_000)
    afterAll(() => bed?.close(), 30_000)

    for (const address of ADDRESSES) {
      for (const [fate, { headers, refusal }] of Object.entries(fates)) {
        test(`sent from ${address} ${fate}`, async () => {
          for (const [shape, beacon] of Object.entries(shapes)) {
            const what = `${shape} from ${address} ${fate}`
            const { status, header } = await send(what, beacon, address, headers)
            const expected = shape === 'pixel' ? 200 : refusal === undefined ? 201 : 202
            expect([what, status, header('Skerry-Refused')]).toEqual([what, expected, refusal])
          }
        })
      }

      test(`sent from ${address}: from a server, as spam, with faults, with keys where they do not belong`, async () => {
        for (const [shape, beacon] of Object.entries(shapes)) {
          const { status } = await send(`${shape} from a server`, beacon, address, {}, 'server')
          expect([shape, status]).toEqual([shape, shape === 'pixel' ? 200 : 201])
        }
        expect((await send('spam', spam, address)).header('Skerry-Refused')).toBe('spam')
        for (const [what, beacon] of Object.entries(faulty)) {
          for (const kind of ['write', 'server'] as const) {
            const { status } = await send(what, beacon, address, {}, kind)
            expect([what, status]).toEqual([
              what,
              what.startsWith('a pixel') ? 200 : expect.toSatisfy(isFault),
            ])
          }
        }
        const own = Object.entries(visitorHeaders(address))
        for (const key of [site.read, site.server, ADMIN_KEY]) {
          const asks = [
            { path: `/${site.name}?key=${key}`, headers: own },
            { path: `/${site.name}`, headers: [...own, ...Object.entries(client.as(`${key}x`))] },
          ]
          const refused = await Promise.all(asks.map((ask) => exchange(bed.url, { method: 'POST', ...ask })))
          expect(refused.map(({ status }) => status)).toEqual([400, 401])
          for (const { text } of refused) tell('a key where it does not belong', text)
        }
      })
    }

    test('sent too fast', async () => {
      const address = '203.0.113.78'
      const [beacon] = Object.values(shapes)
      const all = Array.from({ length: 500 }, () => send('too fast', beacon as Beacon, address))
      expect((await Promise.all(all)).map(({ status }) => status)).toContain(429)
    })

    test('sent while there is no store', async () => {
      const [address] = ADDRESSES
      await bed.withoutStore(async () => {
        for (const shape of ['text', 'batch', 'form', 'reports']) {
          const { status } = await send(
            `${shape} without a store`,
            shapes[shape] as Beacon,
            address,
            {},
            'server',
          )
          expect([shape, status]).toEqual([shape, 503])
        }
      })
    })

    test('and nothing of it is told', async () => {
      await expect.poll(async () => (await exchangeStatus()).status, { timeout: 10_000 }).toBe(200)
      const [ndjson, csv, parquet] = [
        await read('/events'),
        await read('/events', { headers: { Accept: 'text/csv' } }),
        await read('/events', { headers: { Accept: 'application/vnd.apache.parquet' } }),
      ]
      const rows = await parquetReadObjects({ file: new Uint8Array(parquet).buffer })
      const asRead = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value))
      tell('Parquet as it is read', asRead)
      const refused = await read('/refused')
      for (const [path, names] of [
        ['/query', dimensions],
        ['/refused/query', [...dimensions, 'event:refusal', 'event:bot']],
      ] as const) {
        for (const dimension of names) {
          const metrics = [/entry|exit/.test(dimension) ? 'visits' : 'events']
          const body = JSON.stringify({ metrics, dimensions: [dimension], date_range: 'all' })
          await read(path, { method: 'POST', body })
        }
      }
      expect(traces(answers)).toEqual([])
      for (const text of [ndjson, csv, asRead, refused])
        expect(hasControl({ where: '', bytes: Buffer.from(text) })).toBe(true)
    })

    test('nor written to a console', async () => {
      expect(bed.output()).toMatch(/skerry:onion POST \/\S+ [\d.]+ms/)
      expect(bed.output()).toMatch(/"event":"unavailable"/)
      expect(traces([{ where: 'console', bytes: Buffer.from(bed.output()) }])).toEqual([])
    })

    test('nor is what somebody asks for, which is in the path of a question', async () => {
      const from = bed.output().length
      const [asked] = CANARIES.filter((text) => text.includes('person'))
      await read(`/page/%2Fu%2F${asked}%40mail.example/count`)
      await client.call(`/${asked}%40mail.example`, { method: 'POST' })
      await expect.poll(() => bed.output().slice(from)).toMatch(/skerry:onion POST/)
      expect(traces([{ where: 'console', bytes: Buffer.from(bed.output().slice(from)) }])).toEqual([])
    })

    test('nor to a file, before and after days are sealed, and when the server has ended', async () => {
      const before = await bed.remains()
      expect(traces(before)).toEqual([])
      expect(before.some(hasControl)).toBe(true)
      expect(before.filter(({ where }) => isPart(where))).toEqual([])

      const found = await client.call(`/api/collections/${site.name}`, { headers: client.as(ADMIN_KEY) })
      const options = { ...journalOptions(bed.store, { sealAt: 1 }), store: bed.store }
      await journalCollection((await found.json()) as CollectionDefinition, options).seal()
      const after = await bed.remains()
      expect(traces(after)).toEqual([])
      const parts = after.filter(({ where }) => isPart(where))
      for (const stream of [site.name, `${site.name}!refused`])
        expect(parts.some((part) => part.where.includes(stream) && hasControl(part))).toBe(true)

      const from = bed.output().length
      await bed.stopServer()
      const last = { where: 'console', bytes: Buffer.from(bed.output().slice(from)) }
      expect(traces([...(await bed.remains()), last])).toEqual([])
    })

    function exchangeStatus(): Promise<Response> {
      return client.call(`/${site.name}/count`, { headers: client.as(site.read) })
    }
  })
}

const isFault = (status: number): boolean => [207, 400, 413, 415, 422].includes(status)
/** The payloads of segments, as `remains` names them. */
const isPart = (where: string): boolean => /^part |^\S+ \S+ (?:codes|values|header)/.test(where)

test('a canary would be found in any form', () => {
  const text = 'canary.person+77@mail.example'
  const forms = [
    text,
    text.toUpperCase(),
    encodeURIComponent(text),
    encodeURIComponent(encodeURIComponent(text)),
    ...['', 'x', 'xy', 'xyz'].map((before) => Buffer.from(`${before}${text}z`).toString('base64')),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}\u00ff${text}`).toString('base64url')),
    Buffer.from(text).toString('hex'),
  ]
  for (const form of forms) {
    const bytes = Buffer.from(`before ${form} after`)
    expect([form, tracesOf([text], [{ where: 'here', bytes }]).length > 0]).toEqual([form, true])
  }
  expect(tracesOf([text], [{ where: 'here', bytes: Buffer.from(text, 'utf16le') }])).toHaveLength(1)
  expect(tracesOf([text], [{ where: 'here', bytes: Buffer.from(text.slice(1)) }])).toEqual([])
})
