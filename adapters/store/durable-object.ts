import type { SqlPort, SqlRow, SqlValue } from '../../src/store/sql/port.ts'

/** What is used of a Durable Object's storage. */
export interface ObjectStorage {
  readonly sql: { exec(sql: string, ...values: readonly SqlValue[]): { toArray(): readonly ObjectRow[] } }
  transactionSync<T>(work: () => T): T
}

/** Bytes come as an ArrayBuffer here, where other SQLites give a Uint8Array. */
type ObjectRow = Readonly<Record<string, SqlRow[string] | ArrayBuffer>>

/** The SQLite of a Durable Object. What it wrote is durable when the object's answer leaves (its output gate holds it until then). */
export function durableObject(storage: ObjectStorage): SqlPort {
  return {
    exec: (sql, ...values) =>
      storage.sql
        .exec(sql, ...values)
        .toArray()
        .map(withBytes),
    transaction: (work) => storage.transactionSync(work),
    close: () => {},
  }
}

function withBytes(row: ObjectRow): SqlRow {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof ArrayBuffer ? new Uint8Array(value) : value,
  ])
  return Object.fromEntries(values) as SqlRow
}
