import { writeFile } from 'node:fs/promises'
import { type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Folder, startChild, temporaryFolder } from './support/child.ts'
import { writeMmdb } from './support/mmdb.ts'
import { ADMIN_KEY, type Server, startNode } from './support/server.ts'

/** What a client may send to seem another, and where no proxy is named nobody believes. */
const forged = {
  'X-Forwarded-For': '203.0.113.1',
  Forwarded: 'for=203.0.113.2;proto=https',
  'CF-Connecting-IP': '203.0.113.3',
  'True-Client-IP': '203.0.113.4',
  'X-Real-IP': '203.0.113.5',
  'X-Client-IP': '203.0.113.6',
  'CF-IPCountry': 'KP',
  'CloudFront-Viewer-Country': 'KP',
  'X-Vercel-IP-Country': 'KP',
}

const nowhere = { country: null, region: null, city: null, placeBy: null }
const socket = { address: '127.0.0.1', by: 'socket' }

/** Header lines as they are given, also several of one name. */
async function whoami(server: Server, headers: OutgoingHttpHeaders = {}): Promise<Record<string, unknown>> {
  return JSON.parse((await get(`${server.url}/api/whoami`, headers)).body)
}

function get(
  url: string,
  headers: OutgoingHttpHeaders,
): Promise<{ body: string; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        body += text
      })
      response.on('end', () => resolve({ body, headers: response.headers }))
    })
    sent.on('error', reject).end()
  })
}

/** How many visitors two events seem to be, of one agent and with these headers. */
async function visitorsOf(
  { url }: Server,
  name: string,
  ...both: readonly Readonly<Record<string, string>>[]
): Promise<number> {
  const admin = { Authorization: `Key ${ADMIN_KEY}` }
  const made = await fetch(`${url}/api/collections/${name}`, { method: 'PUT', headers: admin, body: '{}' })
  expect(made.status).toBe(201)
  const keys = await fetch(`${url}/api/collections/${name}/keys`, {
    method: 'POST',
    headers: admin,
    body: '{"kind":"write"}',
  })
  const { key } = (await keys.json()) as { key: string }
  for (const headers of both) {
    const sent = await fetch(`${url}/${name}?key=${key}`, {
      method: 'POST',
      headers: {
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
        ...headers,
      },
      body: '{"page":"/"}',
    })
    expect(sent.status).toBe(201)
  }
  const asked = await fetch(`${url}/${name}/query`, {
    method: 'POST',
    headers: admin,
    body: JSON.stringify({ metrics: ['visitors'], date_range: 'all' }),
  })
  return ((await asked.json()) as { results: readonly { metrics: readonly number[] }[] }).results[0]
    ?.metrics[0] as number
}

/** Writes a request over a connection that has been used before, and resets it at once. */
function sendAndLeave({ url }: Server, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
    socket
      .once('data', () => socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 2)))
      .on('error', () => {})
      .on('close', () => resolve())
  })
}

