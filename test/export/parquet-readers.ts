import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { parquetReadObjects } from 'hyparquet'
import type { KeptEvent, Scalar } from '../../src/event.ts'
import { type ExportColumns, toColumns } from '../../src/export/columns.ts'
import { temporaryFolder } from '../support/child.ts'

type Cells = Readonly<Record<string, Scalar | null>>

/** A row as a reader has it, its time in ms. */
export function asRead(row: KeptEvent, columns: ExportColumns): Cells {
  const values = toColumns(columns).map(({ name, kind, read }) => {
    const value = read(row) ?? null
    return [name, value !== null && (kind === 'text' || kind === 'decimal') ? String(value) : value]
  })
  return Object.fromEntries(values)
}

/** The rows of a file as hyparquet reads them. */
export async function readWithHyparquet(file: Uint8Array): Promise<readonly Cells[]> {
  const rows = await parquetReadObjects({ file: file.buffer as ArrayBuffer })
  return rows.map(({ time, ...rest }) => ({ time: Number(time), ...rest }))
}

/** DuckDB with a file at hand. */
export interface Duck {
  load(file: Uint8Array): Promise<void>
  /** Asks about the file, whose path is `$1`. */
  ask(sql: string): Promise<readonly (readonly unknown[])[]>
  /** The rows of the file, times in ms. */
  rows(): Promise<readonly (readonly unknown[])[]>
  close(): Promise<void>
}

export async function openDuck(): Promise<Duck> {
  const folder = await temporaryFolder()
  const connection: DuckDBConnection = await (await DuckDBInstance.create(':memory:')).connect()
  let files = 0
  let path = ''

  async function ask(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await connection.runAndReadAll(sql, [path])).getRowsJS()
  }

  return {
    async load(file) {
      path = join(folder.path, `${files++}.parquet`)
      await writeFile(path, file)
    },
    ask,
    async rows() {
      const rows = await ask('SELECT epoch_ms(time), * EXCLUDE (time) FROM read_parquet($1)')
      return rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)))
    },
    async close() {
      connection.closeSync()
      await folder.remove()
    },
  }
}
