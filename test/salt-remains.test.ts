import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import type { Peer } from '../src/client.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Store } from '../src/store/store.ts'
import { Client } from './contract/client.ts'
import { temporaryFolder } from './support/child.ts'
import { overHttp } from './support/in-process.ts'
import { type StartedProgram, startProgram } from './support/program.ts'
import { startRedis } from './support/redis-server.ts'
import { filesIn } from './support/remains.ts'
import { startNode } from './support/server.ts'
import { type Remain, tracesOf } from './support/traces.ts'
import { browserHeaders } from './support/visitor.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** What was opened last is closed first. */
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A place for stores, which any number of processes may open, and its files. */
interface Place {
  open(): Store
  files(): Promise<readonly Remain[]>
  /** Settings of a server that keeps everything here. */
  readonly env: NodeJS.ProcessEnv
}

async function sqlitePlace(): Promise<Place> {
  const folder = await temporaryFolder()
  closing.push(folder.remove)
  const open = (): Store => opened(sqlStore(sqlite(folder.path)))
  return { open, files: () => filesIn(folder.path), env: { SKERRY_DATA: folder.path } }
}

async function redisPlace(): Promise<Place> {
  // Uncompressed, so that what is in a file can be found in it.
  const redis = await startRedis({ settings: ['--rdbcompression', 'no'] })
  const client = new Redis(redis.url)
  closing.push(redis.stop, async () => client.disconnect())
  return {
    open: () => opened(redisStore(ioredis(redis.url))),
    async files() {
      await expect
        .poll(() => client.info('persistence'), { timeout: 10_000 })
        .toMatch(/rewrite_in_progress:0/)
      await client.save()
      return filesIn(redis.folder.path)
    },
    env: { REDIS_URL: redis.url },
  }
}

function opened(store: Store): Store {
  closing.push(() => store.close())
  return store
}

/** Whoever the visitor is, he is the same one. */
const peer = (): Peer => ({ by: 'socket', address: '203.0.113.7' })

async function visit({ app, writeKey }: StartedProgram, page: string): Promise<void> {
  const url = `http://skerry.test/pageviews?key=${writeKey}`
  const init = { method: 'POST', headers: browserHeaders, body: JSON.stringify({ page }) }
  expect((await app.fetch(new Request(url, init))).status).toBe(201)
}

/** The secrets of a store, by what they are of, each in all forms that it may have in a file. */
async function secretsOf(store: Store): Promise<ReadonlyMap<string, readonly string[]>> {
  const documents = await store.documents('salt')
  return new Map([...documents].map(([name, text]) => [name, formsOf(text)]))
}

function formsOf(text: string): readonly string[] {
  const words = (JSON.parse(text) as readonly number[]).slice(0, 4)
  const bytes = Buffer.alloc(16)
  for (const [i, word] of words.entries()) bytes.writeUInt32BE(word, 4 * i)
  const pairs = [0, 1, 2].map((i) => words.slice(i, i + 2).join(','))
  return [...pairs, bytes.toString('hex').slice(0, 16), bytes.toString('hex').slice(16)]
}

/** Which secrets' bytes are in files, be it as numbers in binary. */
function found(secrets: ReadonlyMap<string, readonly string[]>, files: readonly Remain[]): readonly string[] {
  return [...secrets].flatMap(([name, forms]) => {
    const inHex = forms.filter((form) => !form.includes(','))
    const binary = inHex.map((form) => Buffer.from(form, 'hex'))
    const reversed = binary.map((bytes) => Buffer.from(bytes).swap32())
    const isBinary = files.filter(({ bytes }) =>
      [...binary, ...reversed].some((word) => Buffer.from(bytes).includes(word)),
    )
    const traces = [...tracesOf(forms, files), ...isBinary.map(({ where }) => `${where}: binary`)]
    return traces.map((trace) => `${name}: ${trace}`)
  })
}

