import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildScript, scripts } from '../scripts/tracker.ts'
import { type Server, startNode } from './support/server.ts'

/** Bytes of the tracker, gzipped. */
const BUDGET = 1_000

test.each(scripts)('%s is what its source builds', async (name) => {
  expect(await buildScript(name)).toBe(readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8'))
})

test(`the tracker weighs at most ${BUDGET} bytes gzipped`, async () => {
  expect(gzipSync(await buildScript('s.js'), { level: 9 }).length).toBeLessThanOrEqual(BUDGET)
})

describe('a running server', () => {
  let server: Server
  beforeAll(async () => {
    server = await startNode()
  })
  afterAll(() => server?.stop())

  test.each(scripts)('serves /%s to any page, without a key', async (name) => {
    const response = await fetch(`${server.url}/${name}`, { headers: { Origin: 'https://example.com' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://example.com')
    expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+, stale-while-revalidate=\d+$/)
    expect(await response.text()).toBe(await buildScript(name))
  })

  test('says by its ETag that nothing has changed; HEAD has no body, other methods are refused', async () => {
    const first = await fetch(`${server.url}/s.js`)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]{16}-gzip"$/)
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await fetch(`${server.url}/s.js`, { headers: { 'If-None-Match': tag } })
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
    }
    const other = await fetch(`${server.url}/s.js`, { headers: { 'If-None-Match': '"other"' } })
    expect(other.status).toBe(200)
    const head = await fetch(`${server.url}/s.js`, { method: 'HEAD' })
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, ''])
    const post = await fetch(`${server.url}/s.js`, { method: 'POST', body: '{}' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('sends the script compressed to who reads that, under a tag of its own', async () => {
    const ask = (encoding: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const options = { headers: { 'Accept-Encoding': encoding }, agent: false }
        get(`${server.url}/s.js`, options, resolve).once('error', reject)
      })
    const [packed, plain] = [await ask('br, gzip'), await ask('gzip;q=0')]
    const [bytes, text] = [await buffer(packed), await buffer(plain)]
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding, Origin' })
    expect(bytes.length).toBeLessThanOrEqual(BUDGET + 20)
    expect(gunzipSync(bytes)).toEqual(text)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers.vary).toBe('Accept-Encoding, Origin')
    expect(packed.headers.etag).toBe(plain.headers.etag?.replace(/"$/, '-gzip"'))
  })

  test('has a page on which visitors say not to be counted, which nobody may frame', async () => {
    const page = await fetch(`${server.url}/optout`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; frame-ancestors 'none'/,
    )
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await page.text()).toBe(readFileSync(new URL('../assets/optout.html', import.meta.url), 'utf8'))
    const etag = page.headers.get('etag') ?? ''
    expect((await fetch(`${server.url}/optout`, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  })
})
