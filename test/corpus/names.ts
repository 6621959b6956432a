import type { Json } from '../contract/client.ts'
import {
  type Case,
  type Chapter,
  fault,
  forbidden,
  form,
  invalid,
  invalidDefinition,
  invalidQuery,
  malformed,
  notAllowed,
  notFound,
  page,
  part,
  parts,
  partsEnd,
  stored,
  storedProps,
  type,
  unauthorized,
  unknownAttribute,
  unknownCollection,
  unsupported,
} from './case.ts'

// docs: reference, "Names, prototypes, keys" (N1 to N8).

/** Names that mean something to JavaScript, on whatever object they are looked up. */
const odd = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'],
  ...['__defineGetter__', '__lookupSetter__', 'then', 'toJSON', 'null', 'undefined'],
]

/** Paths whose first segment is no collection's name, however it is decoded. */
const paths = [
  ...'%5f%5fproto%5f%5f a%2fb a%5cb a%00b a%0d%0ab %ff %c0%ae %252e %252e%252e % %zz caf%C3%A9 cafe%CC%81'.split(
    ' ',
  ),
  ...'%F0%9F%92%A9 {site}%00 {site}%20 %20{site} {site}%2f {site};x {site}%2fcount {site}%3fkey=x'.split(' '),
  ..."{site}:page %7b{site}%7d {{site}} * x* a'-- a%22 {site}. {site}%2e {site}%EF%BC%8F".split(' '),
]

const names: Chapter = {
  name: 'N1 names of prototypes are unknown names',
  definition: { attributes: ['toString', 'constructor'], groupBy: ['page', 'name', 'constructor'] },
  cases: [
    ...odd.flatMap((name): Case[] => [
      fault(`a collection ${name}, for an admin`, unknownCollection, page, { path: `/${name}`, by: 'admin' }),
      fault(`a collection ${name}, for a page`, forbidden, page, { path: `/${name}` }),
      fault(`a collection ${name}, for nobody`, unauthorized, page, { path: `/${name}`, by: 'nobody' }),
      fault(`a pixel of ${name}`, unknownCollection, undefined, {
        ...{ method: 'GET', path: `/${name}?page=/`, by: 'admin' },
      }),
      ...['count', 'events', 'refused', 'page/x/count'].map((what) =>
        fault(`${what} of ${name}`, unknownCollection, undefined, {
          ...{ method: 'GET', path: `/${name}/${what}`, by: 'admin' },
        }),
      ),
      fault(`a key ${name}`, unauthorized, page, {
        ...{ by: 'nobody', headers: [['Authorization', `Key ${name}`]] },
      }),
      fault(`a key ${name} in the URL`, unauthorized, page, { path: `/{site}?key=${name}`, by: 'nobody' }),
      {
        ...{ what: `a value ${name} of an attribute`, method: 'GET', by: 'read' },
        ...{ path: `/{site}/name/${name}/count`, says: { status: 200, answer: { count: 0 } } },
      },
    ]),
    ...odd
      .filter((name) => name !== 'constructor')
      .map((name) =>
        fault(`an attribute ${name}`, unknownAttribute, undefined, {
          ...{ method: 'GET', path: `/{site}/${name}/x/count`, by: 'read' },
        }),
      ),
    {
      ...{ what: 'a declared attribute that is on every object', method: 'GET', by: 'read' },
      ...{ path: '/{site}/constructor/function%20Object()%20%7B%20[native%20code]%20%7D/count' },
      says: { status: 200, answer: { count: 0 } },
    },
  ],
}