describe('a server that names no proxy', () => {
  let server: Server
  beforeAll(async () => {
    server = await startNode()
  })
  afterAll(() => server.stop())

  test('believes no header: address and place are those of the connection', async () => {
    expect(await whoami(server)).toMatchObject({ ...socket, ...nowhere, ignored: [] })
    expect(await whoami(server, forged)).toMatchObject({ ...socket, ...nowhere })
  })

  test('names the headers that it does not believe, and never what they hold', async () => {
    const { body } = await get(`${server.url}/api/whoami`, {
      ...forged,
      Cookie: 'a=secret',
      'X-Other': 'secret',
    })
    const { ignored } = JSON.parse(body)
    expect(ignored).toEqual(
      expect.arrayContaining([
        'x-forwarded-for',
        'forwarded',
        'true-client-ip',
        'cf-connecting-ip',
        'x-real-ip',
      ]),
    )
    expect(body).not.toMatch(/203\.0\.113|secret|KP/)
  })

  test('takes senders of whatever headers for one visitor', async () => {
    const other = Object.fromEntries(
      Object.entries(forged).map(([name, value]) => [name, value.replace('113', '114')]),
    )
    expect(await visitorsOf(server, 'forged', forged, other)).toBe(1)
  })

  test('needs no key, takes GET and HEAD, and lets nobody keep or read the answer', async () => {
    const { headers } = await get(`${server.url}/api/whoami`, { Origin: 'https://site.example' })
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect((await fetch(`${server.url}/api/whoami`, { method: 'HEAD' })).status).toBe(200)
    const posted = await fetch(`${server.url}/api/whoami`, { method: 'POST' })
    expect([posted.status, posted.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('tells how it reads the agent', async () => {
    const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'
    expect(await whoami(server, { 'User-Agent': agent })).toMatchObject({
      agent: { browser: 'Firefox', browser_version: '150', os: 'Windows', device: 'Desktop' },
    })
    expect((await whoami(server)).agent).toEqual({})
  })

  test('tells whether it was asked not to track', async () => {
    expect(await whoami(server)).toMatchObject({ gpc: false, dnt: false })
    expect(await whoami(server, { 'Sec-GPC': '1', DNT: '0' })).toMatchObject({ gpc: true, dnt: false })
    expect(await whoami(server, { 'Sec-GPC': '?1', DNT: '1' })).toMatchObject({ gpc: false, dnt: true })
  })
})

describe('a server behind one hop', () => {
  let server: Server
  beforeAll(async () => {
    server = await startNode({ TRUST_PROXY: '1' })
  })
  afterAll(() => server.stop())

  test('believes the last entry, all lines of the header joined', async () => {
    const told = { address: '203.0.113.9', by: 'x-forwarded-for' }
    expect(await whoami(server, { 'X-Forwarded-For': '6.6.6.6, 203.0.113.9' })).toMatchObject(told)
    expect(await whoami(server, { 'X-Forwarded-For': ['6.6.6.6', '203.0.113.9'] })).toMatchObject(told)
    expect(
      await whoami(server, { 'X-Forwarded-For': ['6.6.6.6, 6.6.6.7', 'junk, 203.0.113.9'] }),
    ).toMatchObject(told)
  })

  test('falls back to the connection on junk, and believes no other header', async () => {
    expect(await whoami(server, { ...forged, 'X-Forwarded-For': '203.0.113.1, unknown' })).toMatchObject({
      ...socket,
      ...nowhere,
    })
    const { 'X-Forwarded-For': _, ...others } = forged
    expect(await whoami(server, others)).toMatchObject({ ...socket, ...nowhere })
  })

  test('tells visitors apart by it, and not by what they put before', async () => {
    const from = (chain: string) => ({ 'X-Forwarded-For': chain })
    expect(await visitorsOf(server, 'two', from('203.0.113.1'), from('203.0.113.2'))).toBe(2)
    expect(await visitorsOf(server, 'one', from('6.6.6.6, 203.0.113.1'), from('7.7.7.7, 203.0.113.1'))).toBe(
      1,
    )
  })
})

test('who sends and leaves at once has an address all the same', async () => {
  const server = await startNode({ SKERRY_RATE: 'off' })
  const visitor = {
    Authorization: `Key ${ADMIN_KEY}`,
    'User-Agent': 'Mozilla/5.0 (X11; rv:150.0) Firefox/150.0',
  }
  const body = '{"page":"/"}'
  const head = Object.entries({ Host: 'x', 'Content-Length': body.length, ...visitor })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  for (let i = 0; i < 20; i++) await sendAndLeave(server, `POST /pageviews HTTP/1.1\r\n${head}\r\n${body}`)
  expect((await fetch(`${server.url}/pageviews`, { method: 'POST', headers: visitor, body })).status).toBe(
    201,
  )
  const ask = async (metric: string): Promise<unknown> => {
    const query = JSON.stringify({ metrics: [metric], date_range: 'all' })
    const asked = await fetch(`${server.url}/pageviews/query`, {
      method: 'POST',
      headers: visitor,
      body: query,
    })
    return ((await asked.json()) as { results: readonly { metrics: readonly unknown[] }[] }).results[0]
      ?.metrics[0]
  }
  // A reset may overtake what was sent just before it.
  await expect.poll(() => ask('pageviews')).toBeGreaterThan(10)
  expect(await ask('visitors')).toBe(1)
  await server.stop()
})

test('a server behind networks believes the last address outside them, from within them only', async () => {
  const server = await startNode({ TRUST_PROXY: 'loopback, 198.51.100.0/24' })
  const chain = { 'X-Forwarded-For': ['6.6.6.6', '203.0.113.9, 198.51.100.7'] }
  expect(await whoami(server, chain)).toMatchObject({ address: '203.0.113.9', by: 'x-forwarded-for' })
  await server.stop()
  const elsewhere = await startNode({ TRUST_PROXY: '198.51.100.0/24' })
  expect(await whoami(elsewhere, chain)).toMatchObject(socket)
  await elsewhere.stop()
})

describe('a server behind Cloudflare with an MMDB file', () => {
  let server: Server
  let folder: Folder
  beforeAll(async () => {
    folder = await temporaryFolder()
    const path = join(folder.path, 'places.mmdb')
    const networks = {
      '203.0.113.0/24': { country: { iso_code: 'SE' }, city: { names: { en: 'Linköping' } } },
      '127.0.0.0/8': { country: { iso_code: 'IT' } },
    }
    await writeFile(path, writeMmdb({ networks }))
    server = await startNode({ TRUST_PROXY: 'cloudflare', SKERRY_GEOIP: path })
  })
  afterAll(async () => {
    await server.stop()
    await folder.remove()
  })

  test('believes its address and place', async () => {
    const headers = {
      ...forged,
      'CF-IPCountry': 'DE',
      'CF-Region-Code': 'BY',
      // As Cloudflare writes it: bytes of UTF-8.
      'CF-IPCity': Buffer.from('München').toString('latin1'),
    }
    expect(await whoami(server, headers)).toMatchObject({
      address: '203.0.113.3',
      by: 'cf-connecting-ip',
      country: 'DE',
      region: 'DE-BY',
      city: 'München',
      placeBy: 'cloudflare',
    })
  })

  test('looks an address up whose place it does not tell', async () => {
    const found = { ...nowhere, country: 'SE', city: 'Linköping', placeBy: 'geoip' }
    expect(await whoami(server, { 'CF-Connecting-IP': '203.0.113.3' })).toMatchObject(found)
    expect(await whoami(server, { 'CF-Connecting-IP': '203.0.113.3', 'CF-IPCountry': 'XX' })).toMatchObject(
      found,
    )
  })

  test('believes nothing of a request that did not come through it, or came twice', async () => {
    const here = { ...socket, ...nowhere, country: 'IT', placeBy: 'geoip' }
    const { 'CF-Connecting-IP': _, ...others } = forged
    expect(await whoami(server, others)).toMatchObject(here)
    expect(
      await whoami(server, { ...others, 'CF-Connecting-IP': ['203.0.113.3', '203.0.113.4'] }),
    ).toMatchObject(here)
  })
})

test.each([
  ['TRUST_PROXY', 'everybody'],
  ['SKERRY_GEOIP', '/nowhere/places.mmdb'],
  ['SKERRY_GEOIP', fileURLToPath(import.meta.url)],
])('a wrong %s is one line that names it, and exit status 1', async (name, value) => {
  const folder = await temporaryFolder()
  const child = startChild(process.execPath, [fileURLToPath(new URL('../bin/skerry.js', import.meta.url))], {
    PORT: '0',
    SKERRY_DATA: folder.path,
    REDIS_URL: '',
    [name]: value,
  })
  expect(await child.ended).toBe(1)
  expect(child.output()).toMatch(new RegExp(`^skerry: ${name} .+\n$`))
  expect(child.output()).toContain(value)
  await folder.remove()
})
