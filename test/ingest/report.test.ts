import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../contract/client.ts'
import { CHROME, startSender } from './sending.ts'

const { send } = startSender()

const reports = { 'Content-Type': 'application/reports+json', Origin: 'https://shop.example' }
const url = 'https://u:p@shop.example:8443/me@x.example/cart?token=s3cret#frag'
const csp = {
  documentURL: url,
  referrer: 'https://search.example/find?q=s3cret',
  blockedURL: 'https://evil.example/x.gif?id=s3cret#frag',
  effectiveDirective: 'img-src',
  originalPolicy:
    "img-src 'self' 'nonce-R4nd0m' data:; report-uri https://c.example/shop?key=s3cret; report-to csp",
  sourceFile: 'https://shop.example/abcdefghijkl0123456789mnop/a.js?v=s3cret',
  sample: '',
  disposition: 'enforce',
  statusCode: 200,
  lineNumber: 3,
  columnNumber: 7,
}
const kept = {
  documentURL: 'https://shop.example/*/cart',
  referrer: 'https://search.example/find',
  blockedURL: 'https://evil.example/x.gif',
  effectiveDirective: 'img-src',
  originalPolicy: "img-src 'self' 'nonce-*' data:; report-uri https://c.example/shop; report-to csp",
  sourceFile: 'https://shop.example/*/a.js',
  sample: '',
  disposition: 'enforce',
  statusCode: 200,
  lineNumber: 3,
  columnNumber: 7,
}
const cspReport = { type: 'csp-violation', age: 2500, url, user_agent: CHROME, body: csp }
const pageless: Json = {
  type: 'deprecation',
  age: 0,
  url: 'about:blank',
  user_agent: CHROME,
  body: { id: 'X' },
}

async function sendOne(report: unknown): Promise<Json> {
  const { status, text, rows } = await send(JSON.stringify([report]), reports)
  expect([status, JSON.parse(text)]).toEqual([201, { accepted: 1, refused: [], invalid: [] }])
  expect(rows).toHaveLength(1)
  return rows[0] ?? {}
}

const propsOf = async (body: unknown): Promise<unknown> => (await sendOne({ type: 't', url, body })).props