const bodies: Chapter = {
  name: 'N2 names of prototypes in beacons are data',
  definition: { attributes: ['toString', 'constructor'], groupBy: ['constructor'] },
  cases: [
    fault('an object __proto__', invalid, '{"page":"/","__proto__":{"x":1}}', {}, ['/__proto__']),
    fault('a page in __proto__', invalid, '{"__proto__":{"page":"/x"}}', {}, ['/__proto__', '/page']),
    fault('a prototype of a constructor', invalid, '{"page":"/","valueOf":{"prototype":{"x":1}}}', {}, [
      '/valueOf',
    ]),
    fault('an object for a declared attribute', invalid, '{"page":"/","constructor":{"prototype":{}}}', {}, [
      '/constructor',
    ]),
    fault('an object in props', invalid, '{"page":"/","props":{"__proto__":{}}}', {}, ['/props/__proto__']),
    fault('props that are all in __proto__', invalid, '{"page":"/","props":{"__proto__":{"a":1}}}', {}, [
      '/props/__proto__',
    ]),
    fault(
      'money in __proto__',
      invalid,
      '{"page":"/","revenue":{"__proto__":{"amount":1,"currency":"EUR"}}}',
      {},
      ['/revenue'],
    ),
    fault(
      'a currency of every object',
      invalid,
      '{"page":"/","revenue":{"amount":1,"currency":"constructor"}}',
    ),
    storedProps('a scalar __proto__', '{"page":"/","__proto__":"p"}', '{"__proto__":"p"}'),
    storedProps('a scalar __proto__ in props', '{"page":"/","props":{"__proto__":1}}', '{"__proto__":1}'),
    storedProps(
      'names of every object in props',
      '{"page":"/","props":{"valueOf":"v","hasOwnProperty":true,"toJSON":"j","then":"t"}}',
      '{"valueOf":"v","hasOwnProperty":true,"toJSON":"j","then":"t"}',
    ),
    stored('declared attributes of every object', '{"page":"/","constructor":"c","toString":"t"}', {
      ...{ constructor: 'c', toString: 't' },
    }),
    ...['__proto__', 'constructor', 'toString'].flatMap((name): Case[] => [
      stored(`an event ${name}`, JSON.stringify({ name }), { name }),
      stored(`a page ${name}`, JSON.stringify({ page: name }), { page: `/${name}` }),
      stored(`a host ${name}`, JSON.stringify({ page: `https://${name}/` }), {
        hostname: name.toLowerCase(),
      }),
      stored(`a source ${name}`, JSON.stringify({ page: '/', source: name }), { source: name }),
      stored(`a tag ${name}`, JSON.stringify({ page: `/?utm_source=${name}` }), { source: name }),
      stored(`a referrer ${name}`, JSON.stringify({ page: '/', referrer: `https://${name}/` })),
      stored(`an app ${name}`, JSON.stringify({ page: '/', referrer: `android-app://${name}/` })),
      stored(`a language and a screen ${name}`, JSON.stringify({ page: '/', language: name, screen: name })),
      {
        ...{ what: `a zone ${name}`, by: 'server', body: JSON.stringify({ page: '/', zone: name }) },
        says: { status: 201, stored: 1, without: ['country'] },
      },
      stored(
        `a known country ${name}`,
        JSON.stringify({ page: '/', country: name, city: name }),
        {},
        { by: 'server' },
      ),
      stored(`an id ${name}`, JSON.stringify({ page: '/', id: name }), { id: name }),
      stored(`a report ${name}`, JSON.stringify({ type: name, body: {}, url: 'https://x.example/' }), {
        name,
      }),
      storedProps(
        `a report with ${name} in its body`,
        `{"type":"t","url":"https://x.example/","body":{${JSON.stringify(name)}:1}}`,
        `{${JSON.stringify(name)}:1}`,
      ),
      storedProps(
        `a report of old with ${name} in it`,
        `{"csp-report":{${JSON.stringify(name)}:"x"}}`,
        `{${JSON.stringify(name)}:"x"}`,
      ),
      stored(`a client hint ${name}`, page, {}, { headers: [['Sec-CH-UA-Platform', `"${name}"`]] }),
      stored(`a header ${name}`, page, {}, { headers: [[name, 'x']] }),
      stored(`a content type ${name}`, page, {}, { headers: type(name) }),
      fault(`an encoding ${name}`, unsupported, page, { headers: [['Content-Encoding', name]] }),
      fault(`a charset ${name}`, unsupported, page, { headers: type(`text/plain;charset=${name}`) }),
    ]),
    storedProps('__proto__ in a form', 'page=%2F&__proto__=p&valueOf=v', '{"__proto__":"p","valueOf":"v"}', {
      headers: form,
    }),
    storedProps('props.__proto__ in a form', 'page=%2F&props.__proto__=p', '{"__proto__":"p"}', {
      headers: form,
    }),
    storedProps('__proto__ in a query', undefined, '{"__proto__":"p"}', {
      path: '/{site}?page=/&__proto__=p',
    }),
    storedProps('props.__proto__ in a query', undefined, '{"__proto__":"p"}', {
      path: '/{site}?page=/&props.__proto__=p',
    }),
    fault('a query of nothing but __proto__', malformed, undefined, {
      path: '/{site}?__proto__=/&constructor=/',
    }),
    fault('a pixel of nothing but __proto__', notAllowed, undefined, {
      ...{ method: 'GET', path: '/{site}?__proto__=/&constructor=/' },
    }),
    storedProps(
      '__proto__ in a form in parts',
      part('__proto__', 'p') + part('page', '/') + partsEnd,
      '{"__proto__":"p"}',
      { headers: parts },
    ),
    {
      what: 'an item __proto__ among others',
      body: '[{"page":"/"},{"__proto__":{"page":"/"}}]',
      says: {
        status: 207,
        stored: 1,
        answer: { accepted: 1, invalid: [{ index: 1, pointer: '/__proto__' }] },
      },
    },
    {
      ...{ what: 'what every object has is no value of an attribute', method: 'GET', by: 'read' },
      ...{ path: '/{site}/constructor/c/count', says: { status: 200, answer: { count: 1 } } },
    },
  ],
}

