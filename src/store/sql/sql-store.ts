import { unavailable } from '../../errors.ts'
import type { Append, Store, Tail } from '../store.ts'
import type { SqlPort } from './port.ts'

/** Tables are clustered by their key and have no other index: at Cloudflare every index is a billed row. */
const schema = [
  `CREATE TABLE IF NOT EXISTS journal (
     collection TEXT NOT NULL, position INTEGER NOT NULL, entry TEXT NOT NULL,
     PRIMARY KEY (collection, position)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS epoch (
     collection TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS document (
     kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID`,
]

const APPEND = `INSERT INTO journal (collection, position, entry)
  SELECT ?1, 1 + coalesce((SELECT max(position) FROM journal WHERE collection = ?1), 0), ?2`

/** One statement, so that epoch and entries are of one moment though other processes write. */
const TAIL = `SELECT now.epoch, journal.position, journal.entry
  FROM (SELECT coalesce((SELECT epoch FROM epoch WHERE collection = ?1), 0) AS epoch) AS now
  LEFT JOIN (SELECT position, entry FROM journal WHERE collection = ?1 AND position > ?2
             ORDER BY position LIMIT ?3) AS journal
  ORDER BY journal.position`

const CLEAR = 'DELETE FROM journal WHERE collection = ?1'
const NEXT_EPOCH = `INSERT INTO epoch (collection, epoch) VALUES (?1, 1)
  ON CONFLICT (collection) DO UPDATE SET epoch = epoch + 1`

/** Keeps everything in one SQLite, whoever opened it. The tables are made at first use. */
export function sqlStore(sql: SqlPort): Store {
  let isReady = false

  /** Runs work on a database that has its tables; whatever the driver throws becomes `unavailable`. */
  async function run<T>(work: () => T): Promise<T> {
    try {
      if (!isReady) prepare(sql)
      isReady = true
      return work()
    } catch (error) {
      isReady = false
      throw unavailable(error)
    }
  }

  return {
    atom: 'store',
    append: (appends: readonly Append[]) =>
      run(() =>
        sql.transaction(() => {
          for (const { collection, entries } of appends) {
            for (const entry of entries) sql.exec(APPEND, collection, entry)
          }
        }),
      ),
    tail: (collection, after, limit) => run(() => readTail(sql, collection, after, limit)),
    clear: (collection) =>
      run(() =>
        sql.transaction(() => {
          sql.exec(CLEAR, collection)
          sql.exec(NEXT_EPOCH, collection)
        }),
      ),
    documents: (kind) =>
      run(() => {
        const rows = sql.exec('SELECT name, body FROM document WHERE kind = ?1', kind)
        return new Map(rows.map((row) => [String(row.name), String(row.body)]))
      }),
    replace: (kind, name, before, after) =>
      run(() => sql.transaction(() => replaceDocument(sql, kind, name, before, after))),
    durability: () =>
      run(() => {
        sql.exec('SELECT 1')
        return 'always' as const
      }),
    async close(): Promise<void> {
      sql.close()
    },
  }
}

/** Tables are only made where they are missing: a look is free, at Cloudflare a write is billed. */
function prepare(sql: SqlPort): void {
  const found = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'document'")
  if (found.length > 0) return
  sql.transaction(() => {
    for (const table of schema) sql.exec(table)
  })
}

function readTail(sql: SqlPort, collection: string, after: number, limit: number): Tail {
  const rows = sql.exec(TAIL, collection, after, limit)
  const entries = rows.filter((row) => row.entry !== null)
  const last = entries.at(-1)
  return {
    epoch: Number(rows[0]?.epoch ?? 0),
    entries: entries.map((row) => String(row.entry)),
    position: last ? Number(last.position) : after,
  }
}

function replaceDocument(
  sql: SqlPort,
  kind: string,
  name: string,
  before: string | null,
  after: string | null,
): boolean {
  const [row] = sql.exec('SELECT body FROM document WHERE kind = ?1 AND name = ?2', kind, name)
  if ((row?.body ?? null) !== before) return false
  if (after === null) sql.exec('DELETE FROM document WHERE kind = ?1 AND name = ?2', kind, name)
  else {
    sql.exec(
      `INSERT INTO document (kind, name, body) VALUES (?1, ?2, ?3)
       ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`,
      kind,
      name,
      after,
    )
  }
  return true
}
