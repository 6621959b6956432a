import { copyFile, readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { sqlite } from '../adapters/store/sqlite.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import { refuseNewer, STORE_FORMAT } from '../src/store-format.ts'
import { type Folder, startChild, temporaryFolder } from './support/child.ts'
import { openShell } from './support/cli.ts'
import { ADMIN_KEY, startNode } from './support/server.ts'

const stores = new URL('fixtures/stores/', import.meta.url)
const FORMATS = Array.from({ length: STORE_FORMAT }, (_, i) => i + 1)
const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** A Redis of its own among the databases of the one that all tests share. */
async function fillRedis(format: number): Promise<string> {
  const url = `${inject('redisUrl')}/14`
  const client = new Redis(url)
  await client.flushdb()
  const lines = await readFile(new URL(`format-${format}.redis.jsonl`, stores), 'utf8')
  for (const line of lines.trim().split('\n')) {
    const [command = '', ...args] = JSON.parse(line) as string[]
    await client.call(command, ...args)
  }
  client.disconnect()
  return url
}

async function fillSqlite(format: number, folder: Folder): Promise<void> {
  await copyFile(new URL(`format-${format}.db`, stores), `${folder.path}/skerry.db`)
}

describe.each(FORMATS)('a store of format %i', (format) => {
  const opened: Record<string, () => Promise<NodeJS.ProcessEnv>> = {
    SQLite: async () => {
      const folder = await temporaryFolder()
      await fillSqlite(format, folder)
      return { SKERRY_DATA: folder.path }
    },
    Redis: async () => ({ REDIS_URL: await fillRedis(format) }),
  }

  for (const [name, fill] of Object.entries(opened)) {
    test(`in ${name} opens, answers as it did, and goes on`, async () => {
      const server = await startNode(await fill())
      const shop = `${server.url}/shop`
      const ask = async (dimensions: readonly string[]): Promise<unknown> => {
        const query = {
          metrics: ['visitors', 'visits', 'events', 'pageviews'],
          dimensions,
          date_range: 'all',
        }
        const response = await fetch(`${shop}/query`, {
          method: 'POST',
          headers,
          body: JSON.stringify(query),
        })
        return ((await response.json()) as { results: unknown }).results
      }
      const rows = [
        { dimensions: ['/a'], metrics: [21, 21, 21, 18] },
        { dimensions: ['/b'], metrics: [21, 21, 21, 18] },
        { dimensions: ['/c'], metrics: [18, 18, 18, 18] },
        { dimensions: ['/late'], metrics: [2, 2, 2, 2] },
      ]
      expect(await ask(['event:page'])).toEqual(rows)
      expect(await ask(['event:props:plan'])).toEqual([
        expect.objectContaining({ dimensions: ['free'] }),
        expect.objectContaining({ dimensions: ['pro'] }),
        expect.objectContaining({ dimensions: ['(none)'] }),
      ])
      const sent = ['e1-0', 'late-1', 'new'].map((id) => ({ id, time: '2026-10-01T12:00:00Z', page: '/new' }))
      const again = await fetch(shop, { method: 'POST', headers, body: JSON.stringify(sent) })
      expect(again.status).toBe(201)
      expect(await (await fetch(`${shop}/count`, { headers })).json()).toEqual({ count: 63 })
      await server.stop()
    })
  }
})

describe('a store of a newer format', () => {
  let folder: Folder
  beforeAll(async () => {
    folder = await temporaryFolder()
    await fillSqlite(STORE_FORMAT, folder)
    const store = sqlStore(sqlite(folder.path))
    await store.replace('setup', 'format', null, String(STORE_FORMAT + 1))
    await store.close()
  })
  afterAll(() => folder.remove())

  test('is not served, in one line, and stays as it was', async () => {
    const before = await readFile(`${folder.path}/skerry.db`)
    const server = startChild(process.execPath, ['bin/skerry.js'], {
      PORT: '0',
      SKERRY_DATA: folder.path,
      REDIS_URL: '',
    })
    expect(await server.ended).toBe(1)
    expect(server.output()).toMatch(
      /^skerry: the store was kept by a newer Skerry \(format 2, this one knows 1\).+\n$/,
    )
    expect((await readFile(`${folder.path}/skerry.db`)).equals(before)).toBe(true)
  })

  test('is not asked either', async () => {
    const shell = await openShell({ SKERRY_DATA: folder.path })
    expect(await shell.run(['collections'])).toEqual({
      code: 1,
      out: '',
      err: expect.stringContaining('a newer Skerry'),
    })
    await shell.stop()
  })
})

test('what is noted is the format, and lower ones are read', async () => {
  const server = await startNode()
  const store = sqlStore(sqlite(server.folder.path))
  const setup = await store.documents('setup')
  expect(setup.get('format')).toBe(String(STORE_FORMAT))
  await store.close()
  await server.stop()
  for (const format of FORMATS) expect(refuseNewer(new Map([['format', String(format)]]))).toBeUndefined()
})
