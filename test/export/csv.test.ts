import { describe, expect, test } from 'vitest'
import type { KeptEvent } from '../../src/event.ts'
import { csv } from '../../src/export/csv.ts'
import { exported, variedRow } from './rows.ts'

const HEAD =
  'time,name,id,page,hostname,referrer,source,medium,campaign,term,content,utm_source,utm_medium,utm_campaign,' +
  'utm_term,utm_content,channel,click_id,browser,browser_version,os,os_version,device,screen,language,country,' +
  'region,city,zone,title,ms,depth,interactive,revenue_amount,revenue_currency'

async function textOf(rows: readonly KeptEvent[], attributes: readonly string[] = []): Promise<string> {
  return new TextDecoder().decode(await exported(csv, rows, { attributes }))
}

/** The cells of a record after the header, by column. */
async function recordOf(
  row: Partial<KeptEvent>,
  attributes: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const [names = [], cells = []] = parse(await textOf([{ name: 'n', time: 0, ...row }], attributes))
  return new Map(names.map((name, i) => [name, cells[i] ?? 'none']))
}

describe('CSV', () => {
  test('begins with the names of its columns, even without rows', async () => {
    expect(await textOf([])).toBe(`${HEAD},props\r\n`)
    expect(await textOf([], ['plan', 'page', 'plan', 'revenue_amount'])).toBe(
      `${HEAD},plan,attributes.revenue_amount,props\r\n`,
    )
  })

  test('has a cell for every column, empty where there is no value', async () => {
    const text = await textOf([{ name: 'pageview', time: 1_700_000_000_123, id: 'a' }], ['plan'])
    expect(text).toBe(`${HEAD},plan,props\r\n2023-11-14T22:13:20.123Z,pageview,a${','.repeat(34)}\r\n`)
  })

  test('has attributes in columns of their own and properties as JSON', async () => {
    const row = await recordOf(
      {
        ms: 1.5,
        depth: 0,
        interactive: false,
        revenue: { amount: '-5.10', currency: 'EUR' },
        attributes: { plan: 'pro', seats: 3, paid: true },
        props: { a: '"', n: -1 },
      },
      ['plan', 'seats', 'paid', 'toString'],
    )
    expect(Object.fromEntries(row)).toMatchObject({
      ms: '1.5',
      depth: '0',
      interactive: 'false',
      revenue_amount: '-5.10',
      revenue_currency: 'EUR',
      plan: 'pro',
      seats: '3',
      paid: 'true',
      toString: '',
      props: '{"a":"\\"","n":-1}',
    })
  })

  test('quotes what has commas, quotes and ends of lines', async () => {
    const text = await textOf([{ name: 'a "b", c', time: 0, id: 'x\ny', page: '/\r\n', title: ' plain ' }])
    expect(text).toContain('1970-01-01T00:00:00.000Z,"a ""b"", c","x\ny","/\r\n",')
    expect(text).toContain(', plain ,')
  })

  test('comes back as it was, whatever the texts', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => variedRow(i))
    const [, ...records] = parse(await textOf(rows))
    expect(records.map(([, name, id, page]) => [name, id, page?.replace(/^'/, '')])).toEqual(
      rows.map(({ name, id = '', page }) => [name, id, page]),
    )
  })

  const formulas = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\tx',
    '\rx',
    '\nx',
    ' =1',
    '\u00a0\u3000=1',
    '\ufeff=1',
    '＝1',
    '＋1',
    '－1',
    ' ＠x',
    '-',
    '="a,b"',
  ]
  for (const formula of formulas) {
    test(`${JSON.stringify(formula)} is no formula in a cell`, async () => {
      const row = await recordOf(
        { name: formula, id: formula, title: formula, attributes: { plan: formula } },
        ['plan'],
      )
      for (const name of ['name', 'id', 'title', 'plan']) expect(row.get(name)).toBe(`'${formula}`)
    })
  }

  test('leaves numbers and texts that are no formulas alone', async () => {
    const row = await recordOf(
      { name: "a=1 '", page: '/-=@', ms: -1, depth: -0.5, attributes: { debt: -5, text: ' x' } },
      ['debt', 'text'],
    )
    expect(Object.fromEntries(row)).toMatchObject({
      name: "a=1 '",
      page: '/-=@',
      ms: '-1',
      depth: '-0.5',
      debt: '-5',
      text: ' x',
    })
  })
})

/** RFC 4180, read strictly: records end with CRLF, a quote inside a quoted cell is doubled. */
function parse(text: string): readonly (readonly string[])[] {
  const records: string[][] = []
  let record: string[] = []
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  while (token.lastIndex < text.length) {
    const [, quoted, plain = '', end] = token.exec(text) ?? []
    if (end === undefined) throw new Error('This is not CSV.')
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== '\r\n') continue
    records.push(record)
    record = []
  }
  return records
}
