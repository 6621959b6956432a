import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStream, rowsTold } from '../support/server-sent.ts'
import type { Subject } from './app.ts'
import { Client, type Site } from './client.ts'

/** How long a beacon may take to whoever listens, ms: a second, and what a crowded machine adds. */
const SOON_MS = 3_000

/** What the page of who is here is told, over connections that can be left. */
export function liveSessionContract(name: string, start: () => Promise<Subject>): void {
  describe(`live for a session: ${name}`, () => {
    let subject: Subject
    let site: Site
    let other: Site
    let cookie: string
    const client = new Client(() => subject)

    beforeAll(async () => {
      subject = await start()
      site = await client.makeSite()
      other = await client.makeSite()
      for (const one of [site, other]) await client.deliver(one, [{ page: '/' }])
      const response = await client.call('/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ do: 'sign-in', key: site.read }).toString(),
      })
      cookie = (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    const stream = (search: string, headers: Record<string, string>) =>
      openStream((init) => client.call(`/?show=live&part=live${search}`, { ...init, headers }))

    test('a session is told events as they come, and goes on where it was', async () => {
      const first = await stream(`&site=${site.name}`, { Cookie: cookie })
      expect(first.headers.get('Content-Type')).toBe('text/event-stream')
      await first.until(() => first.lastId() !== '')
      const began = performance.now()
      await client.deliver(site, [{ id: 'now', page: '/now', time: 'now' }])
      const rows = rowsTold(await first.until((messages) => rowsTold(messages).length > 0))
      expect(performance.now() - began).toBeLessThan(SOON_MS)
      expect(rows[0]).toMatchObject({ id: 'now', page: '/now' })
      const place = first.lastId()
      await first.close()
      await client.deliver(site, [{ id: 'meanwhile', page: '/', time: 'now' }])
      const again = await stream(`&site=${site.name}&after=${place}`, { Cookie: cookie })
      const more = rowsTold(await again.until((messages) => rowsTold(messages).length > 0))
      expect(more.map(({ id }) => id)).toEqual(['meanwhile'])
      await again.close()
    }, 20_000)

    test('nobody else is told', async () => {
      for (const [headers, at] of [
        [{}, site],
        [{ Cookie: cookie }, other],
      ] as const) {
        const response = await client.call(`/?show=live&part=live&site=${at.name}`, { headers })
        expect(response.headers.get('Content-Type')).toContain('text/html')
        await response.body?.cancel()
      }
    })
  })
}
