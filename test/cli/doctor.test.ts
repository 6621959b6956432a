import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openShell, type Shell } from '../support/cli.ts'
import { startRedis } from '../support/redis-server.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'

type Server = Awaited<ReturnType<typeof startNode>>

describe('skerry doctor', () => {
  test('finds a store that is there well, and makes none', async () => {
    const shell = await openShell({ SKERRY_DATA: 'data' })
    const none = await shell.run(['doctor'])
    expect(none).toMatchObject({ code: 0, out: expect.stringContaining('note  store: none yet') })
    expect((await shell.run(['collections'])).code).toBe(1)
    await shell.run(['demo', '--days', '1', '--visitors', '1', '-q'])
    const { code, out } = await shell.run(['doctor'])
    expect(code).toBe(0)
    expect(out).toMatch(/^ok {4}store: what is acknowledged is on disk$/m)
    expect(out).toMatch(/^note {2}collections: pages of any site may send to demo/m)
    await shell.stop()
  })

  test('says what is bad, and ends with 1', async () => {
    const shell = await openShell({ SKERRY_KEY: 'aaaaaaaaaaaaaaaaaa', SKERRY_GEOIP: 'missing.mmdb' })
    const { code, out, err } = await shell.run(['doctor'])
    expect(code).toBe(1)
    expect(out).toMatch(/^BAD {3}admin key: .+$/m)
    expect(out).toMatch(/^BAD {3}places: .+missing\.mmdb$/m)
    expect(out).not.toContain('aaaaaaa')
    expect(err).toMatch(/^skerry: 2 of \d+ are bad\n$/)
    await shell.stop()
  })

  test('tells how durable a Redis is, and that one is away', async () => {
    const volatile = await startRedis({ settings: ['--appendonly', 'no'] })
    const cases = [
      [inject('redisUrl'), 0, 'note  store: Redis writes to disk each second'],
      [volatile.url, 1, 'BAD   store: Redis has no append-only file'],
      ['redis://127.0.0.1:9', 1, 'BAD   store: the store (Redis) cannot be reached'],
    ] as const
    for (const [url, status, line] of cases) {
      const shell = await openShell({ REDIS_URL: url })
      expect(await shell.run(['doctor'])).toMatchObject({ code: status, out: expect.stringContaining(line) })
      await shell.stop()
    }
    await volatile.stop()
  })
})

describe('skerry doctor --url', () => {
  let server: Server
  let shell: Shell
  beforeAll(async () => {
    server = await startNode()
    shell = await openShell({ SKERRY_KEY: ADMIN_KEY })
  })
  afterAll(async () => {
    await shell.stop()
    await server.stop()
  })

  test('finds a server well', async () => {
    const { code, out } = await shell.run(['doctor', '--url', server.url])
    expect(code).toBe(0)
    expect(out).toMatch(/^ok {4}proxy: it sees you as 127\.0\.0\.1, by socket$/m)
    expect(out).toMatch(/^ok {4}clock: it and this machine are [01] s apart$/m)
    expect(out).toMatch(/^ok {4}store: /m)
  })

  test('finds a proxy that nobody has named, and a clock that is wrong', async () => {
    const proxy = createServer((request, response) => {
      const headers = { ...(request.headers as Record<string, string>), 'x-forwarded-for': '203.0.113.7' }
      void fetch(server.url + request.url, { headers }).then(async (answer) => {
        response.setHeader('Date', new Date(Date.now() - 600_000).toUTCString())
        response.writeHead(answer.status).end(await answer.text())
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { code, out } = await shell.run(['doctor', '--url', `http://127.0.0.1:${port}`])
    proxy.closeAllConnections()
    proxy.close()
    expect(code).toBe(1)
    expect(out).toMatch(/^BAD {3}proxy: .+does not believe x-forwarded-for.+TRUST_PROXY/m)
    expect(out).toMatch(/^BAD {3}clock: .+60[01] s apart/m)
  })

  test('knows a key that is none, and what is no Skerry', async () => {
    const unknown = await shell.run(['doctor', '--url', server.url, '--key', 'a-key-that-nobody-knows'])
    expect(unknown).toMatchObject({
      code: 1,
      out: expect.stringContaining('BAD   collections: the key is not known there'),
    })
    const other = createServer((_request, response) => response.writeHead(404).end('nothing here'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const done = await shell.run(['doctor', '--url', `http://127.0.0.1:${port}`])
    other.close()
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('is that Skerry?') })
  })
})
