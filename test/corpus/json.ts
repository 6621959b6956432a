import {
  type Case,
  type Chapter,
  escaped,
  fault,
  form,
  invalid,
  malformed,
  ndjson,
  numbered,
  page,
  stored,
  storedProps,
} from './case.ts'

// docs: reference, "Body and encoding" (P4, P6 to P10): JSON and what stands in it.

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

const syntax: Chapter = {
  name: 'P10 what is not JSON is refused',
  cases: [
    ...[
      ...[
        '{',
        '}',
        '[',
        ']',
        '{"page"',
        '{"page":',
        '{"page":"/"',
        '{"page":"/"}}',
        '{"page":"/"}{"page":"/"}',
      ],
      ...[
        "{'page':'/'}",
        '{page:"/"}',
        '{"page":"/",}',
        '[{"page":"/"},]',
        '{"page":"/"} x',
        '// x\n{"page":"/"}',
      ],
      ...['{"page":"/","x":NaN}', '{"page":"/","x":Infinity}', '{"page":"/","x":+1}', '{"page":"/","x":01}'],
      ...['{"page":"/","x":.5}', '{"page":"/","x":1.}', '{"page":"/","x":0x10}', '{"page":"/","x":1e}'],
      ...[
        '{"page":"/","x":undefined}',
        '{"page":"\\x41"}',
        '{"page":"\\u12"}',
        '{"page":"/\n"}',
        '{"page":"/\u0000"}',
      ],
      ...[
        '\u00a0{"page":"/"}',
        '\u0000{"page":"/"}',
        '{"page":"/"}\u0000',
        '\u2028{"page":"/"}',
        'page',
        '<x/>',
        '--',
      ],
      ...[
        'undefined',
        'NaN',
        '()',
        'PING',
        'ping',
        'PING\n',
        '{"page":"/"};',
        'null null',
        '-',
        '"',
        '""x',
        'tru',
      ],
    ].map((text) => fault(JSON.stringify(text), malformed, text)),
    ...['', ' ', '\n', '\r\n\t ', '\u00a0', '\n\n\n'].map((text) =>
      fault(`nothing: ${JSON.stringify(text)}`, malformed, text),
    ),
    ...['null', 'true', 'false', '0', '-1', '1e400', '""', '"x"', '"{\\"page\\":\\"/\\"}"', ' null '].map(
      (text) => fault(`a scalar ${text}`, invalid, text),
    ),
    ...['[]', ' [ ] ', '[\n]'].map((text) => fault(`an empty array ${JSON.stringify(text)}`, invalid, text)),
    fault('an empty object', invalid, '{}', {}, ['/page']),
    stored('white space around it', ` \t\r\n${page}\r\n\t `),
    stored('escaped letters', `{"${escaped('page')}":"${escaped('/é')}"}`, { page: '/é' }),
  ],
}