for (const [name, makePlace] of [
  ['SQLite', sqlitePlace],
  ['Redis', redisPlace],
] as const) {
  describe(`secrets of days in the files of ${name}`, () => {
    test('are there for 48 hours, and then nowhere', { timeout: 120_000 }, async () => {
      const place = await makePlace()
      const store = place.open()
      let time = Date.now()
      const program = await startProgram(store, { peer, now: () => time })
      // Another process has it open too, and reads it.
      const other = await startProgram(place.open(), { peer, now: () => time })
      const dead = new Map<string, readonly string[]>()
      for (let day = 0; day < 4; day++) {
        for (let i = 0; i < 40; i++)
          await visit(i % 2 ? program : { ...other, writeKey: program.writeKey }, `/${day}/${i}`)
        const living = await secretsOf(store)
        expect(living.size).toBe(Math.min(day + 1, 2))
        const told = found(living, await place.files())
        for (const secret of living.keys())
          expect(told.some((trace) => trace.startsWith(`${secret}: `))).toBe(true)
        for (const [secret, forms] of living) dead.set(secret, forms)
        time += DAY
        await other.maintain()
        await program.maintain()
        for (const secret of (await store.documents('salt')).keys()) dead.delete(secret)
        expect(dead.size).toBe(day)
        expect(found(dead, await place.files())).toEqual([])
        for (const [secret, forms] of living) dead.set(secret, forms)
      }
    })

    test('are gone also if the process that removed them died before it could see to that', async () => {
      const place = await makePlace()
      const store = place.open()
      let time = Date.now()
      const dying = { ...store, scrub: () => Promise.reject(new Error('the process died')) }
      const program = await startProgram(dying, { peer, now: () => time })
      await visit(program, '/')
      const secrets = await secretsOf(store)
      expect(secrets.size).toBe(1)
      time += 2 * DAY
      await program.maintain()
      expect(await secretsOf(store)).not.toEqual(secrets)
      expect(found(secrets, await place.files())).not.toEqual([])
      const next = await startProgram(place.open(), { peer, now: () => time })
      await next.maintain()
      expect((await store.documents('salt')).size).toBe(0)
      expect(found(secrets, await place.files())).toEqual([])
    })

    test('are one for each day, also for four processes that meet at midnight', {
      timeout: 120_000,
    }, async () => {
      const place = await makePlace()
      const folder = await temporaryFolder()
      const clock = join(folder.path, 'clock')
      closing.push(folder.remove)
      await writeFile(clock, '0')
      const env = { ...place.env, NODE_OPTIONS: `--import ${clockOf(clock)}`, TRUST_PROXY: '1' }
      const servers = await Promise.all(Array.from({ length: 4 }, () => startNode(env)))
      for (const server of servers) closing.push(server.stop)
      const clients = servers.map((server) => new Client(() => overHttp(server)))
      const site = await (clients[0] as Client).makeSite()
      const midnight = Math.ceil(Date.now() / DAY) * DAY
      for (const at of [midnight - 30_000, midnight, midnight + 30_000]) {
        await writeFile(clock, String(at - Date.now()))
        const answers = clients.flatMap((client) =>
          Array.from({ length: 8 }, () => {
            const headers = { 'X-Forwarded-For': '203.0.113.7' }
            return client.call(`/${site.name}?key=${site.write}`, {
              method: 'POST',
              headers,
              body: '{"page":"/"}',
            })
          }),
        )
        for (const answer of await Promise.all(answers)) expect(answer.status).toBe(201)
      }
      const query = { metrics: ['visitors', 'events'], dimensions: ['time:day'], date_range: 'all' }
      for (const client of clients) {
        const rows = await client.table(site, query)
        expect(rows.map(([, ...metrics]) => metrics)).toEqual([
          [1, 32],
          [1, 64],
        ])
      }
      expect(
        [...(await place.open().documents('salt')).keys()].filter((key) => key.startsWith(site.name)),
      ).toHaveLength(2)
    })
  })
}

/** A module that sets a process's clock so many ms on as a file says, now and then anew. */
function clockOf(path: string): string {
  const code = `import{readFileSync}from'node:fs';const now=Date.now;Date.now=()=>now()+Number(readFileSync('${path}','utf8')||0)`
  return `data:text/javascript,${encodeURIComponent(code)}`
}
