import {
  type Case,
  type Chapter,
  fault,
  forbidden,
  type HeaderPairs,
  keyInUrl,
  notFound,
  page,
  refused,
  stored,
  unauthorized,
} from './case.ts'

// docs: reference, "Authentication, keys, CORS" (A1 to A10) and "Abuse" (C14).

/** Of headers that are empty. */
const node = {
  only: { on: 'node', because: 'The proxy of wrangler leaves out what is empty.' },
} as const

const auth = (...values: readonly string[]): HeaderPairs => values.map((value) => ['Authorization', value])

/** What looks like a key's header and is none. */
const wrong = [
  ...['', 'Key', 'Key ', 'Bearer', '{write}', 'Key{write}', 'Key={write}', 'Key:{write}', 'Key "{write}"'],
  ...[
    'Basic {write}',
    'Basic Og==',
    'Token {write}',
    'Digest {write}',
    'Keys {write}',
    'xKey {write}',
    'Kéy {write}',
  ],
  ...[
    'Key {write} x',
    'Key x {write}',
    'Key {write};',
    'Key {write},',
    'Key {write}, Key',
    'Key ,{write}',
    ', Key {write}',
  ],
  ...[
    'Key {write}\\u0000',
    'Key {write}%00',
    'Key x{write}',
    'Key {write}x',
    'Key [object Object]',
    'Key null',
  ],
  ...['Key undefined', 'Key __proto__', 'Key é', 'Key *', `Key ${'x'.repeat(8000)}`, 'x'.repeat(8000)],
  ...['Key {write}, Key {server}', 'Key {write}, Bearer x', 'Key {write}, Basic {write}'],
  `Key ${'{write}, Key '.repeat(30)}x`,
]

const headers: Chapter = {
  name: 'A5 a key stands in its header as it should or not at all',
  cases: [
    ...wrong.flatMap((value): Case[] => {
      const what = value.slice(0, 40)
      return [
        fault(`${what} (${value.length})`, unauthorized, page, { by: 'nobody', headers: auth(value) }),
        fault(`${what} (${value.length}) beside a good one in the URL`, unauthorized, page, {
          ...{ headers: auth(value), ...(value === '' && node) },
        }),
      ]
    }),
    ...['Key {write}', 'key {write}', 'KEY {write}', 'Bearer {write}', 'bEARER {write}', 'Key   {write}'].map(
      (value) => stored(value, page, {}, { by: 'nobody', headers: auth(value) }),
    ),
    stored(
      '8,000 spaces before it',
      page,
      {},
      { by: 'nobody', headers: auth(`Key ${' '.repeat(8000)}{write}`) },
    ),
    stored('the same twice', page, {}, { by: 'nobody', headers: auth('Key {write}', 'Key {write}') }),
    fault('two that differ', unauthorized, page, {
      by: 'nobody',
      headers: auth('Key {write}', 'Key {server}'),
    }),
    fault('two that differ, a wrong one first', unauthorized, page, {
      ...{ by: 'nobody', headers: auth('Key x', 'Key {write}') },
    }),
    fault('of a proxy', unauthorized, page, {
      by: 'nobody',
      headers: [['Proxy-Authorization', 'Key {write}']],
    }),
    fault('of a cookie', unauthorized, page, {
      by: 'nobody',
      headers: [['Cookie', 'key={write}; Authorization=Key {write}']],
    }),
    fault('in a form', unauthorized, 'page=/&key={write}', { by: 'nobody' }),
    fault('in a header of its name', unauthorized, page, {
      by: 'nobody',
      headers: [
        ['Key', '{write}'],
        ['X-Api-Key', '{write}'],
      ],
    }),
  ],
}

const routes = [
  ...[
    ['POST', ''],
    ['GET', ''],
    ['HEAD', ''],
    ['GET', '/count'],
    ['GET', '/page/x/count'],
    ['GET', '/events'],
  ],
  ...[
    ['GET', '/query'],
    ['GET', '/refused'],
  ],
] as const

