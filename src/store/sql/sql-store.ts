import { unavailable } from '../../errors.ts'
import type { Append, Seal, Store, Tail, Wanted } from '../store.ts'
import type { SqlPort, SqlRow } from './port.ts'

/** Tables are clustered by their key and have no other index: at Cloudflare every index is a billed row. */
const schema = [
  `CREATE TABLE IF NOT EXISTS journal (
     collection TEXT NOT NULL, position INTEGER NOT NULL, entry TEXT NOT NULL,
     PRIMARY KEY (collection, position)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS sealed (
     collection TEXT PRIMARY KEY, epoch INTEGER NOT NULL, version INTEGER NOT NULL, base INTEGER NOT NULL,
     manifest TEXT) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS pending (
     collection TEXT NOT NULL, segment TEXT NOT NULL, PRIMARY KEY (collection, segment)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS part (
     collection TEXT NOT NULL, segment TEXT NOT NULL, name TEXT NOT NULL, piece INTEGER NOT NULL,
     bytes BLOB NOT NULL, PRIMARY KEY (collection, segment, name, piece)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS document (
     kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID`,
]

/** Bytes of a part in one row: a Durable Object's row may have 2 MB. */
const PIECE = 1_000_000

/** Positions go on where the last one was, also when the entry that had it is sealed and gone. */
const APPEND = `INSERT INTO journal (collection, position, entry)
  SELECT ?1, 1 + max(coalesce((SELECT max(position) FROM journal WHERE collection = ?1), 0),
                     coalesce((SELECT base FROM sealed WHERE collection = ?1), 0)), ?2`

/** One statement, so that state and entries are of one moment though other processes write. The first row is the state. */
const TAIL = `SELECT 0 AS position,
    coalesce((SELECT epoch FROM sealed WHERE collection = ?1), 0) AS epoch,
    coalesce((SELECT version FROM sealed WHERE collection = ?1), 0) AS version,
    coalesce((SELECT base FROM sealed WHERE collection = ?1), 0) AS base,
    (SELECT manifest FROM sealed WHERE collection = ?1 AND version <> ?4) AS text
  UNION ALL SELECT * FROM (
    SELECT position, 0, 0, 0, entry FROM journal WHERE collection = ?1 AND position > ?2
    ORDER BY position LIMIT ?3)`

const CLEAR = ['journal', 'pending', 'part'].map((table) => `DELETE FROM ${table} WHERE collection = ?1`)
const NEXT_EPOCH = `INSERT INTO sealed (collection, epoch, version, base) VALUES (?1, 1, 1, 0)
  ON CONFLICT (collection) DO UPDATE SET epoch = epoch + 1, version = version + 1, base = 0, manifest = NULL`

const COMMIT = `INSERT INTO sealed (collection, epoch, version, base, manifest) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (collection) DO UPDATE SET version = ?3, base = ?4, manifest = ?5`

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
    tail: (collection, after, limit, known = 0) => run(() => readTail(sql, collection, after, limit, known)),
    clear: (collection) =>
      run(() =>
        sql.transaction(() => {
          for (const statement of CLEAR) sql.exec(statement, collection)
          sql.exec(NEXT_EPOCH, collection)
        }),
      ),
    put: (collection, segment, parts) =>
      run(() => sql.transaction(() => putParts(sql, collection, segment, parts))),
    parts: (collection, wanted: readonly Wanted[]) =>
      run(
        () =>
          new Map(wanted.map(({ segment, names }) => [segment, readParts(sql, collection, segment, names)])),
      ),
    commit: (collection, seal) => run(() => sql.transaction(() => commit(sql, collection, seal))),
    remove: (collection, segment, names) =>
      run(() => sql.transaction(() => removeParts(sql, collection, segment, names))),
    // A commit removes all it should by itself.
    async sweep(): Promise<void> {},
    documents: (kind) =>
      run(() => {
        const rows = sql.exec('SELECT name, body FROM document WHERE kind = ?1', kind)
        return new Map(rows.map((row) => [String(row.name), String(row.body)]))
      }),
    replace: (kind, name, before, after) =>
      run(() => sql.transaction(() => replaceDocument(sql, kind, name, before, after))),
    scrub: () => run(() => sql.scrub?.()),
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

function readTail(sql: SqlPort, collection: string, after: number, limit: number, known: number): Tail {
  const [state, ...rows] = sql.exec(TAIL, collection, after, limit, known)
  const base = Number(state?.base)
  return {
    epoch: Number(state?.epoch),
    version: Number(state?.version),
    base,
    manifest: textOf(state?.text),
    entries: rows.map((row) => String(row.text)),
    position: rows.length > 0 ? Number(rows.at(-1)?.position) : Math.max(after, base),
    hasMore: rows.length === limit,
  }
}

function textOf(value: SqlRow[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function putParts(
  sql: SqlPort,
  collection: string,
  segment: string,
  parts: ReadonlyMap<string, Uint8Array>,
): void {
  sql.exec('INSERT INTO pending (collection, segment) VALUES (?1, ?2)', collection, segment)
  for (const [name, bytes] of parts) {
    for (let piece = 0; piece * PIECE < bytes.length; piece++) {
      sql.exec(
        'INSERT INTO part (collection, segment, name, piece, bytes) VALUES (?1, ?2, ?3, ?4, ?5)',
        collection,
        segment,
        name,
        piece,
        bytes.subarray(piece * PIECE, (piece + 1) * PIECE),
      )
    }
  }
}

function readParts(
  sql: SqlPort,
  collection: string,
  segment: string,
  names: readonly string[],
): ReadonlyMap<string, Uint8Array> {
  const rows = sql.exec(
    `SELECT name, bytes FROM part WHERE collection = ?1 AND segment = ?2
       AND name IN (SELECT value FROM json_each(?3)) ORDER BY name, piece`,
    collection,
    segment,
    JSON.stringify(names),
  )
  const parts = new Map<string, Uint8Array>()
  for (const { name, bytes } of rows) {
    const before = parts.get(String(name))
    parts.set(String(name), before ? concat(before, bytes as Uint8Array) : (bytes as Uint8Array))
  }
  return parts
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}

function commit(sql: SqlPort, collection: string, seal: Seal): boolean {
  const { epoch, version, manifest, position, added, dropped } = seal
  const [state] = sql.exec('SELECT epoch, version FROM sealed WHERE collection = ?1', collection)
  if (Number(state?.epoch ?? 0) !== epoch || Number(state?.version ?? 0) !== version) return false
  const pending = sql
    .exec('SELECT segment FROM pending WHERE collection = ?1', collection)
    .map((row) => String(row.segment))
  for (const segment of [...pending, ...dropped]) {
    if (!added.includes(segment))
      sql.exec('DELETE FROM part WHERE collection = ?1 AND segment = ?2', collection, segment)
  }
  sql.exec('DELETE FROM pending WHERE collection = ?1', collection)
  sql.exec('DELETE FROM journal WHERE collection = ?1 AND position <= ?2', collection, position)
  sql.exec(COMMIT, collection, epoch, version + 1, position, manifest)
  return true
}

function removeParts(sql: SqlPort, collection: string, segment: string, names: readonly string[]): void {
  sql.exec(
    `DELETE FROM part WHERE collection = ?1 AND segment = ?2
       AND name IN (SELECT value FROM json_each(?3))`,
    collection,
    segment,
    JSON.stringify(names),
  )
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
