import {
  BOUNDARY,
  bytes,
  type Case,
  type Chapter,
  fault,
  form,
  type HeaderPairs,
  invalid,
  malformed,
  notAllowed,
  numbered,
  page,
  part,
  parts,
  partsEnd,
  stored,
  storedProps,
  type,
  unauthorized,
} from './case.ts'

// docs: reference, "Body and encoding": forms, forms in parts, queries and pixels.

const end = partsEnd
const one = part('page', '/x')

const multipart: Chapter = {
  name: 'P10 a form in parts is read as far as it is one',
  cases: [
    stored('a part', one + end, { page: '/x' }, { headers: parts }),
    stored(
      'a boundary in quotes',
      one + end,
      { page: '/x' },
      { headers: type(`multipart/form-data; boundary="${BOUNDARY}"`) },
    ),
    stored(
      'the type in capitals',
      one + end,
      { page: '/x' },
      { headers: type(`Multipart/Form-Data; Boundary=${BOUNDARY}`) },
    ),
    storedProps('a property', one + part('props.a', '1') + end, '{"a":"1"}', { headers: parts }),
    stored(
      'a file beside it is left out',
      one + part('photo', 'x', 'a.png') + end,
      { page: '/x' },
      { headers: parts },
    ),
    storedProps('a file as a property is left out', one + part('props.a', 'x', 'a.txt') + end, 'undefined', {
      headers: parts,
    }),
    stored(
      'a type of a part',
      part('page', '/x', undefined, 'Content-Type: text/plain\r\n') + end,
      { page: '/x' },
      { headers: parts },
    ),
    stored(
      'of two the last counts',
      part('page', '/a') + part('page', '/b') + end,
      { page: '/b' },
      { headers: parts },
    ),
    stored('an empty value', part('title', '') + one + end, { page: '/x' }, { headers: parts }),
    fault('a page that is a file', invalid, part('page', '/x', 'a.txt') + end, { headers: parts }, ['/page']),
    fault('files and nothing else', invalid, part('f', 'x', 'a') + part('f', 'y', 'b') + end, {
      headers: parts,
    }),
    fault('a file of 60 kB', invalid, part('f', 'x'.repeat(60_000), 'a') + end, { headers: parts }, [
      '/page',
    ]),
    fault('300 parts', invalid, numbered(300, (i) => part(`k${i}`, '1')).join('') + end, {
      headers: parts,
    }),
    fault('a long value', invalid, part('page', `/${'a'.repeat(3000)}`) + end, { headers: parts }, ['/page']),
    ...['multipart/form-data', 'multipart/form-data;', 'multipart/form-data; boundary='].map((name) =>
      fault(`no boundary: ${name}`, malformed, one + end, { headers: type(name) }),
    ),
    fault('another boundary', malformed, one + end, { headers: type('multipart/form-data; boundary=c') }),
    fault('no end', malformed, one, { headers: parts }),
    fault('an end and no part', invalid, end, { headers: parts }, ['/page']),
    fault(
      'a part without a name',
      malformed,
      `--${BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n${end}`,
      {
        headers: parts,
      },
    ),
    fault('a part without headers', malformed, `--${BOUNDARY}\r\n\r\nx\r\n${end}`, { headers: parts }),
    fault('a part that is cut short', malformed, one.slice(0, -3), { headers: parts }),
    fault('a header that is cut short', malformed, one.slice(0, BOUNDARY.length + 12), { headers: parts }),
    fault('hyphens and nothing else', malformed, '--', { headers: parts }),
    fault('a boundary of 3,000 letters', malformed, '--b--', {
      headers: type(`multipart/form-data; boundary=${'b'.repeat(3000)}`),
    }),
    fault('other parts', malformed, one + end, { headers: type(`multipart/mixed; boundary=${BOUNDARY}`) }),
    fault('a boundary of no letter', invalid, one + end, {
      headers: type('multipart/form-data; boundary=""'),
    }),
    fault('lines that end in one sign', malformed, (one + end).replaceAll('\r', ''), {
      ...{ headers: parts, only: { on: 'node', because: 'The parser of workerd takes such lines too.' } },
    }),
    fault('60 kB of hyphens', malformed, '-'.repeat(60_000), { headers: parts }),
    fault('60 kB of boundaries', malformed, `--${BOUNDARY}\r\n`.repeat(1800), { headers: parts }),
    fault(
      'a name that is not UTF-8',
      malformed,
      bytes(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="`, [0xff], '"\r\n\r\nx\r\n', one, end),
      { headers: parts },
    ),
  ],
}

const urlencoded: Chapter = {
  name: 'P10 a form is read as far as it is one',
  cases: [
    ...[
      ['page=/x', '/x'],
      ['page=%2Fx', '/x'],
      ['&&page=/x&&', '/x'],
      ['page=/a%20b', '/a b'],
      ['page=/a+b', '/a b'],
      ['page=/x=y', '/x=y'],
      ['page=/%', '/%'],
      ['page=/%zz', '/%zz'],
      ['page=/x;y=z', '/x;y=z'],
      ['%70age=/x', '/x'],
    ].map(([body, kept]) => stored(String(body), body, { page: kept }, { headers: form })),
    ...['x', '=', '&', '=/x', 'page', 'page=', 'page[]=/x', 'PAGE=/x', 'page%00=', '%', '%%%', 'props=1'].map(
      (body) => fault(body, invalid, body, { headers: form }, []),
    ),
    storedProps('a property that is named nothing', 'page=/&props.=1', '{"":"1"}', { headers: form }),
    storedProps('numbers are text', 'page=/&n=1&props.m=2', '{"n":"1","m":"2"}', { headers: form }),
    stored(
      'known numbers are numbers',
      'name=engagement&page=/&ms=5&depth=7&interactive=false',
      { ms: 5, depth: 7 },
      { headers: form },
    ),
    fault('props are no field of a form', invalid, 'page=/&interactive=maybe', { headers: form }, [
      '/interactive',
    ]),
  ],
}

const gif = { 'Content-Type': 'image/gif', 'Cache-Control': 'no-store' }
const pixel = (
  what: string,
  query: string,
  says: Partial<Case['says']> = {},
  more: Partial<Case> = {},
): Case => ({
  ...{ what, method: 'GET', path: `/{site}?${query}`, ...more },
  says: { status: 200, size: 43, headers: { ...gif, 'Skerry-Refused': null }, ...says },
})
const wrong = { headers: { ...gif, 'Skerry-Refused': 'invalid_event' }, refused: 'invalid_event' }

const pixels: Chapter = {
  name: 'P10 a pixel is always an image',
  cases: [
    pixel('a page', 'page=/x', { stored: 1, row: { page: '/x' } }),
    pixel('an event', 'name=x', { stored: 1, row: { name: 'x' } }),
    pixel('a property', 'page=/&props.a=1', { stored: 1, props: '{"a":"1"}' }),
    pixel('a key in a header', 'page=/', { stored: 1 }, { by: 'write' }),
    ...[
      'page=',
      'title=x',
      'page=%00',
      `page=/${'a'.repeat(2048)}`,
      'page=/&age=-1',
      'page=/&age=x',
      'page=http://',
    ].map((query) => pixel(`${query.slice(0, 20)} is at fault`, query, wrong)),
    pixel('31 properties', `page=/&${numbered(31, (i) => `k${i}=1`).join('&')}`, wrong),
    pixel(
      'a page of another origin',
      'page=/',
      { stored: 1 },
      { headers: [['Origin', 'https://x.example']] },
    ),
    pixel('a HEAD counts nothing', 'page=/', { size: 0 }, { method: 'HEAD' }),
    pixel('a HEAD at fault', 'page=', { size: 0 }, { method: 'HEAD' }),
    pixel('a body of a GET is not looked at', 'page=/', { stored: 1 }, { body: '{"page":5}' }),
    ...['', 'x=1', '__proto__=1', 'props=1', 'PAGE=/'].map((query) =>
      fault(`no field: ${query}`, notAllowed, undefined, { method: 'GET', path: `/{site}?${query}` }),
    ),
    fault('no key', unauthorized, undefined, { method: 'GET', path: '/{site}?page=/', by: 'nobody' }),
    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'].map((method) =>
      fault(method, notAllowed, undefined, { method, path: '/{site}?page=/' }),
    ),
    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) =>
      fault(`${method} without a key`, unauthorized, undefined, { method, by: 'nobody' }),
    ),
    stored('a body goes before a query', page, { page: '/' }, { path: '/{site}?page=/x' }),
    stored('a query and no body', '', { page: '/x' }, { path: '/{site}?page=/x' }),
    fault('a query with faults and no body', invalid, '', { path: '/{site}?page=/x&age=-1' }, ['/age']),
  ],
}