describe('a browser reports', () => {
  test('in an array, as Chromium does: an event per report', async () => {
    const { status, text, rows } = await send(JSON.stringify([cspReport, pageless]), reports)
    expect([status, JSON.parse(text)]).toEqual([201, { accepted: 2, refused: [], invalid: [] }])
    const [violation, deprecation] = rows
    expect(violation).toMatchObject({ name: 'csp-violation', page: '/*/cart', hostname: 'shop.example' })
    expect(violation?.props).toEqual(kept)
    expect(deprecation).toMatchObject({ name: 'deprecation', props: { id: 'X' } })
    expect(deprecation).not.toHaveProperty('page')
    expect(Date.parse(String(deprecation?.time)) - Date.parse(String(violation?.time))).toBe(2500)
    expect(JSON.stringify(rows)).not.toMatch(/s3cret|frag|Mozilla|u:p|8443|R4nd0m/)
  })

  test('in an array that is printed for reading, as Firefox does', async () => {
    const { status, rows } = await send(JSON.stringify([cspReport], null, 2), reports)
    expect(status).toBe(201)
    expect(rows[0]?.props).toEqual(kept)
  })

  test('one by one, as WebKit does', async () => {
    const { type, body } = cspReport
    const headers = { 'Content-Type': 'application/csp-report', Origin: 'null' }
    const { status, text, rows } = await send(JSON.stringify({ type, url, body }), headers)
    expect([status, text]).toEqual([201, ''])
    expect(rows).toMatchObject([{ name: 'csp-violation', page: '/*/cart' }])
    expect(rows[0]?.props).toEqual(kept)
  })

  test('to report-uri: the same event as to report-to', async () => {
    const legacy = {
      'document-uri': csp.documentURL,
      referrer: csp.referrer,
      'violated-directive': 'img-src',
      'effective-directive': 'img-src',
      'original-policy': csp.originalPolicy,
      disposition: 'enforce',
      'blocked-uri': csp.blockedURL,
      'line-number': 3,
      'column-number': 7,
      'source-file': csp.sourceFile,
      'status-code': 200,
      'script-sample': '',
    }
    const headers = { 'Content-Type': 'application/csp-report' }
    const { status, text, rows } = await send(JSON.stringify({ 'csp-report': legacy }), headers)
    expect([status, text]).toEqual([201, ''])
    expect(rows).toMatchObject([{ name: 'csp-violation', page: '/*/cart', hostname: 'shop.example' }])
    expect(rows[0]?.props).toEqual({ ...kept, violatedDirective: 'img-src' })
  })

  test('to report-uri by CSP level 1, which knows no effective directive', async () => {
    const legacy = { 'document-uri': url, 'violated-directive': "img-src 'self'", 'blocked-uri': 'data' }
    const { rows } = await send(JSON.stringify({ 'csp-report': legacy }))
    expect(rows[0]?.props).toEqual({
      documentURL: 'https://shop.example/*/cart',
      violatedDirective: "img-src 'self'",
      effectiveDirective: 'img-src',
      blockedURL: 'data',
    })
  })

  test('what the network did (NEL)', async () => {
    const body = {
      elapsed_time: 12,
      method: 'GET',
      phase: 'application',
      protocol: 'http/1.1',
      referrer: 'https://shop.example/a?token=s3cret',
      sampling_fraction: 1,
      server_ip: 'fe80::1',
      status_code: 404,
      type: 'http.error',
      request_headers: {},
    }
    const row = await sendOne({ type: 'network-error', age: 0, url, body })
    const { request_headers: _, ...scalars } = body
    expect(row).toMatchObject({ name: 'network-error', page: '/*/cart' })
    expect(row.props).toEqual({ ...scalars, referrer: 'https://shop.example/a' })
  })

  test('in lines and among other events', async () => {
    const lines = [cspReport, { page: '/x' }, { 'csp-report': {} }].map((one) => JSON.stringify(one))
    const { status, rows } = await send(lines.join('\n'), { 'Content-Type': 'application/x-ndjson' })
    expect(status).toBe(201)
    expect(rows.map(({ name }) => name).sort()).toEqual(['csp-violation', 'csp-violation', 'pageview'])
  })

  test('what nobody has heard of yet', async () => {
    const body = { text: 'x', yes: true, n: 1.5, nothing: null, list: [1], object: { a: 1 } }
    const row = await sendOne({ type: 'x-new', age: 0, url, user_agent: CHROME, body, attempts: 1 })
    expect(row).toMatchObject({ name: 'x-new', props: { text: 'x', yes: true, n: 1.5 } })
    expect(Object.keys(row.props as Json)).toEqual(['text', 'yes', 'n'])
    expect(await sendOne({ type: 'x-bare', age: 0, url, body: null })).toMatchObject({ name: 'x-bare' })
  })

  test('without ending a bounce', async () => {
    expect(await sendOne(cspReport)).toMatchObject({ interactive: false })
  })

  test.each([
    ['older than a day', 7 * 86_400_000, 86_400_000],
    ['from the future', -5000, 0],
    ['of no age', 'x', 0],
  ])('%s: it is counted all the same', async (_what, age, counted) => {
    const before = Date.now()
    const row = await sendOne({ ...cspReport, age })
    const time = Date.parse(String(row.time)) + counted
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
  })

  test.each([
    'about:srcdoc',
    'data:text/html,s3cret',
    'blob:https://shop.example/s3cret',
    'https://[',
    '',
    5,
  ])('of %s: there is no page', async (where) => {
    const row = await sendOne({ ...cspReport, url: where, body: { id: 'x' } })
    expect(row).not.toHaveProperty('page')
    expect(JSON.stringify(row)).not.toContain('s3cret')
  })
})

