import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { ADMIN_KEY, startNode } from '../support/server.ts'

/** More than a journal may hold: 1.5 times 200,000, as a process may draw. */
const BATCHES = 310
const BATCH = 1000

/** Sooner than a minute, when a process looks after its journals of itself. */
const SOON_MS = 40_000

test('a process seals what it takes in, without being asked', { timeout: 120_000 }, async () => {
  const began = Date.now()
  const server = await startNode()
  const database = new DatabaseSync(join(server.folder.path, 'skerry.db'), { readOnly: true })
  const journal = (): number =>
    Number(database.prepare("SELECT count(*) AS n FROM journal WHERE collection = 'pageviews'").get()?.n)
  const headers = { Authorization: `Key ${ADMIN_KEY}` }
  const body = JSON.stringify(Array.from({ length: BATCH }, (_, i) => ({ page: `/${i % 50}` })))
  try {
    let longest = 0
    for (let i = 0; i < BATCHES; i++) {
      const { status } = await fetch(`${server.url}/pageviews`, { method: 'POST', headers, body })
      expect(status).toBe(201)
      longest = Math.max(longest, journal())
    }
    await expect
      .poll(journal, { timeout: began + SOON_MS - Date.now(), interval: 100 })
      .toBeLessThan(longest / 2)
    const counted = await fetch(`${server.url}/pageviews/count`, { headers })
    expect(await counted.json()).toEqual({ count: BATCHES * BATCH })
  } finally {
    database.close()
    await server.stop()
  }
})
