import { brotliCompressSync, deflateRawSync, deflateSync } from 'node:zlib'
import {
  bytes,
  type Case,
  type Chapter,
  fault,
  form,
  gzip,
  gzipped,
  invalid,
  malformed,
  ndjson,
  ofSize,
  page,
  part,
  parts,
  partsEnd,
  stored,
  tooLarge,
  type,
  unsupported,
} from './case.ts'

// docs: reference, "Body and encoding" (P1 to P7, A9), as far as they are about bytes.

const KIB = 1024
const LIMIT = 64 * KIB
const SERVER_LIMIT = 5 * KIB * KIB

const sizes: Chapter = {
  name: 'P1 P2 a body has at most so many bytes',
  cases: [
    ...[LIMIT - 1, LIMIT].flatMap((size): Case[] => [
      stored(`${size} bytes`, ofSize(size)),
      stored(`${size} bytes in chunks`, ofSize(size), {}, { isChunked: true }),
      stored(`${size} bytes of gzip inflated`, gzip(ofSize(size)), {}, { headers: gzipped }),
      stored(
        `${size} bytes of gzip in chunks`,
        gzip(ofSize(size)),
        {},
        { headers: gzipped, isChunked: true },
      ),
      stored(`${size} bytes of a form`, `page=%2F${'&'.repeat(size - 8)}`, {}, { headers: form }),
    ]),
    ...[LIMIT + 1, 2 * LIMIT, 8 * LIMIT].flatMap((size): Case[] => [
      fault(`${size} bytes`, tooLarge, ofSize(size)),
      fault(`${size} bytes in chunks`, tooLarge, ofSize(size), { isChunked: true }),
      fault(`${size} bytes of gzip inflated`, tooLarge, gzip(ofSize(size)), { headers: gzipped }),
      fault(`${size} bytes of gzip in chunks`, tooLarge, gzip(ofSize(size)), {
        headers: gzipped,
        isChunked: true,
      }),
      fault(`${size} bytes of a form`, tooLarge, `page=%2F${'&'.repeat(size - 8)}`, { headers: form }),
      fault(`${size} bytes of lines`, tooLarge, ofSize(size, `${page}\n${page}\n`), { headers: ndjson }),
      fault(`${size} bytes of a form in parts`, tooLarge, ofSize(size, '--b--'), {
        headers: parts,
      }),
      fault(`${size} bytes that are nothing`, tooLarge, ' '.repeat(size)),
    ]),
    stored('more from a server', ofSize(LIMIT + 1), {}, { by: 'server' }),
    stored('more from an admin', ofSize(LIMIT + 1), {}, { by: 'admin' }),
    fault('more with the write key in a header', tooLarge, ofSize(LIMIT + 1), { by: 'write' }),
    ...[SERVER_LIMIT - 1, SERVER_LIMIT].map((size) =>
      stored(`${size} bytes from a server`, ofSize(size), {}, { by: 'server' }),
    ),
    stored('as many in chunks', ofSize(SERVER_LIMIT), {}, { by: 'server', isChunked: true }),
    stored('as many of gzip', gzip(ofSize(SERVER_LIMIT)), {}, { by: 'server', headers: gzipped }),
    fault('one more from a server', tooLarge, ofSize(SERVER_LIMIT + 1), { by: 'server' }),
    fault('one more in chunks', tooLarge, ofSize(SERVER_LIMIT + 1), { by: 'server', isChunked: true }),
    fault('one more of gzip', tooLarge, gzip(ofSize(SERVER_LIMIT + 1)), { by: 'server', headers: gzipped }),
  ],
}

const inflated = gzip(page)
const broken = inflated.slice()
broken[broken.length - 8] = (broken[broken.length - 8] ?? 0) ^ 1
const wrongSize = inflated.slice()
wrongSize[wrongSize.length - 1] = 7
const noDeflate = inflated.slice()
noDeflate[2] = 7
/** With the name of a file in its header (RFC 1952, FNAME). */
const namedFile = bytes(
  inflated.subarray(0, 3),
  [8],
  inflated.subarray(4, 10),
  'a.json\0',
  inflated.subarray(10),
)