const written: Chapter = {
  name: 'N3 N4 no path but the name itself is the collection',
  cases: [
    ...paths.map((path) => fault(`/${path}`, unknownCollection, page, { path: `/${path}`, by: 'admin' })),
    ...paths.map((path) =>
      fault(`/${path} with another's key`, forbidden, page, { path: `/${path}`, by: 'write' }),
    ),
    ...['/{site}/', '//{site}', '/{site}//', '/x/{site}', '/{site}/count%2f', '/{site}/count/'].map((path) =>
      fault(path, notFound, page, { path, by: 'admin' }),
    ),
    stored(
      'dots are walked before a route is looked for, as in every URL',
      page,
      {},
      { path: '/x/%2e%2e/{site}', by: 'write' },
    ),
    fault('an attribute with a colon', unknownAttribute, undefined, {
      ...{ method: 'GET', path: '/{site}/page%3ax/y/count', by: 'read' },
    }),
    fault('a name of 3,000 letters', unknownCollection, page, { path: `/${'a'.repeat(3000)}`, by: 'admin' }),
  ],
}

const made: Chapter = {
  name: 'N1 N4 names that no collection may have',
  cases: [
    ...[
      ...['api', 'assets', 'health', 'metrics', 'optout', 'count', 'counter', 'collect', 'cache', 'js'],
      ...['x.js', 'x.php', 'x.txt', 'x.ico', 'x.json', 'x.xml', 'x.map', '.js', '-a', '.a', '_a', 'A', 'aA'],
      ...[
        'a:b',
        'a%7bb',
        'a%7db',
        'a!refused',
        'a%21refused',
        'a%20',
        'a%00',
        'a%2fb',
        '%C3%A9',
        '__proto__',
      ],
      'a'.repeat(64),
    ].map((name) =>
      fault(name, invalidDefinition, '{}', { method: 'PUT', path: `/api/collections/${name}`, by: 'admin' }),
    ),
    ...['a'.repeat(62), 'b'.repeat(63), '0', 'constructor', 'a.js.b', 'x._-'].map((name): Case => {
      const path = `/api/collections/${name}`
      return {
        what: `${name} may be one`,
        method: 'PUT',
        path,
        by: 'admin',
        body: '{}',
        says: { status: 201 },
      }
    }),
    ...['__proto__', '_a', '1a', 'a b', 'a/b', 'a:b', '', 'a'.repeat(64)].map((name) =>
      fault(`an attribute ${name}`, invalidDefinition, JSON.stringify({ attributes: [name] }), {
        ...{ method: 'PUT', path: '/api/collections/fresh', by: 'admin' },
      }),
    ),
  ],
}