const depth: Chapter = {
  name: 'P4 JSON is 32 deep at most',
  cases: [
    fault('32 deep', invalid, `{"page":"/","x":${nested(31)}}`, {}, ['/x']),
    fault('33 deep', malformed, `{"page":"/","x":${nested(32)}}`),
    fault('33 deep in objects', malformed, `{"page":"/","x":${'{"a":'.repeat(32)}1${'}'.repeat(33)}`),
    fault('33 deep in properties', malformed, `{"page":"/","props":{"x":${nested(31)}}}`),
    fault('33 deep in an array', malformed, `[{"page":"/"},{"page":"/","x":${nested(31)}}]`),
    fault('33 deep in a line', malformed, `${page}\n{"page":"/","x":${nested(32)}}`, { headers: ndjson }),
    fault('33 deep in a report', malformed, `{"type":"t","url":"/","body":{"x":${nested(31)}}}`),
    {
      ...{ what: 'an array of an array 32 deep', body: nested(32) },
      says: { status: 422, answer: { accepted: 0, invalid: [{ index: 0, code: 'invalid_event' }] } },
    },
    ...[33, 1000, 30_000].map((levels) => fault(`${levels} arrays`, malformed, nested(levels))),
    fault('10,000 objects', malformed, `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    fault('60,000 arrays that do not end', malformed, '['.repeat(60_000)),
    fault('10,000 objects that do not end', malformed, '{"a":'.repeat(10_000)),
    fault('2,000,000 arrays from a server', malformed, nested(2_000_000), { by: 'server' }),
    fault('30,000 arrays under the type of a form', malformed, nested(30_000), { headers: form }),
    fault('30,000 arrays in gzip-like text', malformed, `{"page":"/","x":${nested(30_000)}}`),
  ],
}

/** Every C0 control (U+0000 to U+001F), escaped as JSON wants it. */
const controls = numbered(32, (code) => escaped(String.fromCharCode(code)))
const bidi = ['\u202a', '\u202e', '\u2066', '\u2069', '\u200e', '\u061c']

const text: Chapter = {
  name: 'P6 P7 text is well-formed and has no controls',
  cases: [
    ...['\\ud800', '\\udfff', '\\ud83d', '\\udc00\\ud800'].flatMap((half): Case[] => {
      const told = '\ufffd'.repeat(half.length / 6)
      return [
        stored(`${half} in a page`, `{"page":"/a${half}b"}`, { page: `/a${told}b` }),
        stored(`${half} in a name`, `{"name":"a${half}"}`, { name: `a${told}` }),
        stored(`${half} in a title`, `{"page":"/","title":"a${half}"}`, { title: `a${told}` }),
        stored(`${half} in an id`, `{"page":"/","id":"${half.slice(2, 6)}${half}"}`, {
          id: half.slice(2, 6) + told,
        }),
        stored(`${half} in a tag`, `{"page":"/","campaign":"a${half}"}`, { campaign: `a${told}` }),
        storedProps(`${half} in a property`, `{"page":"/","x":"a${half}"}`, `{"x":"a${told}"}`),
        storedProps(`${half} in its name`, `{"page":"/","a${half}":1}`, `{"a${told}":1}`),
      ]
    }),
    stored('a pair', '{"name":"\\ud83d\\ude00"}', { name: '😀' }),
    {
      what: 'ids that are one once they are well-formed',
      body: '[{"page":"/","id":"same\\ud800"},{"page":"/","id":"same\\ud801"}]',
      says: { status: 201, stored: 1, row: { id: 'same\ufffd' }, answer: { accepted: 2 } },
    },
    ...controls.map((control) =>
      stored(
        `${control} anywhere`,
        `{"page":"/a${control}b","name":"a${control}b","title":"a${control}b","id":"a${control}${control.slice(2)}"}`,
        { page: '/ab', name: 'ab', title: 'ab', id: `a${control.slice(2)}` },
      ),
    ),
    storedProps(
      'all of them in properties',
      `{"page":"/","a${controls.join('')}b":"c${controls.join('')}d"}`,
      '{"ab":"cd"}',
    ),
    ...['%00', '%0a', '%0D%0A', '%09', '%1f'].map((control) =>
      stored(`${control} in a page`, JSON.stringify({ page: `https://x.example/a${control}b` }), {
        page: '/ab',
      }),
    ),
    stored('a control that was escaped twice', '{"page":"/a%2500b"}', { page: '/a%00b' }),
    stored(
      'controls in a form',
      'page=%2Fa%00b&name=a%0Ab&title=%00',
      { page: '/ab', name: 'ab' },
      { headers: form },
    ),
    fault('a page of nothing but controls', invalid, '{"page":"\\u0000\\u001f"}', {}, ['/page']),
    stored('a name of nothing but controls', '{"page":"/","name":"\\u0000"}', { name: 'pageview' }),
    storedProps('a property whose name is nothing but controls', '{"page":"/","\\u0000":1}', '{"":1}'),
    storedProps('two names that are one without controls', '{"page":"/","a":1,"a\\u0000":2}', '{"a":2}'),
    ...bidi.map((mark) =>
      stored(
        `${escaped(mark)} is a letter like any other`,
        JSON.stringify({ page: '/', title: `a${mark}b` }),
        {
          title: `a${mark}b`,
        },
      ),
    ),
    stored('a name in two forms of Unicode is two names', '{"page":"/é"}', { page: '/é' }),
    stored('its other form', '{"page":"/e\u0301"}', { page: '/e\u0301' }),
  ],
}

