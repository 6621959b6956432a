import {
  bytes,
  type Case,
  type Chapter,
  fault,
  gzip,
  gzipped,
  invalid,
  malformed,
  ndjson,
  numbered,
  page,
  tooLarge,
  type Verdict,
} from './case.ts'

// docs: reference, "Body and encoding" (P11) and "Abuse" (C5): many events in one beacon, and reports.

const many = (count: number, item: string = page): string => `[${numbered(count, () => item).join()}]`
const lines = (count: number, item: string = page): string => `${item}\n`.repeat(count)
const allStored = (count: number): Verdict => ({
  ...{ status: 201, stored: count },
  answer: { accepted: count, refused: [], invalid: [] },
})

const batches: Chapter = {
  name: 'P11 a batch has 1 to 1,000 events',
  cases: [
    ...[1, 2, 999, 1000].flatMap((count): Case[] => [
      { what: `${count} in an array`, body: many(count), says: allStored(count) },
      { what: `${count} lines`, body: lines(count), headers: ndjson, says: allStored(count) },
    ]),
    { what: '1,000 in gzip', body: gzip(many(1000)), headers: gzipped, says: allStored(1000) },
    {
      what: '1,000 of 5 kB each from a server',
      by: 'server',
      says: allStored(1000),
      body: many(1000, wide(5000)),
    },
    { what: '2 lines without their type', body: lines(2), says: allStored(2) },
    { what: 'lines that end in two signs', body: `${page}\r\n${page}\r\n`, says: allStored(2) },
    { what: 'lines with empty ones', body: `\n\n${page}\n \n${page}`, headers: ndjson, says: allStored(2) },
    { what: 'one line', body: page, headers: ndjson, says: allStored(1) },
    ...[1001, 1002, 4000].flatMap((count): Case[] => [
      fault(`${count} in an array`, tooLarge, many(count)),
      fault(`${count} lines`, tooLarge, lines(count), { headers: ndjson }),
      fault(`${count} in gzip`, tooLarge, gzip(many(count)), { headers: gzipped }),
      fault(`${count} scalars`, tooLarge, many(count, '0')),
    ]),
    fault('10,001 from a server', tooLarge, many(10_001), { by: 'server' }),
    fault('100,000 lines from a server', tooLarge, lines(100_000), { by: 'server', headers: ndjson }),
    fault('no line', malformed, '\n \n', { headers: ndjson }),
  ],
}

/** An event with as many bytes, in properties. */
function wide(size: number): string {
  const props = Object.fromEntries(numbered(Math.floor(size / 2000), (i) => [`k${i}`, 'v'.repeat(1990)]))
  return JSON.stringify({ page: '/', props })
}

const at = (...indexes: readonly number[]): readonly { readonly index: number; readonly code: string }[] =>
  indexes.map((index) => ({ index, code: 'invalid_event' }))

/** One good event among bad ones, or the other way round. */
const mixed: Chapter = {
  name: 'P11 the events of a batch are judged one by one',
  cases: [
    ...[0, 1, 499].map((index): Case => {
      const items = numbered(500, (i) => (i === index ? '{"page":5}' : page))
      return {
        what: `number ${index} of 500 is wrong`,
        body: `[${items.join()}]`,
        says: { status: 207, stored: 499, answer: { accepted: 499, invalid: at(index) } },
      }
    }),
    ...[
      ...[
        '5',
        'null',
        'true',
        '"x"',
        '[]',
        '[{"page":"/"}]',
        '{}',
        '{"page":"/","age":-1}',
        '{"page":"/","x":{}}',
      ],
      ...[
        '{"page":"/","x":1e400}',
        '{"page":"/","props":[]}',
        '{"__proto__":{"page":"/"}}',
        '"{\\"page\\":\\"/\\"}"',
      ],
    ].map(
      (item): Case => ({
        what: `${item} among good ones`,
        body: `[${page},${item},${page}]`,
        says: { status: 207, stored: 2, answer: { accepted: 2, invalid: at(1) } },
      }),
    ),
    ...[
      '5',
      '{',
      'x',
      '"x',
      '{"page":"/"',
      '}',
      '[]',
      'null',
      '\ufeff{"page":"/"}',
      '{"page":"/"},',
      '\u0000',
    ].map(
      (line): Case => ({
        what: `a line ${JSON.stringify(line)} among good ones`,
        body: `${page}\n${line}\n${page}`,
        headers: ndjson,
        says: { status: 207, stored: 2, answer: { accepted: 2, invalid: at(1) } },
      }),
    ),
    {
      what: 'a last line that is cut short',
      body: `${page}\n{"page":"/`,
      headers: ndjson,
      says: { status: 207, stored: 1, answer: { accepted: 1, invalid: at(1) } },
    },
    ...['[5]', '[null]', '[[]]', '[{}]', '["x",5]'].map(
      (body): Case => ({
        what: `nothing good in ${body}`,
        body,
        says: { status: 422, answer: { accepted: 0, refused: [] } },
      }),
    ),
    ...['5\n', 'x\n', '{\n'].map(
      (body): Case => ({
        what: `nothing good in the line ${JSON.stringify(body)}`,
        body,
        headers: ndjson,
        says: { status: 422, answer: { accepted: 0, invalid: at(0) } },
      }),
    ),
    {
      what: 'a thousand wrong ones',
      body: many(1000, '{"page":5}'),
      says: { status: 422, answer: { accepted: 0, invalid: at(...numbered(1000, (i) => i)) } },
    },
    fault('wrong UTF-8 in one of them', malformed, bytes(`[${page},{"page":"/`, [0xff], '"}]')),
    fault('one that is not even JSON', malformed, `[${page},{"page":}]`),
  ],
}

