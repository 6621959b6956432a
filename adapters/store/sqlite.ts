import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { SqlPort, SqlRow } from '../../src/store/sql/port.ts'

/** How long a process waits for another's write. SQLite then says "busy", which is answered as 503. */
const BUSY_MS = 1000

/** Errors after which a connection is not trusted any more: I/O, corrupt, full, cannot open, not a database. */
const BROKEN: ReadonlySet<number> = new Set([10, 11, 13, 14, 26])
const BUSY: ReadonlySet<number> = new Set([5, 6])

interface Connection {
  readonly database: DatabaseSync
  readonly statements: Map<string, StatementSync>
}

/**
 * `node:sqlite` in a folder: WAL with `synchronous=FULL`, so that a commit is on disk when it returns.
 * After an error of the disk the outcome of a write is unknown: the connection is dropped and the next
 * call opens the file anew.
 */
export function sqlite(folder: string): SqlPort {
  let connection: Connection | undefined
  let isInTransaction = false

  function connect(): Connection {
    connection ??= { database: open(folder), statements: new Map() }
    return connection
  }

  function statement(sql: string): StatementSync {
    const { database, statements } = connect()
    const prepared = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }

  function guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (BROKEN.has(primaryCode(error))) drop()
      throw error
    }
  }

  function drop(): void {
    try {
      connection?.database.close()
    } catch {
      // Nothing can be done with a connection that cannot even be closed.
    }
    connection = undefined
  }

  return {
    exec: (sql, ...values) => guard(() => statement(sql).all(...values) as unknown as readonly SqlRow[]),
    transaction: (work) =>
      guard(() => {
        if (isInTransaction) throw new Error('transactions do not nest')
        const { database } = connect()
        database.exec('BEGIN IMMEDIATE')
        isInTransaction = true
        try {
          const result = work()
          database.exec('COMMIT')
          return result
        } catch (error) {
          // A full disk has already rolled back, and SQLite says so by an error of its own.
          if (database.isTransaction) database.exec('ROLLBACK')
          throw error
        } finally {
          isInTransaction = false
        }
      }),
    // `secure_delete` blanks the database itself, but the log keeps what was once in it.
    scrub: () =>
      guard(() => {
        const [row] = statement('PRAGMA wal_checkpoint(TRUNCATE)').all()
        if (row?.busy !== 0) throw new Error('the log is being read')
      }),
    close: drop,
  }
}

function open(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true })
  const database = new DatabaseSync(join(folder, 'skerry.db'), { timeout: BUSY_MS })
  useWal(database)
  database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON')
  return database
}

/** Turning WAL on needs the file alone, and gives up at once when several processes start together. */
function useWal(database: DatabaseSync): void {
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!BUSY.has(primaryCode(error)) || attempt === 50) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}

function primaryCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
  return code & 0xff
}
