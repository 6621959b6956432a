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
  `CREATE TABLE IF NOT EXISTS doomed (
     collection TEXT NOT NULL, segment TEXT NOT NULL, PRIMARY KEY (collection, segment)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS document (
     kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID`,
]

/** Bytes of a part in one row: a Durable Object's row may have 2 MB. */
const PIECE = 1_000_000

/** Bytes that one transaction writes or removes, and pieces that one statement reads: others wait for it. */
const STEP = 2_000_000
const PIECES = 16

/** Entries of a journal that one transaction removes at most, and that are looked at to learn how long they are. */
const ENTRIES = 2000
const SAMPLE = 8

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
      AND position > coalesce((SELECT base FROM sealed WHERE collection = ?1), 0)
    ORDER BY position LIMIT ?3)`

const CLEAR = ['journal', 'pending', 'doomed', 'part'].map(
  (table) => `DELETE FROM ${table} WHERE collection = ?1`,
)
const NEXT_EPOCH = `INSERT INTO sealed (collection, epoch, version, base) VALUES (?1, 1, 1, 0)
  ON CONFLICT (collection) DO UPDATE SET epoch = epoch + 1, version = version + 1, base = 0, manifest = NULL`

const COMMIT = `INSERT INTO sealed (collection, epoch, version, base, manifest) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (collection) DO UPDATE SET version = ?3, base = ?4, manifest = ?5`

/** Pieces of parts, in order, after one; none of a segment that is being removed. */
const PARTS = `SELECT name, piece, bytes FROM part WHERE collection = ?1 AND segment = ?2
    AND name IN (SELECT value FROM json_each(?3)) AND (name, piece) > (?4, ?5)
    AND NOT EXISTS (SELECT 1 FROM doomed WHERE collection = ?1 AND segment = ?2)
  ORDER BY name, piece LIMIT ${PIECES}`
const COUNT_PARTS = `SELECT count(*) AS pieces FROM part WHERE collection = ?1 AND segment = ?2
    AND name IN (SELECT value FROM json_each(?3))
    AND NOT EXISTS (SELECT 1 FROM doomed WHERE collection = ?1 AND segment = ?2)`

/**
 * Keeps everything in one SQLite, whoever opened it. The tables are made at first use.
 * `breathe`: lets others go on between the steps of what is long, where anybody waits.
 */
export function sqlStore(sql: SqlPort, breathe: () => Promise<void> = async () => {}): Store {
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

  /** Does steps until there is none left. */
  async function inSteps(step: () => boolean): Promise<void> {
    while (await run(() => sql.transaction(step))) await breathe()
  }

  /** Removes what a commit has put an end to. */
  async function sweep(collection: string): Promise<void> {
    if (await run(() => hasSealed(sql, collection))) await inSteps(() => cutJournal(sql, collection))
    if (await run(() => doomedOf(sql, collection) !== undefined))
      await inSteps(() => removeDoomed(sql, collection))
  }

  /** Parts of one segment, read a little at a time; again if any went away or came meanwhile. */
  async function readParts(
    collection: string,
    { segment, names }: Wanted,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const list = JSON.stringify(names)
    for (;;) {
      const pieces: SqlRow[] = []
      for (let isWhole = false; !isWhole; ) {
        const last = pieces.at(-1)
        const rows = await run(() =>
          sql.exec(PARTS, collection, segment, list, last?.name ?? '', last?.piece ?? -1),
        )
        pieces.push(...rows)
        isWhole = rows.length < PIECES
        if (!isWhole) await breathe()
      }
      const [found] = await run(() => sql.exec(COUNT_PARTS, collection, segment, list))
      if (Number(found?.pieces) === pieces.length) return joinPieces(pieces)
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
    async put(collection, segment, parts): Promise<void> {
      const pieces = piecesOf(parts)
      let isPending = await run(() =>
        sql.transaction(() => {
          sql.exec('INSERT INTO pending (collection, segment) VALUES (?1, ?2)', collection, segment)
          return putPieces(sql, collection, segment, pieces)
        }),
      )
      while (isPending && pieces.length > 0) {
        await breathe()
        isPending = await run(() => sql.transaction(() => putPieces(sql, collection, segment, pieces)))
      }
    },
    async parts(
      collection,
      wanted: readonly Wanted[],
    ): Promise<ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>> {
      const found = new Map<string, ReadonlyMap<string, Uint8Array>>()
      for (const one of wanted) found.set(one.segment, await readParts(collection, one))
      return found
    },
    async commit(collection, seal): Promise<boolean> {
      const isFirst = await run(() => sql.transaction(() => commit(sql, collection, seal)))
      if (isFirst) await sweep(collection)
      return isFirst
    },
    remove: (collection, segment, names) =>
      run(() => sql.transaction(() => removeParts(sql, collection, segment, names))),
    sweep,
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
  const found = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'doomed'")
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

/** A row of a part. */
interface Piece {
  readonly name: string
  readonly piece: number
  readonly bytes: Uint8Array
}

function piecesOf(parts: ReadonlyMap<string, Uint8Array>): Piece[] {
  const pieces: Piece[] = []
  for (const [name, bytes] of parts)
    for (let piece = 0; piece * PIECE < bytes.length; piece++)
      pieces.push({ name, piece, bytes: bytes.subarray(piece * PIECE, (piece + 1) * PIECE) })
  return pieces
}

/** Puts as many pieces as make a step. False if the segment is not pending any more: they would be nobody's. */
function putPieces(sql: SqlPort, collection: string, segment: string, pieces: Piece[]): boolean {
  const pending = 'SELECT 1 FROM pending WHERE collection = ?1 AND segment = ?2'
  if (sql.exec(pending, collection, segment).length === 0) return false
  const insert = 'INSERT INTO part (collection, segment, name, piece, bytes) VALUES (?1, ?2, ?3, ?4, ?5)'
  for (const { name, piece, bytes } of pieces.splice(0, stepOf(pieces.map((one) => one.bytes.length))))
    sql.exec(insert, collection, segment, name, piece, bytes)
  return true
}

/** How many of these sizes, one at least, make a step. */
function stepOf(sizes: readonly number[]): number {
  let sum = 0
  const end = sizes.findIndex((size) => {
    sum += size
    return sum > STEP
  })
  return end < 0 ? sizes.length : Math.max(1, end)
}

function joinPieces(rows: readonly SqlRow[]): ReadonlyMap<string, Uint8Array> {
  const pieces = new Map<string, Uint8Array[]>()
  for (const { name, bytes } of rows)
    pieces.set(String(name), [...(pieces.get(String(name)) ?? []), bytes as Uint8Array])
  return new Map([...pieces].map(([name, all]) => [name, concat(all)]))
}

function concat(all: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = all
  if (all.length === 1) return first
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of all) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** What the journal had up to the position is not read any more from here on, and removed afterwards. */
function commit(sql: SqlPort, collection: string, seal: Seal): boolean {
  const { epoch, version, manifest, position, added, dropped } = seal
  const [state] = sql.exec('SELECT epoch, version FROM sealed WHERE collection = ?1', collection)
  if (Number(state?.epoch ?? 0) !== epoch || Number(state?.version ?? 0) !== version) return false
  const pending = sql
    .exec('SELECT segment FROM pending WHERE collection = ?1', collection)
    .map((row) => String(row.segment))
  for (const segment of new Set([...pending, ...dropped])) {
    if (!added.includes(segment))
      sql.exec('INSERT OR IGNORE INTO doomed (collection, segment) VALUES (?1, ?2)', collection, segment)
  }
  sql.exec('DELETE FROM pending WHERE collection = ?1', collection)
  sql.exec(COMMIT, collection, epoch, version + 1, position, manifest)
  return true
}

/** Whether the journal still has entries that are in segments. */
function hasSealed(sql: SqlPort, collection: string): boolean {
  return sealedEntries(sql, collection).length > 0
}

function sealedEntries(sql: SqlPort, collection: string): readonly SqlRow[] {
  return sql.exec(
    `SELECT position, length(entry) AS size FROM journal WHERE collection = ?1
       AND position <= coalesce((SELECT base FROM sealed WHERE collection = ?1), 0)
     ORDER BY position LIMIT ${SAMPLE}`,
    collection,
  )
}

/** Removes some entries that are in segments. Whether there may be more. */
function cutJournal(sql: SqlPort, collection: string): boolean {
  const rows = sealedEntries(sql, collection)
  if (rows.length === 0) return false
  const average = rows.reduce((sum, { size }) => sum + Number(size), 0) / rows.length
  const entries = Math.max(1, Math.min(ENTRIES, Math.floor(STEP / average)))
  sql.exec(
    `DELETE FROM journal WHERE collection = ?1 AND position < ?2
       AND position <= (SELECT base FROM sealed WHERE collection = ?1)`,
    collection,
    Number(rows[0]?.position) + entries,
  )
  return rows.length === SAMPLE || entries < rows.length
}

function doomedOf(sql: SqlPort, collection: string): string | undefined {
  const [row] = sql.exec('SELECT segment FROM doomed WHERE collection = ?1 LIMIT 1', collection)
  return row && String(row.segment)
}

/** Removes some of what no manifest names. Whether there may be more. */
function removeDoomed(sql: SqlPort, collection: string): boolean {
  const segment = doomedOf(sql, collection)
  if (segment === undefined) return false
  const rows = sql.exec(
    `SELECT name, piece, length(bytes) AS size FROM part WHERE collection = ?1 AND segment = ?2
     ORDER BY name, piece LIMIT 200`,
    collection,
    segment,
  )
  const last = rows[stepOf(rows.map(({ size }) => Number(size))) - 1]
  if (last)
    sql.exec(
      'DELETE FROM part WHERE collection = ?1 AND segment = ?2 AND (name, piece) <= (?3, ?4)',
      collection,
      segment,
      last.name ?? '',
      last.piece ?? 0,
    )
  else sql.exec('DELETE FROM doomed WHERE collection = ?1 AND segment = ?2', collection, segment)
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