const same = '{"page":"/","id":"same"}'

const repeats: Chapter = {
  name: 'C5 an id counts once',
  cases: [
    {
      what: 'a thousand times in one batch',
      body: many(1000, same),
      says: { status: 201, stored: 1, answer: { accepted: 1000 } },
    },
    { what: 'again by itself', body: same, says: { status: 201, stored: 0 } },
    {
      what: 'again with another page and age',
      body: '{"page":"/x","id":"same","age":86400000}',
      says: { status: 201 },
    },
    {
      what: 'again from a server, of another year',
      body: '{"page":"/","id":"same","time":0}',
      by: 'server',
      says: { status: 201 },
    },
    { what: 'again as another event', body: '{"name":"x","id":"same"}', says: { status: 201, stored: 0 } },
    {
      what: 'again with a control in it',
      body: '{"page":"/","id":"sa\\u0000me"}',
      says: { status: 201, stored: 0 },
    },
    { what: 'in another case', body: '{"page":"/","id":"SAME"}', says: { status: 201, stored: 1 } },
    {
      what: 'again as a pixel',
      method: 'GET',
      path: '/{site}?page=/&id=same',
      says: { status: 200, stored: 0 },
    },
  ],
}

const url = 'https://x.example/'
const report = (body: string, more = ''): string => `{"type":"t","url":"${url}","body":${body}${more}}`

const reports: Chapter = {
  name: 'P10 nothing of a report is a fault',
  cases: [
    ...[
      ...[report('{}'), report('{"a":{}}'), report('{"a":[]}'), report('{"a":1e400}'), report('{"a":null}')],
      ...[
        report('{}', ',"age":-1'),
        report('{}', ',"age":1e400'),
        report('{}', ',"age":"x"'),
        report('{}', ',"age":{}'),
      ],
      ...[report('{}', ',"user_agent":5'), report('{}', ',"user_agent":{}'), report('{}', ',"x":{}')],
      ...[report('null'), '{"type":"t","url":5,"body":{}}', '{"type":"t","url":"about:blank","body":{}}'],
      ...['{"type":"t","url":"http://[","body":{}}', '{"type":"t","body":{}}', '{"csp-report":{}}'],
      ...['{"csp-report":{"document-uri":5}}', '{"csp-report":{"document-uri":{"a":1}}}'],
      ...['{"csp-report":{"violated-directive":""}}', '{"csp-report":{"-a":1,"--":2,"a-":3}}'],
      `{"type":${JSON.stringify('t'.repeat(10_000))},"url":"/","body":{}}`,
      `{"type":"t","url":"https://x.example/${'a'.repeat(50_000)}","body":{}}`,
      report(JSON.stringify({ [`k${'x'.repeat(20_000)}`]: 'v'.repeat(20_000) })),
      report(JSON.stringify(Object.fromEntries(numbered(5000, (i) => [`k${i}`, i])))),
      report(JSON.stringify({ sourceFile: '/'.repeat(30_000), sample: '@'.repeat(20_000) })),
    ].map((body, i): Case => ({ what: `${i} ${body.slice(0, 60)}`, body, says: { status: 201, stored: 1 } })),
    ...[
      '{"type":"","body":{}}',
      '{"type":5,"body":{}}',
      '{"type":"t","body":"x"}',
      '{"type":"t","body":[]}',
    ].map((body) => fault(`no report ${body}`, invalid, body)),
    fault('no report of old', invalid, '{"csp-report":[]}'),
    {
      what: 'reports among events',
      body: `[${report('{}')},${page},{"csp-report":{}},{"type":5}]`,
      says: { status: 207, stored: 3, answer: { accepted: 3, invalid: at(3) } },
    },
  ],
}

export const batchChapters: readonly Chapter[] = [batches, mixed, repeats, reports]
