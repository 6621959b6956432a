import {
  type By,
  type Case,
  type Chapter,
  fault,
  form,
  invalid,
  numbered,
  page,
  stored,
  storedProps,
  withProps,
} from './case.ts'

// docs: reference, "Body and encoding" (P10) and "Abuse" (C2, C4): every field, its types and its limits.

interface TextLimit {
  readonly name: string
  readonly limit: number
  /** Known facts are taken from secret keys only; from pages they are not even looked at. */
  readonly isTrusted?: true
}

const of = (limit: number, names: string, isTrusted?: true): readonly TextLimit[] =>
  names.split(' ').map((name) => ({ name, limit, ...(isTrusted && { isTrusted }) }))

const texts: readonly TextLimit[] = [
  ...of(64, 'id'),
  ...of(120, 'name'),
  ...of(2048, 'page referrer title source medium campaign term content'),
  ...of(255, 'screen language zone'),
  ...of(255, 'visitor address hostname channel browser browser_version os os_version device', true),
  ...of(255, 'country region city click_id', true),
  ...of(2048, 'agent utm_source utm_medium utm_campaign utm_term utm_content', true),
]

/** A beacon with one field, which is page or event enough by itself. */
const withField = (name: string, json: string): string =>
  name === 'page' || name === 'name' ? `{"${name}":${json}}` : `{"page":"/","${name}":${json}}`

let ids = 0
/** A text of so many characters; those of ids differ. */
function text(name: string, length: number): string {
  const start = name === 'page' ? '/' : name === 'id' ? `${ids++}-` : ''
  return start + 'a'.repeat(length - start.length)
}

const lengths: Chapter = {
  name: 'C2 texts have at most so many characters',
  cases: texts.flatMap(({ name, limit, isTrusted }): Case[] => {
    const by: By = isTrusted ? 'server' : 'page'
    const value = (length: number): string => withField(name, JSON.stringify(text(name, length)))
    const inForm = (length: number): string =>
      new URLSearchParams([
        ['page', '/'],
        [name, text(name, length)],
      ]).toString()
    return [
      ...[limit - 1, limit].map((length) => stored(`${name} of ${length}`, value(length), {}, { by })),
      ...[limit + 1, 10 * limit].map((length) =>
        fault(`${name} of ${length}`, invalid, value(length), { by }, [`/${name}`]),
      ),
      stored(`${name} of ${limit} in a form`, inForm(limit), {}, { by, headers: form }),
      fault(`${name} of ${limit + 1} in a form`, invalid, inForm(limit + 1), { by, headers: form }, [
        `/${name}`,
      ]),
      stored(
        `${name} of ${limit} and controls`,
        withField(name, `"${text(name, limit)}\\u0000\\n"`),
        {},
        { by },
      ),
      ...(isTrusted ? [stored(`${name} of ${limit + 1} from a page`, value(limit + 1))] : []),
    ]
  }),
}

const types: Chapter = {
  name: 'P10 fields take no other type',
  cases: [
    ...texts.flatMap(({ name, isTrusted }): Case[] => {
      const by: By = isTrusted ? 'server' : 'page'
      return [
        ...['5', 'true', '[]', '["/"]', '{}', '{"a":1}'].map((value) =>
          fault(`${name} ${value}`, invalid, withField(name, value), { by }, [`/${name}`]),
        ),
        ...(isTrusted ? [stored(`${name} {} from a page`, withField(name, '{}'))] : []),
        ...(name === 'page'
          ? [
              fault('page null', invalid, '{"page":null}', {}, ['/page']),
              fault('page ""', invalid, '{"page":""}', {}, ['/page']),
            ]
          : [
              stored(`${name} null`, `{"page":"/","${name}":null}`, { page: '/' }, { by }),
              stored(`${name} ""`, `{"page":"/","${name}":""}`, { page: '/' }, { by }),
            ]),
      ]
    }),
    ...['1', '0', '"true"', '"yes"', '[]', '{}'].map((value) =>
      fault(`interactive ${value}`, invalid, `{"page":"/","interactive":${value}}`, {}, ['/interactive']),
    ),
    ...['1', '"x"', '[]', '[{"a":1}]', 'true'].map((value) =>
      fault(`props ${value}`, invalid, `{"page":"/","props":${value}}`, {}, ['/props']),
    ),
    ...['[]', '{}', '[1]', '{"a":{}}'].flatMap((value): Case[] => [
      fault(`an undeclared ${value}`, invalid, `{"page":"/","x":${value}}`, {}, ['/x']),
      fault(`a property ${value}`, invalid, `{"page":"/","props":{"x":${value}}}`, {}, ['/props/x']),
    ]),
    ...['null', '{"x":null}'].map((value) =>
      storedProps(`props ${value}`, `{"page":"/","props":${value}}`, 'undefined'),
    ),
    storedProps('scalars', '{"page":"/","a":1,"b":true,"c":"","d":null}', '{"a":1,"b":true,"c":""}'),
    fault('every fault of an event', invalid, '{"page":5,"id":5,"age":"x","props":{"a":[]},"b":{}}', {}, [
      ...['/page', '/id', '/age', '/props/a', '/b'],
    ]),
    fault('a name that would be a path', invalid, '{"page":"/","a/b~c":[]}', {}, ['/a~1b~0c']),
    fault('a name that would fill the answer', invalid, `{"page":"/","${'x'.repeat(60_000)}":1}`),
    fault(
      'a thousand faults',
      invalid,
      JSON.stringify(Object.fromEntries(numbered(1000, (i) => [`k${i}`, []]))),
    ),
  ],
}

