import { expect, inject, test } from 'vitest'
import { ADMIN_KEY, type Server, startNode } from '../support/server.ts'
import { openStream, rowsTold, type Stream } from '../support/server-sent.ts'

const headers = { Authorization: `Key ${ADMIN_KEY}` }

const listen = ({ url }: Server): Promise<Stream> =>
  openStream((init) => fetch(`${url}/pageviews/live`, { ...init, headers }))

/** Long enough on a crowded machine; on a quiet one it is a quarter of it, ms. */
const SOON_MS = 1_000

for (const [name, more] of [
  ['SQLite', {}],
  ['Redis', { REDIS_URL: '' }],
] as const) {
  test(`two processes on one ${name} tell each other's events, and end at SIGTERM`, async () => {
    const redis = 'REDIS_URL' in more ? { REDIS_URL: `${inject('redisUrl')}/9` } : {}
    const one = await startNode(redis)
    const two = await startNode({ SKERRY_DATA: one.folder.path, ...redis })
    try {
      const streams = await Promise.all([listen(one), listen(two)])
      await Promise.all(streams.map((stream) => stream.until((messages) => messages.length > 0)))
      for (const [i, { url }] of [one, two].entries()) {
        const body = JSON.stringify({ id: `e${i}`, page: '/' })
        const sent = performance.now()
        expect((await fetch(`${url}/pageviews`, { method: 'POST', headers, body })).status).toBe(201)
        await Promise.all(streams.map((stream) => stream.until((all) => rowsTold(all).length === i + 1)))
        expect(performance.now() - sent).toBeLessThan(SOON_MS)
      }
      for (const stream of streams)
        expect(rowsTold(stream.messages).map(({ id }) => id)).toEqual(['e0', 'e1'])
      const asked = performance.now()
      one.child.signal('SIGTERM')
      await streams[0]?.ended
      expect(await one.child.ended).toBe(0)
      expect(performance.now() - asked).toBeLessThan(5_000)
      await streams[1]?.close()
    } finally {
      await two.stop()
      await one.stop()
    }
  }, 60_000)
}

test('a thousand who came and went leave nothing behind', async () => {
  const server = await startNode()
  try {
    for (let round = 0; round < 20; round++) {
      const streams = await Promise.all(Array.from({ length: 50 }, () => listen(server)))
      expect(streams.map(({ status }) => status)).toEqual(Array(50).fill(200))
      await Promise.all(streams.map((stream) => stream.close()))
      // A connection's end takes a moment to arrive.
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const stream = await listen(server)
    expect(stream.status).toBe(200)
    await stream.close()
  } finally {
    await server.stop()
  }
}, 60_000)
