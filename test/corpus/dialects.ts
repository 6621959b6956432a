import { bodyLimits } from '../../src/body.ts'
import { bytes, type Case, type Chapter, gzip, gzipped, type HeaderPairs, numbered, type } from './case.ts'
import { encodingChapters } from './encodings.ts'
import { jsonChapters } from './json.ts'

/** A route that takes JSON: who may send there, a body that is stored, around whatever is said more of the event. */
interface Mouth {
  readonly name: string
  readonly path: string
  readonly by: Case['by']
  readonly headers?: HeaderPairs
  /** The status of a stored event, and of a faulty one. */
  readonly ok: number
  readonly bad: number
  readonly body: (more: string) => string
  /** Members of an event that make it invalid, as JSON. */
  readonly faults: readonly string[]
  /** Members that cannot be read, without which the event counts. */
  readonly ignored: readonly string[]
}

const long = (size: number): string => `"${'x'.repeat(size)}"`

const mouths: readonly Mouth[] = [
  {
    name: 'Plausible',
    path: '/api/event',
    by: 'nobody',
    ok: 202,
    bad: 400,
    body: (more) => `{"n":"pageview","u":"https://shop.test/","d":"{site}"${more}}`,
    faults: [
      ...['"n":""', '"n":{}', '"n":[]', `"n":${long(121)}`, '"u":5.5e400', '"u":{}', '"u":""', '"u":"//"'],
      ...['"u":"https://"', '"u":"data:,x"', `"u":${long(2049)}`, '"d":""', '"d":" , ,"', '"d":{}'],
      ...['"$":5', '"$":"x"', '"$":{"amount":"x","currency":"EUR"}', '"$":{"amount":1,"currency":"NONE"}'],
      ...[`"p":{"a":${long(2001)}}`, `"p":{${long(301)}:1}`, '"n":"engagement"', '"n":"engagement","e":-1'],
      ...['"n":"engagement","sd":"x"', `"d":"${numbered(31, (i) => `s${i}`).join()}"`],
    ],
    ignored: [
      ...[
        '"r":5',
        '"r":{}',
        `"r":${long(9000)}`,
        '"p":"x"',
        '"p":[1]',
        '"p":5',
        '"p":{"a":[],"b":{},"c":null}',
      ],
      ...[
        '"i":"x"',
        '"h":{}',
        '"v":{}',
        '"w":1e400',
        '"__proto__":{"d":"x"}',
        '"constructor":{"prototype":1}',
      ],
      ...[`"p":{${numbered(99, (i) => `"k${i}":1`).join()}}`, '"unknown":{"a":[1]}', '"id":5', '"age":-1'],
    ],
  },
  {
    name: 'Umami',
    path: '/api/send',
    by: 'nobody',
    ok: 200,
    bad: 400,
    body: (more) => `{"type":"event","payload":{"website":"{site}","url":"/"${more}}}`,
    faults: [
      ...[
        '"website":{}',
        '"website":""',
        '"website":null',
        '"link":"x"',
        '"pixel":1',
        '"url":5',
        '"url":null',
      ],
      ...['"url":"https://"', `"url":${long(2049)}`, '"hostname":"a b"', '"hostname":"\\u0000/[["'],
      ...[`"name":${long(121)}`, `"data":{"a":${long(2001)}}`, `"data":{${long(301)}:1}`, '"website":"none"'],
    ],
    ignored: [
      ...['"title":5', '"title":{}', `"title":${long(9000)}`, '"referrer":[]', `"referrer":${long(9000)}`],
      ...[
        '"data":5',
        '"data":"x"',
        '"data":[]',
        '"data":{"a":{"b":{"c":[]}}}',
        '"screen":{}',
        '"language":1e400',
      ],
      ...[
        '"data":{"revenue":"x","currency":"EUR"}',
        '"data":{"revenue":5,"currency":"x"}',
        '"data":{"revenue":{}}',
      ],
      ...['"timestamp":-1', '"timestamp":"x"', '"timestamp":1e15', '"ip":5', '"ip":{}', '"id":[]', '"os":{}'],
      ...['"__proto__":{"website":"x"}', '"data":{"__proto__":{"x":1}}', '"unknown":{"a":[1]}', '"tag":{}'],
      ...[`"data":{${numbered(99, (i) => `"k${i}":1`).join()}}`],
    ],
  },
  {
    name: 'GoatCounter, its API',
    path: '/api/v0/count',
    by: 'server',
    headers: type('application/json'),
    ok: 202,
    bad: 400,
    body: (more) => `{"no_sessions":true,"hits":[{"path":"/"${more}}]}`,
    faults: [
      ...[
        '"path":""',
        '"path":{}',
        `"path":${long(2049)}`,
        '"unknown":1',
        '"__proto__":{}',
        '"constructor":1',
      ],
      ...['"created_at":"x"', '"created_at":{}', '"created_at":-1', '"created_at":"2200-01-01T00:00:00Z"'],
      ...['"created_at":"2024-02-30"', '"event":true,"path":"//"', `"event":true,"path":${long(121)}`],
    ],
    ignored: ['"size":5', '"size":["x"]', '"size":[]', '"title":{}', '"ref":[]', '"bot":"x"', '"location":5'],
  },
  {
    name: 'Matomo',
    path: '/matomo.php?idsite={site}&rec=1&url=https://shop.test/',
    by: 'nobody',
    headers: type('application/x-www-form-urlencoded'),
    ok: 200,
    bad: 400,
    body: (more) => more.slice(1),
    faults: [
      ...[
        '&idsite=',
        '&idsite=none',
        '&rec=0',
        '&rec=',
        '&url=',
        '&url=https://',
        `&url=${'x'.repeat(2049)}`,
      ],
      ...[`&e_a=${'x'.repeat(121)}`, `&dimension1=${'x'.repeat(2001)}`],
    ],
    ignored: [
      ...[
        `&action_name=${'x'.repeat(9000)}`,
        `&urlref=${'x'.repeat(9000)}`,
        '&cdt=x',
        '&cip=x',
        '&country=%00',
      ],
      ...['&__proto__=x', '&constructor=x', '&token_auth=x', '&token_auth=__proto__', '&_id=x', '&unknown=x'],
    ],
  },
]

