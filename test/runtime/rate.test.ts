import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { Client } from '../contract/client.ts'
import { temporaryFolder } from '../support/child.ts'
import { overHttp } from '../support/in-process.ts'
import { type Server, startNode, startWorker } from '../support/server.ts'

const BURST = 20
const VISITOR = '203.0.113.9'
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Sends beacons at once with a write key, or one that vouches, as those that another address sent. */
async function makeSender(server: Server): Promise<Sender> {
  closing.push(() => server.stop())
  const client = new Client(() => overHttp(server))
  const site = await client.makeSite()
  return (count, header, kind = 'write') =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const own = { Origin: 'https://site.example', 'User-Agent': BROWSER }
        const headers = { ...client.as(site[kind]), ...own, ...header }
        const response = await client.call(`/${site.name}`, { method: 'POST', headers, body: '{"page":"/"}' })
        await response.arrayBuffer()
        return response
      }),
    )
}
type Sender = (
  count: number,
  header: Readonly<Record<string, string>>,
  kind?: 'write' | 'server',
) => Promise<readonly Response[]>

const withStatus = (responses: readonly Response[], status: number): readonly Response[] =>
  responses.filter((response) => response.status === status)

/** What every runtime does, where a header tells the address. */
async function limits(send: Sender, header: string): Promise<void> {
  const from = (address: string): Readonly<Record<string, string>> => ({ [header]: address })
  const answers = await send(3 * BURST, from(VISITOR))
  const [first] = withStatus(answers, 429)
  expect(withStatus(answers, 201).length).toBeGreaterThanOrEqual(BURST)
  expect(withStatus(answers, 201).length + withStatus(answers, 429).length).toBe(3 * BURST)
  expect([...(first?.headers ?? [])]).toEqual(
    expect.arrayContaining([
      ['content-type', 'application/problem+json'],
      ['retry-after', '1'],
      ['ratelimit', '"beacons";r=0;t=1'],
      ['ratelimit-policy', `"beacons";q=${BURST};w=${BURST}`],
      ['access-control-allow-origin', 'https://site.example'],
    ]),
  )
  expect(withStatus(await send(5, from('203.0.113.10')), 201).length).toBe(5)
  expect(withStatus(await send(2 * BURST, from(VISITOR), 'server'), 201).length).toBe(2 * BURST)
  expect(withStatus(await send(2 * BURST, from('127.0.0.1')), 201).length).toBe(2 * BURST)
  await send(BURST, from('2001:db8:1:2::1'))
  expect(withStatus(await send(BURST, from('2001:db8:1:2:3:4:5:6')), 429).length).toBeGreaterThan(0)
}

describe('Node', () => {
  test('limits an address that a trusted proxy tells', async () => {
    const server = await startNode({ SKERRY_RATE: `1/${BURST}`, TRUST_PROXY: '1' })
    await limits(await makeSender(server), 'X-Forwarded-For')
  })

  test('limits nobody of this machine, whatever a header says that nobody trusts', async () => {
    const send = await makeSender(await startNode({ SKERRY_RATE: `1/${BURST}` }))
    const answers = await send(3 * BURST, { 'X-Forwarded-For': VISITOR, 'CF-Connecting-IP': VISITOR })
    expect(withStatus(answers, 201).length).toBe(3 * BURST)
  })

  test('ends with one line where SKERRY_RATE is wrong', async () => {
    await expect(startNode({ SKERRY_RATE: 'fast' })).rejects.toThrow(
      /\nskerry: SKERRY_RATE must be requests a second and how many at once \(not fewer\), as 50\/500, or off\n$/,
    )
  })
})

describe('wrangler dev', () => {
  test('limits an address that Cloudflare tells', async () => {
    const server = await startWorker({ SKERRY_RATE: `1/${BURST}` })
    await limits(await makeSender(server), 'CF-Connecting-IP')
  }, 120_000)

  test('limits it also by the count that isolates share, if there is one', async () => {
    const folder = await temporaryFolder()
    closing.push(() => folder.remove())
    const send = await makeSender(
      await startWorker({ SKERRY_RATE: '1000/9000' }, await configIn(folder.path)),
    )
    const from = { 'CF-Connecting-IP': VISITOR }
    const answers: Response[] = []
    // A count that takes too long is done without, and the first ones may.
    while (answers.length < 20 * BURST && withStatus(answers, 429).length === 0)
      answers.push(...(await send(2 * BURST, from)))
    const [first] = withStatus(answers, 429)
    expect(withStatus(answers, 201).length).toBeGreaterThanOrEqual(BURST)
    expect(first?.headers.get('Retry-After')).toBe('9')
    expect(withStatus(await send(3 * BURST, from, 'server'), 201).length).toBe(3 * BURST)
  }, 120_000)
})

/** wrangler.toml, but that the shared count allows less. */
async function configIn(folder: string): Promise<string> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const text = await readFile(`${root}wrangler.toml`, 'utf8')
  const own = text
    .replace(/^simple = .*$/m, `simple = { limit = ${BURST}, period = 60 }`)
    .replaceAll(/^(main|directory) = "/gm, `$1 = "${root}`)
  await writeFile(`${folder}/wrangler.toml`, own)
  return `${folder}/wrangler.toml`
}
