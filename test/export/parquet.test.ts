import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeptEvent } from '../../src/event.ts'
import { toColumns } from '../../src/export/columns.ts'
import { parquet, rowGroupLimits } from '../../src/export/parquet.ts'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { exported, variedRow } from './rows.ts'

const ROWS = 25_000
const columns = { attributes: ['plan', 'constructor', 'page', 'missing', 'with.dot', 'Page'] }
const names = toColumns(columns).map(({ name }) => name)

/** A row as a reader has it, its time in ms. */
function asRead(row: KeptEvent): Readonly<Record<string, unknown>> {
  const values = toColumns(columns).map(({ name, kind, read }) => {
    const value = read(row) ?? null
    return [name, value !== null && (kind === 'text' || kind === 'decimal') ? String(value) : value]
  })
  return Object.fromEntries(values)
}

describe('Parquet', () => {
  let folder: Folder
  let duck: DuckDBConnection
  const rows = Array.from({ length: ROWS }, (_, i) => variedRow(i))
  let file: Uint8Array
  let path: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    duck = await (await DuckDBInstance.create(':memory:')).connect()
    file = await exported(parquet, rows, columns)
    path = join(folder.path, 'events.parquet')
    await writeFile(path, file)
  })
  afterAll(async () => {
    duck.closeSync()
    await folder.remove()
  })

  async function ask(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await duck.runAndReadAll(sql, [path])).getRowsJS()
  }

  test('has the columns of CSV, with types', async () => {
    const described = await ask(
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
    const read = await ask('SELECT epoch_ms(time), * EXCLUDE (time) FROM read_parquet($1)')
    expect(read).toHaveLength(ROWS)
    for (const [i, row] of rows.entries()) {
      expect(read[i]?.map((value) => (typeof value === 'bigint' ? Number(value) : value))).toEqual(
        Object.values(asRead(row)),
      )
    }
  })

  test('DuckDB calculates with it', async () => {
    const sums = await ask(`
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

  test('hyparquet reads every row as it was', async () => {
    const read = await parquetReadObjects({ file: file.buffer as ArrayBuffer })
    expect(read).toHaveLength(ROWS)
    for (const [i, row] of rows.entries()) {
      const { time, ...rest } = read[i] ?? {}
      expect({ ...rest, time: Number(time) }).toEqual(asRead(row))
    }
    expect(JSON.parse(read[0]?.props)).toEqual(rows[0]?.props)
    expect(Object.keys(JSON.parse(read[0]?.props))).toContain('__proto__')
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

  test('of no rows is a file with columns', async () => {
    const empty = await exported(parquet, [], columns)
    path = join(folder.path, 'empty.parquet')
    await writeFile(path, empty)
    expect(await ask('SELECT count(*), count(plan) FROM read_parquet($1)')).toEqual([[0n, 0n]])
    expect(await parquetReadObjects({ file: empty.buffer as ArrayBuffer })).toEqual([])
  })
})