describe('of what is reported', () => {
  test.each([
    ['inline', 'inline'],
    ['eval', 'eval'],
    ['data:text/plain,s3cret', 'data'],
    ['blob:https://shop.example/8b0c-s3cret', 'blob'],
    ['about:blank', 'about'],
    ['javascript:alert(1)', 'javascript'],
    ['chrome-extension://abcdefghijklmnop/a.js', 'chrome-extension'],
    ['moz-extension://5f1b9a-s3cret/a.js', 'moz-extension'],
    ['wss://live.example/me@x.example?token=s3cret', 'wss://live.example/*'],
    ['https://evil.example', 'https://evil.example'],
    ['https://evil.example/', 'https://evil.example/'],
    ['https://evil.example/a (1).gif?a b', 'https://evil.example/a (1).gif'],
    ['//evil.example/a?b', '//evil.example/a'],
    ['/a/me@x.example?b#c', '/a/*'],
    ['https://[?s3cret', 'https'],
  ])('the URL %s is kept as %s', async (blockedURL, asKept) => {
    expect(await propsOf({ blockedURL })).toEqual({ blockedURL: asKept })
  })

  test.each([
    [
      'a stack',
      'stack',
      'at f (https://a.example/b.js?t=s3cret:1:2)\nat g',
      'at f (https://a.example/b.js at g',
    ],
    [
      'a message',
      'message',
      'Blocked https://a.example/me@x.example, see blob:x',
      'Blocked https://a.example/*, see blob',
    ],
    ['an identifier', 'id', 'H1UserAgentFontSizeInSection', 'H1UserAgentFontSizeInSection'],
    ['a sample', 'sample', 'mail("me@x.example") ', '* '],
    [
      'a hash',
      'hash',
      'sha256-abcdefghijklmnopqrstuvwxyz0123456789',
      'sha256-abcdefghijklmnopqrstuvwxyz0123456789',
    ],
  ])('URLs in %s lose what they lose elsewhere', async (_what, name, text, asKept) => {
    expect(await propsOf({ [name]: text })).toEqual({ [name]: asKept })
  })

  test('what is too long is cut, at a character', async () => {
    const props = await propsOf({ originalPolicy: `x${'é'.repeat(5000)}`, ['é'.repeat(200)]: 1 })
    expect(props).toEqual({ originalPolicy: `x${'é'.repeat(999)}`, ['é'.repeat(150)]: 1 })
    const row = await sendOne({
      type: 'x'.repeat(500),
      url: `https://a.example/${'b'.repeat(5000)}`,
      body: {},
    })
    expect(String(row.name)).toHaveLength(120)
    expect(String(row.page)).toMatch(/^\/b{2000,}$/)
  })

  test('thirty properties are kept', async () => {
    const body = Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`k${i}`, i]))
    expect(Object.keys((await propsOf(body)) as Json)).toHaveLength(30)
  })

  test('the agent counts if a server passes it on, and is not kept', async () => {
    const body = JSON.stringify([cspReport, { ...cspReport, user_agent: 'x'.repeat(5000) }])
    const { status, rows } = await send(body, reports, { isServer: true })
    expect([status, rows.length]).toEqual([201, 2])
    expect(JSON.stringify(rows)).not.toMatch(/Mozilla|xxx/)
  })

  test('nothing is a fault', async () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    )
    const body = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(scalar, fc.object({ maxDepth: 2 })))
    const report = fc.record({
      type: fc.string({ minLength: 1 }).map((type) => `t${type}`),
      url: fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()),
      age: scalar,
      user_agent: scalar,
      body,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 20 }), async (many) => {
        const { status, rows } = await send(JSON.stringify(many), reports)
        expect([status, rows.length]).toEqual([201, many.length])
      }),
      { numRuns: 50 },
    )
  })
})

test('an event with the words of a report is still an event', async () => {
  const { rows } = await send(JSON.stringify({ page: '/x', type: 'a', body: 'b', url: 'c' }))
  expect(rows).toMatchObject([{ name: 'pageview', page: '/x', props: { type: 'a', body: 'b', url: 'c' } }])
})
