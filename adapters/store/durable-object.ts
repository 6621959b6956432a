import type { SqlPort, SqlRow, SqlValue } from '../../src/store/sql/port.ts'

/** What is used of a Durable Object's storage. */
export interface ObjectStorage {
  readonly sql: { exec(sql: string, ...values: readonly SqlValue[]): { toArray(): readonly SqlRow[] } }
  transactionSync<T>(work: () => T): T
}

/** The SQLite of a Durable Object. What it wrote is durable when the object's answer leaves (its output gate holds it until then). */
export function durableObject(storage: ObjectStorage): SqlPort {
  return {
    exec: (sql, ...values) => storage.sql.exec(sql, ...values).toArray(),
    transaction: (work) => storage.transactionSync(work),
    close: () => {},
  }
}
