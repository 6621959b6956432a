import { join } from 'node:path'
import {
  BIGINT,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  INTEGER,
  UBIGINT,
  USMALLINT,
  UTINYINT,
  VARCHAR,
  version,
} from '@duckdb/node-api'
import type { Event } from '../../src/event.ts'
import type { Contestant } from '../contestant.ts'
import type { Question, Rows } from '../question.ts'
import { rowOf, type Style, sqlOf, styleNote } from './sql.ts'
import { type Column, type ColumnType, Tables, type Value } from './tables.ts'

const types: Readonly<Record<ColumnType, DuckDBType>> = {
  uint8: UTINYINT,
  uint16: USMALLINT,
  int32: INTEGER,
  int64: BIGINT,
  uint64: UBIGINT,
  text: VARCHAR,
}

/** Rows that a chunk holds at most. */
const CHUNK = 2048

export function createDuckdb(folder: string): Promise<Contestant> {
  return create('duckdb', folder, false)
}

/** The same with statements that count each day by itself. */
export function createDuckdbByDay(folder: string): Promise<Contestant> {
  return create('duckdb-by-day', folder, true)
}

async function create(name: string, folder: string, byDay: boolean): Promise<Contestant> {
  const path = join(folder, 'duckdb.db')
  const database = await DuckDBInstance.create(path, {
    threads: '1',
    memory_limit: '8GB',
    temp_directory: join(folder, 'duckdb.tmp'),
  })
  return new Duckdb(name, database, await database.connect(), { divide: '//', byDay })
}

class Duckdb implements Contestant {
  readonly name: string
  readonly note: string
  readonly #database: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #style: Style
  readonly #tables = new Tables()
  #bytes = 0

  constructor(name: string, database: DuckDBInstance, connection: DuckDBConnection, style: Style) {
    this.name = name
    this.note = `DuckDB ${version()}, 1 thread, tables in memory (bytes are those of the file they were loaded into); dictionary codes, rows by day and visitor, visits worked out before; ${styleNote(style)}`
    this.#database = database
    this.#connection = connection
    this.#style = style
  }

  async load(events: readonly Event[]): Promise<void> {
    const day = this.#tables.read(events)
    await this.#append('events', day.events)
    await this.#append('visits', day.visits)
  }

  async #append(table: string, columns: readonly Column[]): Promise<void> {
    const list = columns.map(({ name, type }) => `${name} ${types[type]}`).join(', ')
    await this.#connection.run(`create table if not exists ${table} (${list})`)
    const appender = await this.#connection.createAppender(table)
    appendRows(appender, columns)
    appender.closeSync()
  }

  async ready(): Promise<void> {
    for (const [field, { labels }] of this.#tables.dictionaries) {
      await this.#append(`labels_${field}`, [
        { name: 'code', type: 'int32', values: labels.map((_, code) => code) },
        { name: 'label', type: 'text', values: labels },
      ])
    }
    await this.#connection.run('checkpoint')
    this.#bytes = await this.#usedBytes()
    await this.#copyToMemory()
  }

  /** Of the file, which also has room for what it once held. */
  async #usedBytes(): Promise<number> {
    const reader = await this.#connection.runAndReadAll(
      'select used_blocks * block_size from pragma_database_size()',
    )
    return Number(reader.getRows()[0]?.[0])
  }

  /** Tables in memory are not compressed: filters on them are twice as fast as on a file's blocks in memory. */
  async #copyToMemory(): Promise<void> {
    const reader = await this.#connection.runAndReadAll('select table_name from duckdb_tables()')
    await this.#connection.run("attach ':memory:' as warm")
    for (const [name] of reader.getRows()) {
      await this.#connection.run(`create table warm.${name} as select * from ${name}`)
    }
    await this.#connection.run('use warm')
  }

  async ask(question: Question): Promise<Rows> {
    const rows = []
    for (const part of question.parts) {
      const reader = await this.#connection.runAndReadAll(sqlOf(part, this.#tables, this.#style))
      for (const row of reader.getRows()) rows.push(rowOf(part, row))
    }
    return rows
  }

  async bytes(): Promise<number> {
    return this.#bytes
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#database.closeSync()
  }
}

function appendRows(appender: DuckDBAppender, columns: readonly Column[]): void {
  const rows = columns[0]?.values.length ?? 0
  for (let from = 0; from < rows; from += CHUNK) {
    const count = Math.min(CHUNK, rows - from)
    const chunk = DuckDBDataChunk.create(
      columns.map(({ type }) => types[type]),
      count,
    )
    for (const [at, { type, values }] of columns.entries()) {
      const slice = values.slice(from, from + count)
      chunk.setColumnValues(at, type === 'int64' ? slice.map(toBigInt) : slice)
    }
    appender.appendDataChunk(chunk)
  }
}

function toBigInt(value: Value): bigint | null {
  return value === null ? null : BigInt(value)
}