const urls: Chapter = {
  name: 'A4 a secret key does not stand in a URL',
  cases: [
    ...(['read', 'server', 'admin'] as const).flatMap((kind): Case[] => [
      ...routes.flatMap(([method, path]): Case[] =>
        (['nobody', 'write', 'admin'] as const).map((by) => {
          const what = `${kind}: ${method} /site${path} by ${by}`
          const more = { method, path: `/{site}${path}?page=/&key={${kind}}`, by }
          // The answer to a HEAD has no body to say why.
          return method === 'HEAD'
            ? { what, ...more, says: { status: 400 } }
            : fault(what, keyInUrl, method === 'POST' ? page : undefined, more)
        }),
      ),
      fault(`${kind}, escaped`, keyInUrl, page, { path: `/{site}?%6bey={${kind}}`, by: 'nobody' }),
      fault(`${kind}, after a good one`, keyInUrl, page, {
        path: `/{site}?key={write}&key={${kind}}`,
        by: 'nobody',
      }),
      fault(`${kind}, before a good one`, keyInUrl, page, {
        path: `/{site}?key={${kind}}&key={write}`,
        by: 'nobody',
      }),
      fault(`${kind}, where no route is`, notFound, undefined, {
        method: 'GET',
        path: `/no/such?key={${kind}}`,
        by: 'nobody',
      }),
    ]),
    stored('a write key', page, {}, { path: '/{site}?key={write}', by: 'nobody' }),
    stored('a write key, escaped', page, {}, { path: '/{site}?%6Bey={write}', by: 'nobody' }),
    ...['x', '', '%00', '%ff', '{write}x', '%20{write}', '{write}%00', '__proto__', 'x'.repeat(6000)].map(
      (key) =>
        fault(`a key "${key.slice(0, 20)}" that is none`, unauthorized, page, {
          path: `/{site}?key=${key}`,
          by: 'nobody',
        }),
    ),
    fault('a name in capitals', unauthorized, page, { path: '/{site}?KEY={write}', by: 'nobody' }),
    fault('a key in the path', unauthorized, page, { path: '/{write}', by: 'nobody' }),
    fault('a key in a fragment', unauthorized, page, { path: '/{site}%23key={write}', by: 'nobody' }),
  ],
}

const kinds: Chapter = {
  name: 'A3 A13 a key opens what it may, and tells nothing else',
  cases: [
    fault('a read key does not write', forbidden, page, { by: 'read' }),
    ...(['page', 'write', 'server'] as const).flatMap((by) =>
      ['/count', '/page/x/count', '/events', '/query', '/refused'].map((path) =>
        fault(`${by} does not read ${path}`, forbidden, undefined, {
          method: 'GET',
          path: `/{site}${path}`,
          by,
        }),
      ),
    ),
    ...(['page', 'write', 'read', 'server'] as const).flatMap((by) =>
      ['/pageviews', '/no-such-collection', '/NO', '/a%00'].map((path) =>
        fault(`${by} learns nothing of ${path}`, forbidden, page, { path, by }),
      ),
    ),
    ...(['page', 'write', 'read', 'server'] as const).map((by) =>
      fault(`${by} does not erase`, forbidden, '{}', { method: 'DELETE', path: '/{site}/events', by }),
    ),
    stored('a server writes', page, {}, { by: 'server' }),
    stored('an admin writes', page, {}, { by: 'admin' }),
  ],
}

const foreign = 'https://evil.example'
const ask = (more: HeaderPairs = []): HeaderPairs => [
  ...[['Origin', foreign] as const, ['Access-Control-Request-Method', 'POST'] as const],
  ...more,
]

/** What a browser asks before it sends. */
function preflight(
  what: string,
  headers: HeaderPairs,
  told: string | null = foreign,
  path = '/{site}',
): Case {
  return {
    ...{ what, method: 'OPTIONS', path, by: 'nobody', headers },
    says: { status: 204, headers: { 'Access-Control-Allow-Origin': told } },
  }
}

const asked = (value: string): HeaderPairs => [['Access-Control-Request-Headers', value]]

