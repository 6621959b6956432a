import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { type Account, countOf, exportOf, sendAgain, sentIds } from './traffic.ts'

/** What a fault left of that which was sent. */
export interface Findings {
  /** Acknowledged events that are not there. */
  readonly lost: number
  /** Events of an unknown outcome that are there: retries of these must not count. */
  readonly storedUnknown: number
}

/**
 * Expects of a server after a fault that nothing acknowledged is lost, that beacons are there whole or not
 * at all, and that the total is exact once all of an unknown outcome is sent again.
 */
export async function expectExact(url: string, account: Account): Promise<Findings> {
  const before = (await exportOf(url)).map(({ id }) => id)
  const found = new Set(before)
  expect(before.length, 'ids that are there twice').toBe(found.size)
  const lost = [...account.acknowledged].filter((id) => !found.has(id))
  expect(lost, 'acknowledged and lost').toEqual([])
  const torn = account.unknown.filter(({ ids }) => new Set(ids.map((id) => found.has(id))).size > 1)
  expect(torn, 'beacons of which only a part is there').toEqual([])
  const unknown = account.unknown.flatMap(({ ids }) => ids)

  await sendAgain(url, account)
  expect(account.unknown, 'not taken when sent again').toEqual([])
  const sent = sentIds(account)
  expect(await countOf(url)).toBe(sent.size)
  const after = (await exportOf(url)).map(({ id }) => id)
  expect(after.toSorted()).toEqual([...sent].sort())
  return { lost: lost.length, storedUnknown: unknown.filter((id) => found.has(id)).length }
}

/** Expects a folder's database to be whole. */
export function expectIntact(folder: string): void {
  const database = new DatabaseSync(join(folder, 'skerry.db'))
  try {
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  } finally {
    database.close()
  }
}
