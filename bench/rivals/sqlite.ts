import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Event } from '../../src/event.ts'
import type { Contestant } from '../contestant.ts'
import type { Question, Rows } from '../question.ts'
import { rowOf, type Style, sqlOf, styleNote } from './sql.ts'
import { type Column, Tables, type Value } from './tables.ts'

const style: Style = { divide: '/', byDay: false }

export async function createSqlite(folder: string): Promise<Contestant> {
  return new Sqlite(join(folder, 'sqlite.db'))
}

class Sqlite implements Contestant {
  readonly name = 'sqlite'
  readonly note =
    `SQLite ${process.versions.sqlite}, a file that is whole in its cache; dictionary codes, index on (site, ts), visits worked out before; ${styleNote(style)}`
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #tables = new Tables()

  constructor(path: string) {
    this.#path = path
    this.#database = new DatabaseSync(path)
    // Loading need not survive a crash; asking finds everything in memory.
    this.#database.exec(
      'pragma journal_mode = off; pragma synchronous = off; pragma temp_store = memory; pragma cache_size = -4000000',
    )
  }

  async load(events: readonly Event[]): Promise<void> {
    const day = this.#tables.read(events)
    this.#insert('events', day.events)
    this.#insert('visits', day.visits)
  }

  #insert(table: string, columns: readonly Column[]): void {
    const list = columns.map(({ name, type }) => `${name} ${type === 'text' ? 'text' : 'integer'}`).join(', ')
    this.#database.exec(`create table if not exists ${table} (${list}); begin`)
    const insert = this.#database.prepare(
      `insert into ${table} values (${columns.map(() => '?').join(', ')})`,
    )
    const rows = columns[0]?.values.length ?? 0
    for (let index = 0; index < rows; index += 1) {
      insert.run(...columns.map(({ values }) => toSqlite(values[index] ?? null)))
    }
    this.#database.exec('commit')
  }

  async ready(): Promise<void> {
    for (const [field, { labels }] of this.#tables.dictionaries) {
      this.#insert(`labels_${field}`, [
        { name: 'code', type: 'int32', values: labels.map((_, code) => code) },
        { name: 'label', type: 'text', values: labels },
      ])
      this.#database.exec(`create unique index labels_${field}_code on labels_${field} (code)`)
    }
    this.#database.exec(
      'create index events_ts on events (site, ts); create index visits_ts on visits (site, ts); analyze',
    )
  }

  async ask(question: Question): Promise<Rows> {
    return question.parts.flatMap((part) => {
      const select = this.#database.prepare(sqlOf(part, this.#tables, style))
      select.setReturnArrays(true)
      return (select.all() as unknown as (readonly unknown[])[]).map((row) => rowOf(part, row))
    })
  }

  async bytes(): Promise<number> {
    return (await stat(this.#path)).size
  }

  async close(): Promise<void> {
    this.#database.close()
  }
}

/** SQLite's integers have a sign. */
function toSqlite(value: Value): Value {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value
}
