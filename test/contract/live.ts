import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveLimits } from '../../src/live.ts'
import { openStream, rowsTold, type Stream } from '../support/server-sent.ts'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

/** How long a beacon may take to whoever listens, ms: a second, and what a crowded machine adds. */
const SOON_MS = 3_000

/** What those who listen are told, the same on every runtime and store. */
export function liveContract(name: string, start: () => Promise<Subject>): void {
  describe(`live: ${name}`, () => {
    let subject: Subject
    const client = new Client(() => subject)
    beforeAll(async () => {
      subject = await start()
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    async function listen(site: Site, after?: string, key = site.read): Promise<Stream> {
      const headers = { ...client.as(key), ...(after !== undefined && { 'Last-Event-ID': after }) }
      const stream = await openStream((init) => client.call(`/${site.name}/live`, { ...init, headers }))
      await stream.until(() => stream.lastId() !== '' || stream.status !== 200)
      return stream
    }

    const deliver = (site: Site, ...events: readonly Json[]): Promise<void> => client.deliver(site, events)

    test('events are told as an export shows them, soon, each once and in their order', async () => {
      const site = await client.makeSite({ attributes: ['plan'] })
      await deliver(site, { page: '/before' })
      const stream = await listen(site)
      expect(stream.headers.get('Content-Type')).toBe('text/event-stream')
      expect(stream.headers.get('Cache-Control')).toBe('no-store')
      const began = performance.now()
      const events = [
        { id: 'one', page: '/a', visitor: 'v', plan: 'pro', props: { x: 1, y: 'ü\n' }, time: 'now' },
        { id: 'two', name: 'bought', revenue: { amount: '1.50', currency: 'EUR' }, time: 'now' },
        { id: 'three', name: 'engagement', page: '/a', ms: 1200, depth: 40, interactive: false, time: 'now' },
      ]
      await deliver(site, ...events)
      await stream.until((messages) => rowsTold(messages).length === 3)
      expect(performance.now() - began).toBeLessThan(SOON_MS)
      await deliver(site, ...events, { id: 'four', page: '/b' })
      const rows = rowsTold(await stream.until((messages) => rowsTold(messages).length >= 4))
      const exported = await client.rows(site)
      expect(rows.map(({ id }) => id)).toEqual(['one', 'two', 'three', 'four'])
      for (const row of rows) expect(exported).toContainEqual(row)
      await stream.close()
    })

    test('current visitors are told at first, and when they change', async () => {
      const site = await client.makeSite()
      await deliver(site, { page: '/', visitor: 'a' }, { page: '/', visitor: 'b' })
      const stream = await listen(site)
      const counts = (): unknown[] =>
        stream.messages.filter(({ event }) => event === 'visitors').map(({ data }) => data)
      await stream.until(() => counts().length === 1)
      expect(counts()).toEqual([{ visitors: 2 }])
      await deliver(site, { page: '/', visitor: 'c' })
      await stream.until(() => counts().length === 2, liveLimits.visitorsMs + SOON_MS)
      expect(counts()[1]).toEqual({ visitors: 3 })
      await stream.close()
    }, 20_000)

    test('who comes again goes on where it was, also within a batch; elsewhere there is a gap', async () => {
      const site = await client.makeSite()
      const first = await listen(site)
      await deliver(site, { id: 'a', page: '/' }, { id: 'b', page: '/' }, { id: 'c', page: '/' })
      const told = await first.until((messages) => rowsTold(messages).length === 3)
      await first.close()
      await deliver(site, { id: 'd', page: '/' })
      const after = told.find(({ data }) => (data as Json).id === 'b')?.id
      const again = await listen(site, after)
      const rows = rowsTold(await again.until((messages) => rowsTold(messages).length >= 2))
      expect(rows.map(({ id }) => id)).toEqual(['c', 'd'])
      expect(again.messages.some(({ event }) => event === 'gap')).toBe(false)
      await again.close()
      for (const place of ['what', '99.0.0', `0.${Number.MAX_SAFE_INTEGER}.0`, '0.0']) {
        const lost = await listen(site, place)
        await deliver(site, { id: place, page: '/' })
        const messages = await lost.until((all) => rowsTold(all).length >= 1)
        expect(messages[0]?.event).toBe('gap')
        expect(rowsTold(messages).map(({ id }) => id)).toEqual([place])
        await lost.close()
      }
    }, 30_000)

    test('only those who may ask may listen; HEAD ends at once', async () => {
      const site = await client.makeSite()
      const other = await client.makeSite()
      const path = `/${site.name}/live`
      const status = async (init: RequestInit): Promise<number> => {
        const response = await client.call(path, init)
        await response.body?.cancel()
        return response.status
      }
      expect(await status({})).toBe(401)
      for (const key of [site.write, site.server, other.read])
        expect(await status({ headers: client.as(key) })).toBe(403)
      expect(await status({ headers: client.as(client.adminKey) })).toBe(200)
      expect(await status({ method: 'POST', headers: client.as(site.read) })).toBe(405)
      const head = await client.call(path, { method: 'HEAD', headers: client.as(site.read) })
      expect([head.status, await head.text()]).toEqual([200, ''])
    })

    test(`${liveLimits.listeners} may listen at once, and who leaves makes room`, async () => {
      const site = await client.makeSite()
      const streams: Stream[] = []
      let refused: Stream | undefined
      while (!refused && streams.length <= liveLimits.listeners) {
        const stream = await listen(site)
        if (stream.status === 200) streams.push(stream)
        else refused = stream
      }
      expect([refused?.status, refused?.headers.get('Retry-After')]).toEqual([503, '5'])
      expect(streams.length).toBeGreaterThan(liveLimits.listeners - 10)
      await deliver(site, { page: '/' })
      await Promise.all(streams.map((one) => one.until((messages) => rowsTold(messages).length === 1)))
      await Promise.all(streams.map((one) => one.close()))
      await expect
        .poll(
          async () => {
            const stream = await listen(site)
            await stream.close()
            return stream.status
          },
          { timeout: 20_000, interval: 500 },
        )
        .toBe(200)
    }, 90_000)
  })
}