const ranges: Chapter = {
  name: 'P8 numbers have their range',
  cases: (
    [
      ['age', [0, 0.5, 86_399_999, 86_400_000], [-1, -0.001, 86_400_001, 1e300]],
      ['ms', [0, 1, 86_399_999, 86_400_000], [-1, 86_400_001, 1e300]],
      ['depth', [0, 99.9, 100], [-1, 100.001, 101, 1e300]],
    ] as const
  ).flatMap(([name, good, bad]): Case[] => [
    ...good.map((value) => stored(`${name} ${value}`, JSON.stringify({ page: '/', [name]: value }))),
    ...bad.map((value) =>
      fault(`${name} ${value}`, invalid, JSON.stringify({ page: '/', [name]: value }), {}, [`/${name}`]),
    ),
  ]),
}

/** A text of so many bytes whose last character is two of them. */
const wide = (size: number): string => 'a'.repeat(size % 2) + 'é'.repeat(Math.floor(size / 2))

const properties: Chapter = {
  name: 'C2 properties are few and small',
  definition: { attributes: ['plan'], groupBy: ['plan'] },
  cases: [
    ...[29, 30].map((count) => stored(`${count} properties`, withProps(count))),
    ...[31, 32, 5000].map((count) => fault(`${count} properties`, invalid, withProps(count), {}, ['/props'])),
    ...[30, 31].map((count): Case => {
      const what = `${count} undeclared members`
      const body = JSON.stringify({ page: '/', ...Object.fromEntries(numbered(count, (i) => [`k${i}`, i])) })
      return count > 30 ? fault(what, invalid, body) : stored(what, body)
    }),
    ...[30, 31].map((count): Case => {
      const what = `${count} undeclared members of a form`
      const body = new URLSearchParams([['page', '/'], ...numbered(count, (i) => [`k${i}`, '1'])]).toString()
      return count > 30
        ? fault(what, invalid, body, { headers: form })
        : stored(what, body, {}, { headers: form })
    }),
    fault(
      '16 and 15 of both',
      invalid,
      `{"page":"/",${numbered(16, (i) => `"u${i}":1`).join()},${withProps(15).slice(12)}`,
    ),
    stored('30 and a declared attribute', withProps(30).replace('{', '{"plan":"pro",'), { plan: 'pro' }),
    fault('8,000 members of a form', invalid, numbered(8000, (i) => `k${i}=1`).join('&'), { headers: form }),
    ...[299, 300].flatMap((size): Case[] => [
      stored(`a name of ${size} bytes`, JSON.stringify({ page: '/', props: { [wide(size)]: 1 } })),
      stored(`an undeclared name of ${size} bytes`, JSON.stringify({ page: '/', [wide(size)]: 1 })),
    ]),
    ...[301, 302, 60_000].flatMap((size): Case[] => [
      fault(`a name of ${size} bytes`, invalid, JSON.stringify({ page: '/', props: { [wide(size)]: 1 } })),
      fault(`an undeclared name of ${size} bytes`, invalid, JSON.stringify({ page: '/', [wide(size)]: 1 })),
    ]),
    ...[1999, 2000].flatMap((size): Case[] => [
      stored(`a value of ${size} bytes`, JSON.stringify({ page: '/', props: { x: wide(size) } })),
      stored(`a value of an attribute of ${size} bytes`, JSON.stringify({ page: '/', plan: wide(size) })),
    ]),
    ...[2001, 2002, 60_000].flatMap((size): Case[] => [
      fault(
        `a value of ${size} bytes`,
        invalid,
        JSON.stringify({ page: '/', props: { x: wide(size) } }),
        {},
        ['/props/x'],
      ),
      fault(
        `a value of an attribute of ${size} bytes`,
        invalid,
        JSON.stringify({ page: '/', plan: wide(size) }),
        {},
        ['/plan'],
      ),
    ]),
  ],
}

