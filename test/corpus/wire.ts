import { type Case, type Chapter, numbered, page } from './case.ts'

// docs: reference, "Body and encoding" (P1, P12) and "Abuse" (C11, C13): requests that no client library sends.

const only = {
  on: 'node',
  because:
    "At Cloudflare its edge reads HTTP/1.1 and the program gets a Request; local workerd has wrangler's proxy before it.",
} as const

const FIRST = 'POST /{site}?key={write} HTTP/1.1'
const AGENT =
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
const COMMON = ['Host: skerry.test', AGENT, 'Accept-Language: en', 'Connection: close']

/** A request from its first line, its other headers and what follows them. */
function raw(headers: readonly string[], body: string, { first = FIRST, common = COMMON } = {}): string {
  return `${[first, ...common, ...headers].join('\r\n')}\r\n\r\n${body}`
}

const refuses = (what: string, request: string, ...status: readonly number[]): Case => ({
  ...{ what, raw: request, only, says: { status } },
})
const takes = (what: string, request: string, count = 1): Case => ({
  ...{ what, raw: request, only, says: { status: numbered(count, () => 201), stored: count } },
})

const length = (value: string | number): string => `Content-Length: ${value}`
const whole = length(page.length)
const chunked = 'Transfer-Encoding: chunked'
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
const end = '0\r\n\r\n'

const lengths: Chapter = {
  name: 'P1 the length of a body is clear or nothing is read',
  cases: [
    takes('as long as it says', raw([whole], page)),
    takes('in one chunk', raw([chunked], chunk(page) + end)),
    takes('in a chunk per byte', raw([chunked], [...page].map(chunk).join('') + end)),
    takes('with a trailer', raw([chunked], `${chunk(page)}0\r\nX-Trailer: x\r\n\r\n`)),
    takes('with a length of zeros', raw([length(`000${page.length}`)], page)),
    refuses('two lengths that differ', raw([whole, length(5)], page), 400),
    refuses('two lengths that agree', raw([whole, whole], page), 400),
    refuses('two lengths in one', raw([`${whole}, ${page.length}`], page), 400),
    refuses('a length and chunks', raw([whole, chunked], chunk(page) + end), 400),
    refuses('chunks and a length', raw([chunked, length(5)], chunk(page) + end), 400),
    ...[
      '-1',
      `-${page.length}`,
      `+${page.length}`,
      '0x0c',
      '1e1',
      '',
      ' ',
      '12.0',
      '12 12',
      'x',
      '٣',
      '99999999999999999999',
    ].map((value) => refuses(`a length of "${value}"`, raw([length(value)], page), 400)),
    refuses('a length that only too many bytes would fill', raw([length(65_537)], page), 413),
    refuses('a length that nothing would fill', raw([length(Number.MAX_SAFE_INTEGER)], page), 413),
    refuses('a length that is too short', raw([length(page.length - 1)], page), 400),
    refuses('no length and a body', raw([], page), 400),
    refuses('a length that is too long, and the end', raw([length(page.length + 1)], page), 400),
    refuses('chunks without an end', raw([chunked], chunk(page)), 400),
    ...['zz\r\n', '-1\r\n', '0x5\r\n', 'FFFFFFFFFFFFFFFFF\r\n', '5\n', ' 5\r\n', '5 \r\n', '\r\n'].map(
      (size) => refuses(`a chunk of ${JSON.stringify(size)}`, raw([chunked], `${size}{"pag\r\n${end}`), 400),
    ),
    refuses('a chunk that is longer than it says', raw([chunked], `5\r\n${page}\r\n${end}`), 400),
    ...['identity', 'gzip', 'chunked, gzip', 'xchunked', 'chunked, identity', 'chunked;x', ''].map((name) =>
      refuses(`a transfer encoding ${name}`, raw([`Transfer-Encoding: ${name}`], chunk(page) + end), 400),
    ),
    refuses('chunks for HTTP/1.0', raw([chunked, whole], page, { first: FIRST.replace('1.1', '1.0') }), 400),
  ],
}