const text: HeaderPairs = type('text/ping')
const to: HeaderPairs = [['Ping-To', 'https://y.example/']]

const pings: Chapter = {
  name: 'P10 a ping is read from its headers',
  cases: [
    stored('a ping', 'PING', { name: 'ping' }, { headers: [...text, ...to] }),
    stored('a ping without its type', 'PING', { name: 'ping' }, { headers: to }),
    ...[
      '',
      ' ',
      ':',
      'x',
      'http://',
      'javascript:alert(1)',
      'data:,x',
      '/'.repeat(4000),
      '%ff',
      'https://x.example/%',
    ].flatMap((url): Case[] => [
      stored(`to ${url.slice(0, 20)}`, 'PING', { name: 'ping' }, { headers: [...text, ['Ping-To', url]] }),
      ...(/^(?:x|%ff|https:\/\/x|javascript|data)/.test(url)
        ? [stored(`from ${url.slice(0, 20)}`, 'PING', {}, { headers: [...text, ...to, ['Ping-From', url]] })]
        : []),
    ]),
    ...['ping', 'PONG', ' PING', 'PING ', 'PINGPING', '"PING"x'].map((body) =>
      fault(body, malformed, body, { headers: [...text, ...to] }),
    ),
  ],
}

export const formChapters: readonly Chapter[] = [multipart, urlencoded, pixels, pings]