const times: Chapter = {
  name: 'C4 times are within what may be',
  cases: [
    ...['0', '1', '1580702706000', '1580702706000.9', '"now"', '"2020-02-03T04:05:06Z"', '"2020-02-29"'].map(
      (time) => stored(`time ${time}`, `{"page":"/","time":${time}}`, {}, { by: 'server' }),
    ),
    ...[
      ...['"2020-02-03T04:05:06.123456789+14:00"', '"2020-02-03T04:05Z"', '"2020-02-03T04:05:06-1100"'],
      ...['{now}', '{now+240000}', '"{iso+240000}"', '{now-90000000}', '"{iso-90000000}"'],
    ].map((time) => stored(`time ${time}`, `{"page":"/","time":${time}}`, {}, { by: 'server' })),
    ...[
      ...[
        '-1',
        '-1e300',
        '1e300',
        '8640000000000001',
        '253402300799999',
        '"9999-12-31T23:59:59Z"',
        '{now+310000}',
      ],
      ...[
        '"{iso+310000}"',
        '{now+90000000}',
        '1e400',
        'true',
        '[]',
        '{}',
        '"NOW"',
        '"yesterday"',
        '"1580702706000"',
      ],
      ...[
        '"2020-02-03T04:05:06"',
        '"2020-02-03 04:05:06Z"',
        '"20200203T040506Z"',
        '"2020-W06-1"',
        '"2020-034"',
      ],
      ...[
        '"2020-13-01T00:00:00Z"',
        '"2020-00-01T00:00:00Z"',
        '"2020-01-32T00:00:00Z"',
        '"2020-02-03T25:00:00Z"',
      ],
      ...['"2020-02-30T00:00:00Z"', '"2021-02-29"', '"2020-04-31T00:00:00Z"', '"2020-02-03T24:00:01Z"'],
      ...[
        '"2020-02-03T04:60:00Z"',
        '"2020-02-03T04:05:61Z"',
        '"2020-02-03T04:05:06+25:00"',
        '"1969-12-31T23:59:59Z"',
      ],
      ...['"+020200-02-03T04:05:06Z"', '"-000001-01-01T00:00:00Z"', '"2020-2-3"', '"2020-02-03T04:05:06.Z"'],
      ...['"2020-02-03T04:05:06Z\\n2020"', '"2020-02-03T04:05:06z"', '"Mon, 03 Feb 2020 04:05:06 GMT"'],
    ].map((time) =>
      fault(`time ${time}`, invalid, `{"page":"/","time":${time}}`, { by: 'server' }, ['/time']),
    ),
    ...['0', '1e300', '"yesterday"', '{}', '{now+90000000}'].map((time) =>
      stored(`time ${time} from a page`, `{"page":"/","time":${time}}`),
    ),
    stored(
      'a time and an age',
      '{"page":"/","time":1000,"age":5}',
      { time: '1970-01-01T00:00:01.000Z' },
      { by: 'server' },
    ),
    stored(
      'a time in a form',
      'page=/&time=1000',
      { time: '1970-01-01T00:00:01.000Z' },
      { by: 'server', headers: form },
    ),
    fault('a time in a form that is none', invalid, 'page=/&time=1e3', { by: 'server', headers: form }, [
      '/time',
    ]),
  ],
}

const addresses: Chapter = {
  name: 'P10 C4 a page is a URL or a path',
  cases: [
    ...[
      'http://',
      'https:///',
      '//',
      'https://?x',
      'http://[::1',
      'http://a b/',
      'https://x:99999/',
      'http://%00/',
      'file:///etc/passwd',
    ].map((url) => fault(url, invalid, JSON.stringify({ page: url }), {}, ['/page'])),
    ...[
      ['/', '/'],
      ['', undefined],
      ['x', '/x'],
      ['?a=1', '/'],
      ['#a', '/'],
      ['/a//b', '/a//b'],
      ['/a/../b', '/b'],
      ['/%2e%2e/b', '/b'],
      ['/a\\b', '/a/b'],
      ['https://x.example', '/'],
      ['HTTPS://X.EXAMPLE:8443/A?b#c', '/A'],
      ['//x.example/a', '/a'],
      ['https://u:p@x.example/a', '/a'],
      ['/%', '/%'],
      ['/%zz', '/%zz'],
      ['/%ff', '/%ff'],
      ['/a b', '/a b'],
      ['/\u00e9', '/\u00e9'],
    ].flatMap(([sent, kept]): Case[] =>
      kept === undefined ? [] : [stored(String(sent), JSON.stringify({ page: sent }), { page: kept })],
    ),
    ...['javascript:alert(1)', 'data:text/html,x', 'about:blank', 'mailto:a@b.example'].map((url) =>
      stored(url, JSON.stringify({ page: url })),
    ),
    stored('a page and nothing else', page, { name: 'pageview', page: '/' }),
  ],
}

export const fieldChapters: readonly Chapter[] = [lengths, types, ranges, properties, times, addresses]