const heads: Chapter = {
  name: 'C11 C13 A5 heads are right and short, or nothing is read',
  cases: [
    takes('HTTP/1.0', raw([whole], page, { first: FIRST.replace('1.1', '1.0') })),
    takes(
      'an absolute path',
      raw([whole], page, { first: FIRST.replace('/{site}', 'http://evil.example/{site}') }),
    ),
    takes('15 kB of headers', raw([whole, `X: ${'x'.repeat(15_000)}`], page)),
    takes('500 headers', raw([whole, ...numbered(500, (i) => `X${i}: x`)], page)),
    takes('two hosts, of which Node reads the first', raw([whole, 'Host: evil.example'], page)),
    takes('an offer to speak otherwise', raw([whole, 'Upgrade: h2c', 'HTTP2-Settings: AAAA'], page)),
    refuses('20 kB of headers', raw([whole, `X: ${'x'.repeat(20_000)}`], page), 431),
    refuses('5,000 headers', raw([whole, ...numbered(5000, (i) => `X${i}: x`)], page), 431),
    refuses('a path of 20 kB', raw([whole], page, { first: `POST /${'a'.repeat(20_000)} HTTP/1.1` }), 431),
    refuses('a key of 20 kB', raw([whole, `Authorization: Key ${'x'.repeat(20_000)}`], page), 431),
    refuses(
      'a preflight that asks for 100 kB of spaces',
      raw([`Access-Control-Request-Headers: x${' '.repeat(100_000)}x`, 'Origin: https://x.example'], '', {
        first: FIRST.replace('POST', 'OPTIONS'),
      }),
      431,
    ),
    refuses(
      'a preflight that asks for 100 kB of commas',
      raw([`Access-Control-Request-Headers: x${','.repeat(100_000)}x`, 'Origin: https://x.example'], '', {
        first: FIRST.replace('POST', 'OPTIONS'),
      }),
      431,
    ),
    refuses('no host', raw([whole], page, { common: COMMON.slice(1) }), 400),
    ...['a b', 'a/b', 'a?b', 'a@b', '[::1', 'a\\b', '%', 'a:b:c', 'a:99999'].map((host) =>
      refuses(`a host ${host}`, raw([whole], page, { common: [`Host: ${host}`, ...COMMON.slice(1)] }), 400),
    ),
    refuses('a header with a space in its name', raw([whole, 'X Y: x'], page), 400),
    refuses('a header with a space after its name', raw([`Content-Length : ${page.length}`], page), 400),
    refuses('a header without a name', raw([whole, ': x'], page), 400),
    refuses('a header without a colon', raw([whole, 'X'], page), 400),
    refuses('a header in two lines', raw(['X: a\r\n b', whole], page), 400),
    refuses('a key with a NUL', raw([whole, 'Authorization: Key {write}\0'], page), 400),
    refuses('a key with a control', raw([whole, 'Authorization: Key {write}\u0001'], page), 400),
    refuses('a line that ends in a carriage return alone', raw([whole, 'X: a\rY: b'], page), 400),
    ...['post', 'FOO', 'P', ''].map((method) =>
      refuses(`a method ${method}`, raw([whole], page, { first: FIRST.replace('POST', method) }), 400),
    ),
    ...['HTTP/1', 'HTTP/1.10', 'http/1.1', 'XTTP/1.1', ''].map((version) =>
      refuses(`a version ${version}`, raw([whole], page, { first: FIRST.replace('HTTP/1.1', version) }), 400),
    ),
    ...['', '{site}', '\\{site}', 'x:{site}', '/{site} x'].map((path) =>
      refuses(`a path ${path}`, raw([whole], page, { first: `POST ${path} HTTP/1.1` }), 400),
    ),
    refuses('the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400),
    refuses('the beginning of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001', 400),
    refuses('no HTTP', `${page}\r\n\r\n`, 400),
    refuses('an expectation that nobody knows', raw([whole, 'Expect: x'], page), 417),
    {
      ...{ what: 'an expectation', raw: raw([whole, 'Expect: 100-continue'], page), only },
      says: { status: [100, 201], stored: 1 },
    },
  ],
}

const alive = COMMON.slice(0, -1)
/** It would be answered by 200. */
const HIDDEN = 'GET /health/live HTTP/1.1\r\nHost: skerry.test\r\n\r\n'
const again = raw([whole], page, { common: alive })

const following: Chapter = {
  name: 'P12 what follows a request is the next one',
  cases: [
    takes('three at once', again + again + raw([whole], page), 3),
    {
      ...{ what: 'a wrong one between two', only },
      raw: again + raw([length(1)], '{', { common: alive }) + raw([whole], page),
      says: { status: [201, 400, 201], stored: 2 },
    },
    {
      ...{ what: 'a request hidden in the body of one that is too large', only },
      raw: raw([length(70_000)], ' '.repeat(70_000 - HIDDEN.length) + HIDDEN, { common: alive }),
      says: { status: [413] },
    },
    {
      ...{ what: 'a request hidden in the body of a wrong one', only },
      raw: raw([length(HIDDEN.length)], HIDDEN, { common: alive }),
      says: { status: [400] },
    },
    {
      ...{ what: 'a body that is cut short', only },
      raw: raw([length(1000)], page),
      says: { status: [400] },
    },
  ],
}

export const wireChapters: readonly Chapter[] = [lengths, heads, following]