/** What other languages would take for a command. */
const commands = [
  ...[
    "'); DROP TABLE journal;--",
    'KEYS[9]',
    "redis.call('FLUSHALL')",
    ']] return 1 --',
    '*1$8FLUSHALL',
    '%s%n',
  ],
  ...[
    '$' + '{7*7}',
    '{{7*7}}',
    '<%= 1 %>',
    '$(reboot)',
    '`reboot`',
    '\\u0000',
    '\\',
    '"',
    "'",
    '{x}',
    'a:b',
    '!refused',
  ],
  ...[
    '=HYPERLINK("x")',
    '@SUM(1)',
    '<img src=x onerror=alert(1)>',
    'javascript:alert(1)',
    '../../etc/passwd',
    '*',
  ],
]

const literal: Chapter = {
  name: 'N5 text of other languages is text',
  cases: commands.flatMap((text): Case[] => [
    storedProps(
      `${text} in a property`,
      JSON.stringify({ page: '/', props: { x: text } }),
      JSON.stringify({ x: text }),
    ),
    storedProps(
      `${text} as its name`,
      JSON.stringify({ page: '/', props: { [text]: 1 } }),
      JSON.stringify({ [text]: 1 }),
    ),
    stored(`${text} as an event`, JSON.stringify({ name: text }), { name: text }),
    stored(`${text} as an id`, JSON.stringify({ page: '/', id: text }), { id: text }),
    stored(`${text} as a campaign`, JSON.stringify({ page: '/', campaign: text }), { campaign: text }),
  ]),
}

/** What would be a command if names were put into one. */
const injections = [
  ...[
    "page' OR 1=1--",
    'page"; DROP TABLE journal',
    'page) UNION ALL VALUES(1)',
    'event:page\u0000',
    '__proto__',
    'constructor',
  ],
  ...[
    'event:constructor',
    'visit:__proto__',
    'event:props:',
    'time:constructor',
    '$where',
    '',
    ' ',
    'event:page ',
  ],
]
const question = { metrics: ['events'], dimensions: ['event:page'], date_range: 'all' }
const ask = (more: Json): string => JSON.stringify({ ...question, ...more })
const asking = { path: '/{site}/query', by: 'read' } as const

const questions: Chapter = {
  name: 'N6 N7 names in a question are known names',
  cases: [
    stored('an event to ask for', JSON.stringify({ page: '/100%_a' }), { page: '/100%_a' }),
    ...injections.flatMap((name) => [
      fault(`a dimension ${name}`, invalidQuery, ask({ dimensions: [name] }), asking),
      fault(`a metric ${name}`, invalidQuery, ask({ metrics: [name] }), asking),
      fault(`an order by ${name}`, invalidQuery, ask({ order_by: [[name, 'desc']] }), asking),
      fault(`a direction ${name}`, invalidQuery, ask({ order_by: [['events', name]] }), asking),
      fault(`a filter by ${name}`, invalidQuery, ask({ filters: [['is', name, ['x']]] }), asking),
      fault(`an operator ${name}`, invalidQuery, ask({ filters: [[name, 'event:page', ['x']]] }), asking),
      fault(`a zone ${name}`, invalidQuery, ask({ timezone: name }), asking),
      fault(`a range ${name}`, invalidQuery, ask({ date_range: name }), asking),
    ]),
    ...odd
      .filter((name) => !['null', 'undefined'].includes(name))
      .flatMap((name) => [
        fault(`a member ${name}`, invalidQuery, `{"${name}":{},${ask({}).slice(1)}`, asking),
        fault(`a parameter ${name}`, invalidQuery, undefined, {
          ...{ method: 'GET', path: `/{site}/events?${name}=1`, by: 'read' },
        }),
      ]),
    ...['%', '_', '100%_', '%'.repeat(51), 'a'.repeat(2000), '[a', '*', '\\'].map((text): Case => {
      const body = ask({ filters: [['contains', 'event:page', [text]]] })
      const results = text.length < 6 && '/100%_a'.includes(text) ? [{ metrics: [1] }] : []
      return {
        what: `what contains ${text.slice(0, 9)} (${text.length})`,
        body,
        ...asking,
        says: { status: 200, answer: { results } },
      }
    }),
  ],
}

export const nameChapters: readonly Chapter[] = [names, bodies, written, made, literal, questions]
