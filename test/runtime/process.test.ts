import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, test } from 'vitest'
import { freePort, startChild, temporaryFolder } from '../support/child.ts'
import { ADMIN_KEY, type Server, startNode, startWorker } from '../support/server.ts'
import { asBrowser } from '../support/visitor.ts'

const skerry = fileURLToPath(new URL('../../bin/skerry.js', import.meta.url))
const headers = { Authorization: `Key ${ADMIN_KEY}` }
const body = '{"page":"/"}'

const send = ({ url }: Pick<Server, 'url'>, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/pageviews`, { method: 'POST', headers, body, ...init })

async function count({ url }: Pick<Server, 'url'>): Promise<number> {
  return ((await (await fetch(`${url}/pageviews/count`, { headers })).json()) as { count: number }).count
}

describe('the first start', () => {
  test('prints keys, a curl line and HTML that work; the second prints none of it', async () => {
    const first = await startNode({ SKERRY_KEY: '' })
    const [, admin = ''] = await first.child.until(/admin key \(shown this once\): (\S+)/)
    await first.child.until(/<\/script>/)
    const lines = first.child.output().match(/^ *curl .+$/gm) ?? []
    expect(lines.every((line) => line.includes(admin))).toBe(true)
    const [sent, counted] = lines.map((line) =>
      execFileSync('sh', ['-c', `${line} -s`], { encoding: 'utf8' }),
    )
    expect(sent).toContain('201 Created')
    expect(counted).toBe('{"count":1}')
    const [, origin = '', site = '', key = ''] =
      /src="(\S+)\/s\.js" data-collection="(\S+)" data-key="(\S+)"/.exec(first.child.output()) ?? []
    expect((await fetch(`${origin}/s.js`)).status).toBe(200)
    const viewed = await fetch(`${origin}/${site}?key=${key}`, asBrowser({ method: 'POST', body }))
    expect(viewed.status).toBe(201)
    await first.child.stop()

    const second = startChild(process.execPath, [skerry], {
      PORT: '0',
      HOST: '127.0.0.1',
      SKERRY_DATA: first.folder.path,
      SKERRY_KEY: '',
      REDIS_URL: '',
    })
    const [, url = ''] = await second.until(/listens on (\S+)/)
    const again = await fetch(`${url}/pageviews/count`, { headers: { Authorization: `Key ${admin}` } })
    expect(await again.json()).toEqual({ count: 2 })
    expect(second.output()).not.toMatch(/key|curl|script/)
    await second.stop()
    await first.folder.remove()
  })

  for (const [store, env] of [
    ['SQLite', {}],
    ['Redis', { REDIS_URL: 'own' }],
  ] as const) {
    test(`is one, also when several processes start at once on an empty ${store}`, async () => {
      const folder = await temporaryFolder()
      const database = `/${18 + Math.floor(Math.random() * 14)}`
      const settings = {
        PORT: '0',
        HOST: '127.0.0.1',
        SKERRY_DATA: folder.path,
        SKERRY_KEY: '',
        REDIS_URL: '',
      }
      const redis = 'REDIS_URL' in env ? { REDIS_URL: inject('redisUrl') + database } : {}
      const children = Array.from({ length: 4 }, () =>
        startChild(process.execPath, [skerry], { ...settings, ...redis }),
      )
      const urls = await Promise.all(
        children.map(async (child) => (await child.until(/listens on (\S+)/))[1] ?? ''),
      )
      await Promise.all(
        urls.map(async (url) => expect((await fetch(`${url}/health/ready`)).status).toBe(200)),
      )
      await Promise.race(children.map((child) => child.until(/<\/script>/)))
      await new Promise((resolve) => setTimeout(resolve, 300))
      const printed = children.map((child) => child.output()).join('\n')
      expect(printed.match(/admin key/g)).toHaveLength(1)
      expect(printed.match(/write key of pageviews/g)).toHaveLength(1)
      const [, admin = ''] = /admin key \(shown this once\): (\S+)/.exec(printed) ?? []
      const init = { headers: { Authorization: `Key ${admin}` } }
      for (const url of urls) {
        expect((await fetch(`${url}/pageviews`, { ...init, method: 'POST', body })).status).toBe(201)
        expect(await (await fetch(`${urls[0]}/pageviews/count`, init)).json()).toEqual({
          count: urls.indexOf(url) + 1,
        })
      }
      expect(existsSync(`${folder.path}/skerry.db`)).toBe(!('REDIS_URL' in redis))
      await Promise.all(children.map((child) => child.stop()))
      await folder.remove()
    })
  }
})

describe('a process', () => {
  test('says in one line what is wrong with a setting, and ends with 1', async () => {
    const taken = await startNode()
    const wrong = [
      { PORT: 'http' },
      { PORT: '70000' },
      { SKERRY_KEY: 'short' },
      { REDIS_URL: 'localhost:6379' },
      { UPSTASH_REDIS_REST_URL: 'https://x.example' },
      { PORT: new URL(taken.url).port, HOST: '127.0.0.1' },
    ]
    for (const settings of wrong) {
      const folder = await temporaryFolder()
      const child = startChild(process.execPath, [skerry], {
        SKERRY_DATA: folder.path,
        SKERRY_KEY: '',
        REDIS_URL: '',
        ...settings,
      })
      expect(await child.ended).toBe(1)
      expect(child.output()).toMatch(
        new RegExp(
          `^skerry: ${Object.keys(settings)[0]?.replace('UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN')} .+\n$`,
        ),
      )
      await folder.remove()
    }
    await taken.stop()
  })

  test('says that a Node is too old', async () => {
    const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})"
    const child = startChild(process.execPath, ['--import', pretend, skerry])
    expect(await child.ended).toBe(1)
    expect(child.output()).toMatch(/Node 20\.20\.2 is too old, 24 or newer is needed/)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`on ${signal} answers all that comes while it goes, loses nothing, and ends by itself within 8 s`, async () => {
      const server = await startNode()
      let isUp = true
      let acknowledged = 0
      const load = Array.from({ length: 16 }, async () => {
        while (isUp) {
          const response = await send(server).catch(() => undefined)
          if (response?.status === 201) acknowledged++
          // A client is told to leave, and its next connection may come too late: only then may sending fail.
          else if (!response) return
          else expect(response.status).toBe(201)
        }
      })
      await new Promise((resolve) => setTimeout(resolve, 500))
      const start = performance.now()
      server.child.signal(signal)
      await new Promise((resolve) => setTimeout(resolve, 300))
      const late = await send(server)
      acknowledged++
      expect([late.status, late.headers.get('Connection')]).toEqual([201, 'close'])
      expect(await server.child.ended).toBe(0)
      isUp = false
      expect(performance.now() - start).toBeLessThan(8000)
      await Promise.all(load)
      const again = startChild(process.execPath, [skerry], {
        PORT: '0',
        HOST: '127.0.0.1',
        SKERRY_DATA: server.folder.path,
        SKERRY_KEY: ADMIN_KEY,
        REDIS_URL: '',
      })
      const [, url = ''] = await again.until(/listens on (\S+)/)
      expect(await count({ url })).toBe(acknowledged)
      await again.stop()
      await server.folder.remove()
    })
  }

  test('gives up on senders that are too slow, with 408', { timeout: 30_000 }, async () => {
    const server = await startNode()
    const slow = (text: string): Promise<readonly [string, number]> =>
      new Promise((resolve) => {
        const start = performance.now()
        let answer = ''
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text))
        socket.on('data', (data) => {
          answer += data
        })
        socket.on('close', () => resolve([answer.split('\r\n')[0] ?? '', performance.now() - start]))
      })
    const head = `POST /pageviews HTTP/1.1\r\nHost: x\r\nAuthorization: Key ${ADMIN_KEY}\r\n`
    const [[noHead, headMs], [noBody, bodyMs]] = await Promise.all([
      slow(head),
      slow(`${head}Content-Length: 100\r\n\r\n{"page"`),
    ])
    expect([noHead, noBody]).toEqual(['HTTP/1.1 408 Request Timeout', 'HTTP/1.1 408 Request Timeout'])
    expect(headMs).toBeLessThan(7000)
    expect(bodyMs).toBeLessThan(12_000)
    expect(await count(server)).toBe(0)
    await server.stop()
  })

  test('counts a beacon whose sender is gone once its body is complete, and none that is not', async () => {
    const server = await startNode()
    const beacon = (id: number, text: string, end: 'end' | 'resetAndDestroy'): Promise<void> =>
      new Promise((resolve) => {
        const event = JSON.stringify({ id: `gone${id}`, page: '/' })
        const head = `POST /pageviews HTTP/1.1\r\nHost: x\r\nAuthorization: Key ${ADMIN_KEY}\r\nContent-Length: ${event.length}\r\n\r\n`
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
          socket.write(head + event.slice(0, event.length + (text === 'part' ? -5 : 0)), () =>
            setTimeout(() => socket[end](), 5),
          )
        })
        socket.on('error', () => {}).on('close', () => resolve())
        socket.resume()
      })
    for (let i = 0; i < 40; i++) await beacon(i, 'whole', i % 2 ? 'end' : 'resetAndDestroy')
    for (let i = 100; i < 110; i++) await beacon(i, 'part', 'resetAndDestroy')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await count(server)).toBe(40)
    await server.stop()
  })

  test('shares one SQLite file with others: what one acknowledged all see at once', async () => {
    const one = await startNode()
    const two = await startNode({ SKERRY_DATA: one.folder.path })
    for (let i = 0; i < 20; i++) {
      expect((await send(i % 2 ? one : two)).status).toBe(201)
      expect(await count(i % 2 ? two : one)).toBe(i + 1)
    }
    const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => send(i % 2 ? one : two)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect([await count(one), await count(two)]).toEqual([320, 320])
    await two.stop()
    await one.stop()
  })
})

test("DEBUG=skerry* prints the onion at start and each layer's time per request, alike on Node and on a minified Worker", async () => {
  const onions: string[][] = []
  for (const start of [startNode, startWorker]) {
    const server = await start({ DEBUG: 'skerry*' })
    expect((await send(server)).status).toBe(201)
    await server.child.until(
      /skerry:onion POST \/pageviews [\d.]+ms: recover [\d.]+ ▸ timing [\d.]+ ▸ cors [\d.]+ ▸ auth [\d.]+/,
    )
    onions.push(server.child.output().match(/skerry:onion [A-Z]+ \/\S*: .+/g) ?? [])
    expect(server.child.output()).not.toContain(ADMIN_KEY)
    await server.stop()
  }
  const [onNode = [], onWorker] = onions
  expect(onNode).toContain(
    'skerry:onion POST /:collection: recover ▸ timing ▸ cors ▸ auth ▸ limit ▸ shed ▸ validate ▸ identify ▸ collect',
  )
  expect(onNode.length).toBeGreaterThan(15)
  expect(onWorker).toEqual(onNode)
})

test('a bad beacon writes nothing to the console, a fault of ours one structured line', async () => {
  const server = await startNode()
  await server.child.until(/<\/script>/)
  const before = server.child.output()
  for (const bad of ['x', '{"page":5}', '[]', '{"page":"/","__proto__":{}}'])
    expect((await send(server, { body: bad })).status).toBeLessThan(500)
  expect(server.child.output()).toBe(before)
  await server.stop()
  const without = await startNode({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
  const from = without.child.output().length
  for (let i = 0; i < 5; i++) expect((await send(without)).status).toBe(503)
  const lines = without.child.output().slice(from).trim().split('\n')
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), event: expect.any(String) })
  expect(lines.filter((line) => line.includes('"unavailable"'))).toHaveLength(1)
  await without.stop()
})