const compressed: Chapter = {
  name: 'P3 gzip is inflated up to the limit, nothing else is',
  cases: [
    stored('gzip', inflated, {}, { headers: gzipped }),
    ...['GZIP', 'x-gzip', 'X-GZip'].map((name) =>
      stored(`gzip by the name ${name}`, inflated, {}, { headers: [['Content-Encoding', name]] }),
    ),
    ...['identity', 'Identity', ''].map((name) =>
      stored(`plain by the name "${name}"`, page, {}, { headers: [['Content-Encoding', name]] }),
    ),
    stored('gzip with a file name', namedFile, {}, { headers: gzipped }),
    stored('gzip of lines', gzip(`${page}\n`), {}, { headers: [...gzipped, ...ndjson] }),
    stored('gzip of a form', gzip('page=%2F'), {}, { headers: [...gzipped, ...form] }),
    fault('gzip of gzip', malformed, gzip(inflated), { headers: gzipped }),
    fault('gzip of nothing', malformed, gzip(''), { headers: gzipped }),
    fault('nothing as gzip', malformed, '', { headers: gzipped }),
    fault('JSON as gzip', malformed, page, { headers: gzipped }),
    fault('gzip as JSON', malformed, inflated),
    fault('gzip with a wrong checksum', malformed, broken, { headers: gzipped }),
    fault('gzip with a wrong size', malformed, wrongSize, { headers: gzipped }),
    fault('gzip of another method', malformed, noDeflate, { headers: gzipped }),
    ...[1, 2, 9, 10, 11, 15, inflated.length - 8, inflated.length - 1].map((length) =>
      fault(`gzip cut after ${length} bytes`, malformed, inflated.subarray(0, length), { headers: gzipped }),
    ),
    fault('gzip and something after it', malformed, bytes(inflated, 'more'), { headers: gzipped }),
    fault('gzip of 10 MB that is 10 kB', tooLarge, gzip(new Uint8Array(10_000_000)), { headers: gzipped }),
    fault('gzip of 60 MB that is 60 kB', tooLarge, gzip(new Uint8Array(60_000_000)), { headers: gzipped }),
    fault('gzip of 1 MB of spaces around an event', tooLarge, gzip(ofSize(1_000_000)), { headers: gzipped }),
    fault('gzip of 60 MB from a server', tooLarge, gzip(new Uint8Array(60_000_000)), {
      ...{ by: 'server', headers: gzipped },
    }),
    fault('zlib as gzip', malformed, new Uint8Array(deflateSync(page)), { headers: gzipped }),
    fault('deflate as gzip', malformed, new Uint8Array(deflateRawSync(page)), { headers: gzipped }),
    ...[
      'deflate',
      'br',
      'zstd',
      'compress',
      'gzip, gzip',
      'gzip,',
      'gzip;q=1',
      'chunked',
      '*',
      'gzip gzip',
    ].map((name) =>
      fault(`an encoding ${name}`, unsupported, inflated, { headers: [['Content-Encoding', name]] }),
    ),
    fault('brotli', unsupported, new Uint8Array(brotliCompressSync(page)), {
      headers: [['Content-Encoding', 'br']],
    }),
    fault('two encodings in two headers', unsupported, gzip(inflated), { headers: [...gzipped, ...gzipped] }),
  ],
}

/** Bytes that are not UTF-8 (Unicode, table 3-7). */
const notUtf8: Readonly<Record<string, readonly number[]>> = {
  'a byte that never occurs': [0xff],
  'a lone continuation': [0x80],
  'a NUL of two bytes': [0xc0, 0x80],
  'a slash of two bytes': [0xc0, 0xaf],
  'a slash of three bytes': [0xe0, 0x80, 0xaf],
  'a surrogate': [0xed, 0xa0, 0x80],
  'a pair of surrogates': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  'a character past the last one': [0xf4, 0x90, 0x80, 0x80],
  'five bytes': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'two of three bytes': [0xe2, 0x82],
  'a letter of Latin-1': [0xe9],
}

const utf16 = (text: string, isBig: boolean): Uint8Array =>
  Uint8Array.from(
    [...text].flatMap((letter) => (isBig ? [0, letter.charCodeAt(0)] : [letter.charCodeAt(0), 0])),
  )

