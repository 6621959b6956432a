import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { temporaryFolder } from '../support/child.ts'
import { openShell, type Shell } from '../support/cli.ts'
import { startRedis } from '../support/redis-server.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'

type Server = Awaited<ReturnType<typeof startNode>>

const headers = { Authorization: `Key ${ADMIN_KEY}` }

describe('skerry backup', () => {
  let server: Server
  let shell: Shell
  let acknowledged = 0
  const file = (name: string): string => `${shell.folder.path}/${name}`
  async function send(url: string, id: string): Promise<void> {
    const body = JSON.stringify({ id, page: '/a', address: '203.0.113.7', agent: 'Firefox' })
    const { status } = await fetch(`${url}/pageviews`, { method: 'POST', headers, body })
    expect(status).toBe(201)
    acknowledged++
  }
  const count = async (url: string): Promise<number> =>
    ((await (await fetch(`${url}/pageviews/count`, { headers })).json()) as { count: number }).count
  beforeAll(async () => {
    server = await startNode()
    shell = await openShell({ SKERRY_DATA: server.folder.path })
  })
  afterAll(async () => {
    await server.stop()
    await shell.stop()
  })

  test('copies while a server writes; what was acknowledged before is in it, and it opens elsewhere', async () => {
    for (let i = 0; i < 50; i++) await send(server.url, `before-${i}`)
    let isDone = false
    const writing = (async () => {
      for (let i = 0; !isDone; i++) await send(server.url, `during-${i}`)
    })()
    const before = acknowledged
    const done = await shell.run(['backup', file('copy.db')])
    isDone = true
    await writing
    expect(done).toMatchObject({ code: 0, out: `${file('copy.db')}\n` })
    expect((await stat(file('copy.db'))).mode & 0o777).toBe(0o600)
    expect((await readdir(shell.folder.path)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db'])

    await mkdir(file('restored'))
    await copyFile(file('copy.db'), file('restored/skerry.db'))
    const restored = await startNode({ SKERRY_DATA: file('restored') })
    expect(await count(restored.url)).toBeGreaterThanOrEqual(before)
    expect(await count(restored.url)).toBeLessThanOrEqual(acknowledged)
    const kept = await count(restored.url)
    await send(restored.url, 'before-0')
    await send(restored.url, 'after')
    expect(await count(restored.url)).toBe(kept + 1)
    await restored.stop()
  })

  test('holds no secret of a day, in no byte', async () => {
    const source = new DatabaseSync(`${server.folder.path}/skerry.db`, { readOnly: true })
    const salts = source.prepare("SELECT body FROM document WHERE kind = 'salt'").all()
    source.close()
    expect(salts.length).toBeGreaterThan(0)
    const copy = await readFile(file('copy.db'))
    for (const { body } of salts) expect(copy.includes(String(body))).toBe(false)
  })

  test('never writes over a file, and leaves nothing where it fails', async () => {
    expect(await shell.run(['backup', file('copy.db')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already'),
    })
    const failed = await shell.run(['backup', file('no/such/folder.db')])
    expect(failed).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^skerry: no backup was made: .+\n$/),
    })
    const empty = await openShell({})
    expect((await empty.run(['backup', 'x.db'])).err).toContain('there is no store in')
    await empty.stop()
    const redis = await openShell({ REDIS_URL: inject('redisUrl') })
    expect((await redis.run(['backup', 'x.db'])).err).toContain('the store is a Redis')
    await redis.stop()
  })
})

describe('a copy of a Redis, as docs/backup.md makes and restores it', () => {
  test('has what was acknowledged, counts on, and holds no secret once it is told to', async () => {
    const redis = await startRedis()
    const driver = new Redis(redis.url)
    const server = await startNode({ REDIS_URL: redis.url })
    const send = (url: string, id: string): Promise<Response> =>
      fetch(`${url}/pageviews`, { method: 'POST', headers, body: JSON.stringify({ id, page: '/a' }) })
    for (let i = 0; i < 20; i++) expect((await send(server.url, `${i}`)).status).toBe(201)
    await driver.bgsave()
    await expect.poll(() => driver.info('persistence')).toMatch(/rdb_bgsave_in_progress:0/)
    const folder = await temporaryFolder()
    await copyFile(`${redis.folder.path}/dump.rdb`, `${folder.path}/dump.rdb`)
    await server.stop()
    driver.disconnect()
    await redis.stop()

    const restored = await startRedis({ folder, settings: ['--appendonly', 'no'] })
    const control = new Redis(restored.url)
    expect(await control.exists('skerry:documents:salt')).toBe(1)
    await control.del('skerry:documents:salt')
    await control.config('SET', 'appendonly', 'yes')
    await expect.poll(() => control.info('persistence')).toMatch(/aof_rewrite_in_progress:0/)
    const again = await startNode({ REDIS_URL: restored.url })
    const count = async (): Promise<unknown> =>
      (await fetch(`${again.url}/pageviews/count`, { headers })).json()
    expect(await count()).toEqual({ count: 20 })
    await send(again.url, '0')
    await send(again.url, 'new')
    expect(await count()).toEqual({ count: 21 })
    await again.stop()
    control.disconnect()
    await restored.child.stop()

    // As it is started from then on.
    const later = await startRedis({ folder })
    const last = await startNode({ REDIS_URL: later.url })
    expect(await (await fetch(`${last.url}/pageviews/count`, { headers })).json()).toEqual({ count: 21 })
    await last.stop()
    await later.stop()
  })
})