const cors: Chapter = {
  name: 'A7 A8 A10 pages of other sites may send, and are told nothing',
  definition: { origins: ['https://shop.example', 'https://*.shop.example', 'https://x.example:8443'] },
  cases: [
    preflight('a preflight', ask()),
    preflight('of a collection that is not there', ask(), foreign, '/no-such-collection'),
    preflight('of a name that can be none', ask(), foreign, '/__proto__'),
    preflight(
      'of nobody',
      [
        ['Origin', 'null'],
        ['Access-Control-Request-Method', 'POST'],
      ],
      'null',
    ),
    preflight('that asks for a header', ask(asked('content-type'))),
    ...[',', ' ', ', ', '\t', 'a', 'a,', ';', '*'].map((sign) =>
      preflight(
        `that asks for 8,000 of ${JSON.stringify(sign)}`,
        ask(asked(`x${sign.repeat(8000 / sign.length)}x`)),
      ),
    ),
    {
      ...{
        what: 'a preflight that is none',
        method: 'OPTIONS',
        by: 'nobody',
        headers: [['Origin', foreign]],
      },
      says: { status: 401, code: 'unauthorized' },
    },
    ...['', '/count', '/events'].map(
      (path): Case => ({
        ...{
          what: `nobody reads ${path} from elsewhere`,
          method: 'GET',
          path: `/{site}${path}?page=/`,
          by: 'nobody',
        },
        headers: [['Origin', foreign]],
        says: { status: 401, headers: path === '' ? {} : { 'Access-Control-Allow-Origin': null } },
      }),
    ),
    ...[
      'https://shop.example',
      'https://a.shop.example',
      'https://a.b.shop.example',
      'https://x.example:8443',
    ].map(
      (origin): Case => ({
        ...{ what: `from ${origin}`, body: page, headers: [['Origin', origin]] },
        says: { status: 201, stored: 1, headers: { 'Access-Control-Allow-Origin': origin } },
      }),
    ),
    ...[
      ...[
        foreign,
        'null',
        'http://shop.example',
        'https://shop.example:8443',
        'https://shop.example.evil.example',
      ],
      ...[
        'https://evilshop.example',
        'https://.shop.example',
        'https://shop.example/',
        'https://SHOP.example',
        '',
      ],
      ...[
        'https://x.example',
        'https://*.shop.example',
        'https://shop.example, https://evil.example',
        '*',
        'x',
      ],
      ...[
        'https://evil.example/.shop.example',
        'https://evil.example?.shop.example',
        'https://evil.example#.shop.example',
      ],
      ...['https://u@a.shop.example', 'https://evil.example\\.shop.example', `https://${'a'.repeat(6000)}`],
    ].map((origin) => {
      const what = `from ${origin.slice(0, 60)}`
      const one = refused(what, 'origin', { headers: [['Origin', origin]], ...(origin === '' && node) })
      return { ...one, says: { ...one.says, headers: { 'Access-Control-Allow-Origin': null } } }
    }),
    stored('from no page', page),
    stored(
      'from a page of elsewhere with a server key',
      page,
      {},
      { by: 'server', headers: [['Origin', foreign]] },
    ),
    stored('with cookies, of which none comes back', page, {}, { headers: [['Cookie', 'a=b; session=c']] }),
  ],
}

const agents = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  'curl/8.5.0',
  'python-requests/2.31.0',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
]

const policies: Chapter = {
  name: 'C14 what is not to be counted is refused by name',
  cases: [
    ...agents.map((agent) => refused(agent.slice(0, 60), 'bot', { headers: [['User-Agent', agent]] })),
    refused('no agent', 'bot', { headers: [['User-Agent', undefined]] }),
    refused('an empty agent', 'bot', { headers: [['User-Agent', '']] }),
    ...agents.map((agent) =>
      stored(
        `from a server ${agent.slice(0, 60)}`,
        page,
        {},
        { by: 'server', headers: [['User-Agent', agent]] },
      ),
    ),
    ...[
      ['Sec-Purpose', 'prefetch'],
      ['Sec-Purpose', 'prefetch;prerender'],
      ['Purpose', 'prefetch'],
      ['X-Moz', 'prefetch'],
    ].map(([name = '', value]) => refused(`${name}: ${value}`, 'prefetch', { headers: [[name, value]] })),
    stored('another purpose', page, {}, { headers: [['Sec-Purpose', 'x']] }),
    {
      ...{
        what: 'a batch of a bot',
        body: `[${page},{"page":5},${page}]`,
        headers: [['User-Agent', 'curl/8.5.0']],
      },
      says: { status: 202, refused: 'bot', quarantined: 2, answer: { accepted: 0 } },
    },
    {
      ...{
        what: 'a pixel of a bot',
        method: 'GET',
        path: '/{site}?page=/',
        headers: [['User-Agent', 'curl/8.5.0']],
      },
      says: { status: 200, size: 43, refused: 'bot', quarantined: 1 },
    },
  ],
}

/** Agents that cost a parser its patience (P13). Whether they are people is not the question. */
const long = [
  '1',
  '(',
  ')',
  ';',
  ' ',
  'Mozilla/5.0 (',
  'Chrome/',
  '1.',
  'a/1 ',
  '(((;',
  '\t',
  'é',
  '/',
  'Version/9_',
  'Android ',
]

const patience: Chapter = {
  name: 'P13 long headers are read no further than they matter',
  cases: long.flatMap((text): Case[] => {
    const value = text.repeat(Math.floor(7000 / text.length))
    return ['User-Agent', 'Sec-CH-UA', 'Sec-CH-UA-Platform', 'Accept-Language', 'Referer', 'Sec-Purpose'].map(
      (name) =>
        stored(
          `${name} of ${JSON.stringify(text)}`,
          page,
          {},
          { by: 'server', headers: [[name, `x${value}x`]] },
        ),
    )
  }),
}

export const keyChapters: readonly Chapter[] = [headers, urls, kinds, cors, policies, patience]