const charsets: Chapter = {
  name: 'P5 A9 text is UTF-8',
  cases: [
    ...Object.entries(notUtf8).flatMap(([what, wrong]): Case[] => [
      fault(`${what} in JSON`, malformed, bytes('{"page":"/', wrong, '"}')),
      fault(`${what} as a name in JSON`, malformed, bytes('{"page":"/","', wrong, '":1}')),
      fault(`${what} in an array`, malformed, bytes('[{"page":"/"},{"page":"/', wrong, '"}]')),
      fault(`${what} in lines`, malformed, bytes(`${page}\n{"page":"/`, wrong, '"}'), { headers: ndjson }),
      fault(`${what} in a form`, malformed, bytes('page=/', wrong), { headers: form }),
      fault(
        `${what} in a form in parts`,
        malformed,
        bytes(part('page', '/').slice(0, -2), wrong, '\r\n', partsEnd),
        { headers: parts },
      ),
      fault(`${what} in gzip`, malformed, gzip(bytes('{"page":"/', wrong, '"}')), { headers: gzipped }),
      fault(`${what} and nothing else`, malformed, bytes(wrong)),
    ]),
    stored('a byte order mark', bytes([0xef, 0xbb, 0xbf], page)),
    fault('two byte order marks', malformed, bytes([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], page)),
    fault('a byte order mark and nothing else', malformed, bytes([0xef, 0xbb, 0xbf])),
    fault('a byte order mark in the midst', malformed, bytes('{', [0xef, 0xbb, 0xbf], '"page":"/"}')),
    ...[false, true].flatMap((isBig): Case[] => [
      fault(`UTF-16 ${isBig}`, malformed, utf16(page, isBig)),
      fault(
        `UTF-16 ${isBig} that says so`,
        unsupported,
        bytes(isBig ? [0xfe, 0xff] : [0xff, 0xfe], utf16(page, isBig)),
        { headers: type('text/plain;charset=utf-16') },
      ),
      fault(
        `UTF-16 ${isBig} that does not say so`,
        malformed,
        bytes(isBig ? [0xfe, 0xff] : [0xff, 0xfe], utf16(page, isBig)),
        { headers: type('application/json') },
      ),
    ]),
    fault('UTF-32 with a byte order mark', malformed, bytes([0xff, 0xfe, 0, 0], page)),
    ...[
      'utf-16',
      'UTF-16LE',
      'utf-32',
      'iso-8859-1',
      'windows-1252',
      'utf-7',
      'us-ascii',
      'x',
      '"utf-16"',
    ].flatMap((charset): Case[] => [
      fault(`a charset ${charset}`, unsupported, page, { headers: type(`text/plain;charset=${charset}`) }),
      fault(`a form of ${charset}`, unsupported, 'page=/', {
        headers: type(`application/x-www-form-urlencoded; Charset = ${charset}`),
      }),
    ]),
    ...['utf-8', 'UTF-8', 'utf8', '"utf-8"', ' UTF-8 '].map((charset) =>
      stored(`a charset ${charset}`, page, {}, { headers: type(`application/json; charset=${charset}`) }),
    ),
    stored('percent signs that are not UTF-8', 'page=%2Fa%ff', { page: '/a\ufffd' }, { headers: form }),
  ],
}

/** Any text under any of these is read by its shape. */
const types = [
  ...['text/plain', 'text/plain;charset=UTF-8', 'application/json', 'application/x-www-form-urlencoded'],
  ...['multipart/form-data', 'multipart/form-data; boundary=b', 'application/reports+json', 'text/ping'],
  ...[
    'application/csp-report',
    'application/octet-stream',
    'image/gif',
    'text/html',
    '*/*',
    'x',
    '/',
    ';',
    '""',
  ],
  ...[
    'application/json; charset',
    'application/json;;;',
    `a/${'b'.repeat(4000)}`,
    `text/plain;${' '.repeat(4000)}x`,
  ],
]

const contentTypes: Chapter = {
  name: 'A9 a body is read by its shape',
  cases: [
    ...types.map((name) => stored(`JSON as ${name.slice(0, 60)}`, page, {}, { headers: type(name) })),
    stored('JSON without a type', page, {}, { headers: [['Content-Type', undefined]] }),
    stored(
      'JSON under two types',
      page,
      {},
      { headers: [...type('text/plain'), ...type('application/json')] },
    ),
    ...['text/plain', 'application/json', 'multipart/form-data; boundary=b', 'text/html', ''].map((name) =>
      fault(`a form as "${name}"`, malformed, 'page=%2F', { headers: type(name) }),
    ),
    ...types
      .filter((name) => !/form/.test(name))
      .map((name) =>
        fault(`no JSON as ${name.slice(0, 60)}`, malformed, '<page>/</page>', { headers: type(name) }),
      ),
    fault('no form under the type of one', invalid, '<page>/</page>', { headers: form }),
    fault('a string under the type of a form', invalid, '"page"', { headers: form }),
  ],
}

export const encodingChapters: readonly Chapter[] = [sizes, compressed, charsets, contentTypes]