const junk: readonly (readonly [string, Case['body']])[] = [
  ...['x', '{', '5', 'null', '"x"', 'true', '[]', '[5]', '{}', '\u0000', '{"__proto__":{}}'].map(
    (body): readonly [string, string] => [`the body ${JSON.stringify(body)}`, body],
  ),
  ['depth 33', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
  ['depth 10,000', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ['no UTF-8', bytes('{"a":"', [0xff, 0xfe], '"}')],
]

function chapterOf({ name, path, by = 'nobody', headers, ok, bad, body, faults, ignored }: Mouth): Chapter {
  const base = { path, by, ...(headers && { headers }) }
  const isForm = name === 'Matomo'
  const one = (
    what: string,
    sent: Case['body'],
    status: number,
    stored = 0,
    more: Partial<Case> = {},
  ): Case => ({
    ...base,
    ...more,
    ...{ what, ...(sent !== undefined && { body: sent }), says: { status, stored } },
  })
  const saying = (members: string): string => body(isForm ? members : `,${members}`)
  return {
    name: `what ${name} cannot read`,
    cases: [
      one('a body that can be read', body(''), ok, 1),
      ...faults.map((members) =>
        one(`invalid: ${members.slice(0, 80)} ${members.length}`, saying(members), bad),
      ),
      ...ignored.map((members) =>
        one(`left out: ${members.slice(0, 80)} ${members.length}`, saying(members), ok, 1),
      ),
      ...(isForm ? [] : junk.map(([what, sent]) => one(what, sent, bad))),
      ...(isForm ? [] : [one('nothing', '', bad)]),
      one('too much', 'x'.repeat(by === 'server' ? 5 * 1024 * 1024 + 1 : 65_537), 413),
      one('too much in gzip', gzip('x'.repeat(6_000_000)), 413, 0, {
        headers: [...(headers ?? []), ...gzipped],
      }),
      one('no gzip', 'x', 400, 0, { headers: [...(headers ?? []), ...gzipped] }),
      one('another encoding', 'x', 415, 0, { headers: [...(headers ?? []), ['Content-Encoding', 'br']] }),
      one('another charset', 'x', 415, 0, { headers: type('application/json; charset=utf-16') }),
      ...['{admin}', '{server}', '{read}'].map((key) =>
        one(`the key ${key} in the URL`, body(''), 400, 0, {
          path: `${path}${path.includes('?') ? '&' : '?'}key=${key}`,
        }),
      ),
      one('by DELETE', undefined, 405, 0, { method: 'DELETE' }),
      one('by PUT', body(''), 405, 0, { method: 'PUT' }),
    ],
  }
}

const page: HeaderPairs = [['Referer', 'https://{site}/']]

/** Of those that say all in the query: what follows the `?`, the status, and how many are stored. */
const queries: readonly (readonly [path: string, query: string, status: number, stored?: number])[] = [
  ['/count', 'p=/', 200, 1],
  ['/count', 'p=/%00%0d%0a%ff&t=%00&r=%ff&s=x,,&q=%3f%3f&rnd=x', 200, 1],
  ['/count', `p=/&t=${'x'.repeat(3000)}&r=${'x'.repeat(3000)}`, 200, 1],
  ['/count', 'p=/&__proto__=x&constructor=x&e=maybe&ns=maybe&b=x', 200, 1],
  ...[
    '',
    'p=',
    'p=%20',
    't=x',
    'p=/&b=1',
    'p=/&b=149',
    'p=/&b=-1',
    'e=1&p=/',
    `e=1&p=${'x'.repeat(121)}`,
  ].map((query) => ['/count', query, 400] as const),
  ['/count', `p=/${'%F0%9F%98%80'.repeat(600)}`, 400],
  ['/collect', 'sid={site}&p=/&h=https://shop.test&ht=x', 200, 1],
  ['/collect', `sid={site}&r=${'x'.repeat(3000)}&h=none&us=%00`, 200, 1],
  ...['', 'sid=', 'p=/', 'sid=none', 'sid=__proto__', `sid={site}&p=/${'x'.repeat(2048)}`].map(
    (query) => ['/collect', query, 400] as const,
  ),
  ['/collect', 'sid={site}&h=https://[[&p=/', 200, 1],
  ...['', 'rec=1', 'idsite={site}', 'idsite={site}&rec=1', 'idsite=no.such.site&rec=1&url=/'].map(
    (query) => ['/matomo.php', query, 400] as const,
  ),
  ['/matomo.php', 'idsite={site}&rec=1&url=/&token_auth={server}', 400],
  ['/cache', '', 200],
  ['/cache', 'sid=__proto__', 200],
]

const inQueries: Chapter = {
  name: 'what GoatCounter, Counterscale and Matomo cannot read of a query',
  cases: queries.map(([path, query, status, stored = 0], i) => ({
    what: `${i} ${path}?${query.slice(0, 80)}`,
    ...{ method: 'GET', by: 'nobody', path: `${path}?${query}`, headers: page },
    says: { status, stored },
  })),
}

const bulk: Chapter = {
  name: 'what Umami and Matomo cannot read of many',
  cases: [
    ...['x', '{}', '5', 'null', '{"type":"event"}', '{"length":1,"0":{}}'].map(
      (body): Case => ({
        ...{ what: `Umami: ${body}`, path: '/api/batch', by: 'nobody', body },
        says: { status: 400, answer: { error: { code: 'bad-request', status: 400 } } },
      }),
    ),
    ...['{}', '5', 'null', '[]', '{"type":"event"}', '{"type":"event","payload":{"website":"none"}}'].map(
      (item): Case => ({
        ...{ what: `Umami: [${item}]`, path: '/api/batch', by: 'nobody', body: `[${item}]` },
        says: { status: 200, answer: { size: 1, processed: 0, errors: 1 } },
      }),
    ),
    {
      ...{ what: 'Umami: none', path: '/api/batch', by: 'nobody', body: '[]' },
      says: { status: 200, answer: { size: 0, processed: 0, errors: 0 } },
    },
    {
      ...{ what: 'Umami: 1,001', path: '/api/batch', by: 'nobody', body: `[${'0,'.repeat(1000)}0]` },
      says: { status: 413 },
    },
    ...['{"requests":5}', '{"requests":[null]}', '{"requests":["?"]}', '{}', '{"requests":[["x"]]}'].map(
      (body): Case => ({
        ...{ what: `Matomo: ${body}`, path: '/matomo.php', by: 'nobody', body },
        says: { status: 200, answer: { status: 'success', tracked: 0, invalid: 1 } },
      }),
    ),
    {
      ...{ what: 'Matomo: no JSON', path: '/matomo.php', by: 'nobody', body: '{"requests":[' },
      says: { status: 400 },
    },
  ],
}

/** Routes that take JSON of another shape than ours. */
const jsonRoutes: readonly Pick<Mouth, 'name' | 'path' | 'by' | 'headers'>[] = [
  ...mouths.filter(({ name }) => name !== 'Matomo'),
  { name: 'Umami, many', path: '/api/batch', by: 'nobody' },
]

/** What nobody can read, as our own route is sent it; what is longer than a page may send is told apart above. */
const unreadable: readonly Case[] = [...jsonChapters, ...encodingChapters]
  .flatMap(({ name, cases }) => cases.map((one) => ({ ...one, what: `${name}: ${one.what}` })))
  .filter(({ body, path, raw, says: { status } }) => {
    const isOther = path !== undefined || raw !== undefined || (status !== 400 && status !== 415)
    return !isOther && body !== undefined && body !== '' && body.length <= bodyLimits.beacon
  })

/** Each says first of what type its body is, which a case of another type does not. */
function unreadableBy({ name, path, by = 'nobody', headers = [] }: (typeof jsonRoutes)[number]): Chapter {
  const cases = unreadable
    .filter((one) => headers.length === 0 || !one.headers?.some(([header]) => /^content-type$/i.test(header)))
    .map(
      ({ what, body, headers: own = [], isChunked, only, says: { status } }): Case => ({
        ...{ what, path, by, headers: [...headers, ...own], says: { status } },
        ...(body !== undefined && { body }),
        ...(isChunked && { isChunked }),
        ...(only && { only }),
      }),
    )
  return { name: `what nobody can read, sent to ${name}`, cases }
}

/** Bad input in other products' words: the same limits, nothing stored that is not right. */
export const dialectChapters: readonly Chapter[] = [
  ...mouths.map(chapterOf),
  ...jsonRoutes.map(unreadableBy),
  inQueries,
  bulk,
]
