import { parquetMetadata } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toColumns } from '../../src/export/columns.ts'
import { parquet, rowGroupLimits } from '../../src/export/parquet.ts'
import { asRead, type Duck, openDuck, readWithHyparquet } from './parquet-readers.ts'
import { exported, variedRow } from './rows.ts'

const ROWS = 25_000
const columns = { attributes: ['plan', 'constructor', 'page', 'missing', 'with.dot', 'Page'] }
const names = toColumns(columns).map(({ name }) => name)

describe('Parquet', () => {
  let duck: Duck
  const rows = Array.from({ length: ROWS }, (_, i) => variedRow(i))
  let file: Uint8Array

  beforeAll(async () => {
    duck = await openDuck()
    file = await exported(parquet, rows, columns)
    await duck.load(file)
  })
  afterAll(() => duck.close())

  test('has the columns of CSV, with types', async () => {
    const described = await duck.ask(
      'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($1))',
    )
    expect(described.map(([name]) => name)).toEqual(names.map((name) => (name === 'Page' ? 'Page_1' : name)))
    const special = new Map([
      ['time', 'TIMESTAMP WITH TIME ZONE'],
      ['ms', 'DOUBLE'],
      ['depth', 'DOUBLE'],
      ['interactive', 'BOOLEAN'],
    ])
    for (const [name, type] of described) {
      expect([name, type]).toEqual([name, special.get(String(name)) ?? 'VARCHAR'])
    }
  })

  test('DuckDB reads every row as it was', async () => {
    const read = await duck.rows()
    expect(read).toHaveLength(ROWS)
    for (const [i, row] of rows.entries()) expect(read[i]).toEqual(Object.values(asRead(row, columns)))
  })

  test('DuckDB calculates with it', async () => {
    const sums = await duck.ask(`
      SELECT sum(revenue_amount::DECIMAL(18, 2))::VARCHAR, count(DISTINCT props->>'$."π 😀"'),
        count(*) FILTER (time < TIMESTAMPTZ '2023-11-14T22:13:21Z')
      FROM read_parquet($1)`)
    const revenue = rows.reduce((sum, row) => sum + Math.round(Number(row.revenue?.amount ?? 0) * 100), 0)
    expect(sums).toEqual([
      [
        (revenue / 100).toFixed(2),
        BigInt(rows.filter((row) => row.props).length),
        BigInt(rows.filter((row) => row.time < Date.parse('2023-11-14T22:13:21Z')).length),
      ],
    ])
  })

  test('DuckDB reads some columns of a range of time, and knows which row groups hold it', async () => {
    const [from = 0, to = 0] = [rows[9_990]?.time, rows[10_010]?.time]
    const read = await duck.ask(`
      SELECT page, depth, plan FROM read_parquet($1)
      WHERE time >= make_timestamptz(${from}000) AND time < make_timestamptz(${to}000) ORDER BY time`)
    expect(read).toEqual(
      rows
        .slice(9_990, 10_010)
        .map((row) => asRead(row, columns))
        .map(({ page, depth, plan }) => [page, depth, plan]),
    )
    const bounds = await duck.ask(`
      SELECT epoch_ms(stats_min_value::TIMESTAMPTZ), epoch_ms(stats_max_value::TIMESTAMPTZ)
      FROM parquet_metadata($1) WHERE path_in_schema = 'time' ORDER BY row_group_id`)
    expect(bounds.map((bound) => bound.map(Number))).toEqual(
      [
        [0, 9_999],
        [10_000, 19_999],
        [20_000, 24_999],
      ].map((ends) => ends.map((i) => rows[i]?.time)),
    )
  })

  test('hyparquet reads every row as it was', async () => {
    const read = await readWithHyparquet(file)
    expect(read).toHaveLength(ROWS)
    for (const [i, row] of rows.entries()) expect(read[i]).toEqual(asRead(row, columns))
    expect(JSON.parse(String(read[0]?.props))).toEqual(rows[0]?.props)
    expect(Object.keys(JSON.parse(String(read[0]?.props)))).toContain('__proto__')
  })

  test('is made of row groups of bounded size', async () => {
    const { row_groups } = parquetMetadata(file.buffer as ArrayBuffer)
    expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([10_000, 10_000, 5_000])

    const long = Array.from({ length: 3000 }, (_, i) => ({
      ...variedRow(i),
      title: `${i}`.padEnd(2048, '語'),
    }))
    const { row_groups: groups } = parquetMetadata((await exported(parquet, long)).buffer as ArrayBuffer)
    expect(groups.length).toBeGreaterThan(1)
    for (const { num_rows } of groups) {
      expect(Number(num_rows) * 2048).toBeLessThan(rowGroupLimits.characters + 4096)
    }
  })

  test('says where everything is', () => {
    const { row_groups, num_rows } = parquetMetadata(file.buffer as ArrayBuffer)
    expect(num_rows).toBe(BigInt(ROWS))
    let end = 4n
    for (const group of row_groups) {
      expect(group.file_offset).toBe(end)
      for (const { meta_data: chunk } of group.columns) {
        expect(chunk?.dictionary_page_offset ?? chunk?.data_page_offset).toBe(end)
        end += chunk?.total_compressed_size ?? 0n
      }
      expect(end - (group.file_offset ?? 0n)).toBe(group.total_compressed_size)
    }
  })

  test('of no rows is a file with columns', async () => {
    const empty = await exported(parquet, [], columns)
    await duck.load(empty)
    expect(await duck.ask('SELECT count(*), count(plan), max(time) FROM read_parquet($1)')).toEqual([
      [0n, 0n, null],
    ])
    expect(await duck.ask('SELECT page FROM read_parquet($1) WHERE time > now()')).toEqual([])
    expect(await duck.ask('SELECT count(*) FROM (DESCRIBE SELECT * FROM read_parquet($1))')).toEqual([
      [BigInt(names.length)],
    ])
    expect(await readWithHyparquet(empty)).toEqual([])
  })
})