const numbers: Chapter = {
  name: 'P8 numbers are finite and within their range',
  cases: [
    ...['1e400', '-1e400', `1${'0'.repeat(400)}`].flatMap((number): Case[] => [
      fault(`a property ${number.slice(0, 9)}`, invalid, `{"page":"/","x":${number}}`, {}, ['/x']),
      fault(`one in props ${number.slice(0, 9)}`, invalid, `{"page":"/","props":{"x":${number}}}`, {}, [
        '/props/x',
      ]),
      ...['age', 'ms', 'depth'].map((name) =>
        fault(`${name} ${number.slice(0, 9)}`, invalid, `{"page":"/","${name}":${number}}`, {}, [`/${name}`]),
      ),
      fault(
        `an amount ${number.slice(0, 9)}`,
        invalid,
        `{"page":"/","revenue":{"amount":${number},"currency":"EUR"}}`,
      ),
    ]),
    ...[
      ...[
        ['-0', '0'],
        ['1e308', '1e+308'],
        ['5e-324', '5e-324'],
        ['9007199254740993', '9007199254740992'],
      ],
      ...[
        ['1.0', '1'],
        ['123456789012345678901234567890', '1.2345678901234568e+29'],
        ['1E2', '100'],
      ],
    ].map(([sent = '', kept = '']) =>
      storedProps(`a property ${sent}`, `{"page":"/","x":${sent}}`, `{"x":${kept}}`),
    ),
    ...['"5"', 'true', '[]', '{}', '"NaN"', '""'].flatMap((value) =>
      ['age', 'ms', 'depth'].map((name) =>
        fault(`${name} ${value}`, invalid, `{"page":"/","${name}":${value}}`, {}, [`/${name}`]),
      ),
    ),
    ...['NaN', 'Infinity', '-Infinity', '1e400', 'x', '-1', '86400001'].map((value) =>
      fault(`a form's age ${value}`, invalid, `page=%2F&age=${value}`, { headers: form }, ['/age']),
    ),
    ...['0', '86400000', '1.5'].map((value) =>
      stored(`a form's age ${value}`, `page=%2F&age=${value}`, {}, { headers: form }),
    ),
    ...[
      ...[
        '"1e3"',
        '"0x10"',
        '"1,5"',
        '"1 000"',
        '"NaN"',
        '""',
        '" 1"',
        '"1."',
        '".5"',
        '"--1"',
        'true',
        '[]',
        '{}',
        'null',
      ],
      ...['1e21', '1e-7', '"1234567890123456"', '"1.1234567"', '"\\u0661"'],
    ].map((amount) =>
      fault(
        `an amount ${amount}`,
        invalid,
        `{"page":"/","revenue":{"amount":${amount},"currency":"EUR"}}`,
        {},
        ['/revenue'],
      ),
    ),
    ...['0', '-5', '5.25', '"5.250000"', '"-0.01"', '123456789012345', '"123456789012345.123456"'].map(
      (amount) =>
        stored(`an amount ${amount}`, `{"page":"/","revenue":{"amount":${amount},"currency":"EUR"}}`),
    ),
    ...['"EURO"', '"EU"', '""', '"€"', '5', 'null', '[]', '"XQX"', '"eur "', '"EU\\u0000"'].map((currency) =>
      fault(
        `a currency ${currency}`,
        invalid,
        `{"page":"/","revenue":{"amount":1,"currency":${currency}}}`,
        {},
        ['/revenue'],
      ),
    ),
    ...['5', '"5 EUR"', '[]', '{}', '{"amount":5}', '{"currency":"EUR"}', 'true'].map((revenue) =>
      fault(`money ${revenue}`, invalid, `{"page":"/","revenue":${revenue}}`, {}, ['/revenue']),
    ),
  ],
}

const twice: Chapter = {
  name: 'P9 of two the last one counts',
  cases: [
    stored('a page', '{"page":"/a","page":"/b"}', { page: '/b' }),
    stored('a page that was no text at first', '{"page":5,"page":"/b"}', { page: '/b' }),
    fault('a page that is no text at last', invalid, '{"page":"/b","page":5}', {}, ['/page']),
    storedProps('a property', '{"page":"/","x":1,"x":2}', '{"x":2}'),
    storedProps('a property in and outside props', '{"page":"/","x":1,"props":{"x":2}}', '{"x":2}'),
    storedProps('props', '{"page":"/","props":{"a":1},"props":{"b":2}}', '{"b":2}'),
    storedProps('__proto__', '{"page":"/","__proto__":{},"__proto__":1}', '{"__proto__":1}'),
    stored('a field of a form', 'page=%2Fa&page=%2Fb', { page: '/b' }, { headers: form }),
    stored('a field of a query', undefined, { page: '/b' }, { path: '/{site}?page=/a&page=/b' }),
  ],
}

export const jsonChapters: readonly Chapter[] = [syntax, depth, text, numbers, twice]
