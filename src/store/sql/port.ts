export type SqlValue = string | number | null | Uint8Array
export type SqlRow = Readonly<Record<string, SqlValue>>

/** What a SQLite must do for us. Synchronous on purpose: embedded SQLite and Durable Object storage both are. */
export interface SqlPort {
  /** Runs one statement and gives its rows. */
  exec(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[]
  /** Runs `work` as one transaction that takes the write lock at once; what it throws undoes it. */
  transaction<T>(work: () => T): T
  /** Leaves nothing of what was removed in any file; absent where the platform keeps copies of its own. */
  scrub?(): void
  close(): void
}
