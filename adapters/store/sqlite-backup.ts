import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Copies the database of a data folder, as it is at one moment, into a new file that is whole and on disk when it
 * gets its name. The day's secrets, by which visitors are told apart, stay behind: no copy may outlive them. Gives
 * the file's size in bytes. Throws what SQLite or the file system throws.
 */
export function backUpSqlite(folder: string, file: string): number {
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  try {
    const source = new DatabaseSync(join(folder, 'skerry.db'), { readOnly: true, timeout: 5_000 })
    try {
      source.prepare('VACUUM INTO ?').run(partial)
    } finally {
      source.close()
    }
    chmodSync(partial, 0o600)
    forgetSecrets(partial)
    sync(partial)
    renameSync(partial, file)
    sync(dirname(file))
    return statSync(file).size
  } finally {
    for (const rest of [partial, `${partial}-journal`]) if (existsSync(rest)) rmSync(rest)
  }
}

/** Removed rows are overwritten, and the file is written anew without them. */
function forgetSecrets(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec("PRAGMA secure_delete = ON; DELETE FROM document WHERE kind = 'salt'; VACUUM")
    const [check] = copy.prepare('PRAGMA integrity_check').all()
    if (check?.integrity_check !== 'ok') throw new Error(`the copy is damaged: ${check?.integrity_check}`)
  } finally {
    copy.close()
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
