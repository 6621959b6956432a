import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshName } from '../support/event.ts'
import { type Metrics, readOpenMetrics } from '../support/openmetrics.ts'
import type { Subject } from './app.ts'

/** What an operator watches (docs/metrics.md), the same on every runtime and store. */
export function metricsContract(name: string, start: () => Promise<Subject>): void {
  describe(`metrics: ${name}`, () => {
    let subject: Subject
    const collection = freshName('watched')
    beforeAll(async () => {
      subject = await start()
      const response = await call(`/api/collections/${collection}`, { method: 'PUT', body: '{}' })
      expect(response.status).toBe(201)
    }, 90_000)
    afterAll(() => subject?.stop(), 30_000)

    function call(path: string, init: RequestInit = {}): Promise<Response> {
      return subject.fetch(path, { headers: { Authorization: `Key ${subject.adminKey}` }, ...init })
    }

    const send = async (body: string, path = `/${collection}`): Promise<number> =>
      (await call(path, { method: 'POST', body })).status

    async function scrape(): Promise<Metrics> {
      const response = await call('/metrics')
      expect(response.status).toBe(200)
      expect(response.headers.get('Content-Type')).toBe(
        'application/openmetrics-text; version=1.0.0; charset=utf-8',
      )
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      return readOpenMetrics(await response.text())
    }

    const outcomes = (metrics: Metrics, family: string): Record<string, number> =>
      Object.fromEntries(
        [...metrics].flatMap(([series, value]) => {
          const [, outcome] =
            new RegExp(`^${family}\\{collection="${collection}",outcome="(.+)"\\}$`).exec(series) ?? []
          return outcome === undefined ? [] : [[outcome, value]]
        }),
      )

    test('are for the admin only', async () => {
      const without = await subject.fetch('/metrics')
      expect([without.status, without.headers.get('WWW-Authenticate')]).toEqual([401, expect.any(String)])
      const body = JSON.stringify({ kind: 'read' })
      const made = await call(`/api/collections/${collection}/keys`, { method: 'POST', body })
      const { key } = (await made.json()) as { key: string }
      expect((await subject.fetch('/metrics', { headers: { Authorization: `Key ${key}` } })).status).toBe(403)
      expect((await call('/metrics', { method: 'POST' })).status).toBe(405)
    })

    test('tell beacons and events by collection and outcome', async () => {
      expect(await send('{"page":"/a"}')).toBe(201)
      expect(await send('[{"page":"/a"},{"page":"/b"},{"page":5}]')).toBe(207)
      expect(await send('[{"page":5}]')).toBe(422)
      expect(await send('{"page":5}')).toBe(422)
      expect(await send('{')).toBe(400)
      expect(await send('{"page":"/"}', `/${collection}-no`)).toBe(404)
      const made = await call(`/api/collections/${collection}/keys`, {
        method: 'POST',
        body: JSON.stringify({ kind: 'write' }),
      })
      const { key } = (await made.json()) as { key: string }
      const bot = { 'User-Agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }
      const refused = await subject.fetch(`/${collection}?key=${key}`, {
        method: 'POST',
        body: '{"page":"/a"}',
        headers: bot,
      })
      expect(refused.status).toBe(202)
      expect((await subject.fetch(`/${collection}?key=${key}&page=/pixel`)).status).toBe(200)
      expect((await subject.fetch(`/${collection}?key=${key}&page=/pixel`, { method: 'HEAD' })).status).toBe(
        200,
      )
      expect((await subject.fetch(`/${collection}?key=${key}&page=/pixel&age=old`)).status).toBe(200)

      const metrics = await scrape()
      expect(outcomes(metrics, 'skerry_beacons_total')).toEqual({
        accepted: 2,
        partial: 1,
        invalid_event: 3,
        malformed_body: 1,
        bot: 1,
      })
      expect(outcomes(metrics, 'skerry_events_total')).toEqual({ accepted: 4, invalid_event: 2, bot: 1 })
      expect(
        metrics.get('skerry_beacons_total{collection="(none)",outcome="unknown_collection"}'),
      ).toBeGreaterThanOrEqual(1)
    })

    test('tell beacons of other products as they tell ours', async () => {
      const site = freshName('moved')
      const body = JSON.stringify({ aliases: [`${site}.example`] })
      expect((await call(`/api/collections/${site}`, { method: 'PUT', body })).status).toBe(201)
      const before = await scrape()
      const speak = async (path: string, body?: unknown, more: RequestInit = {}): Promise<void> => {
        const text = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
        await (await subject.fetch(path, { ...text, ...more })).arrayBuffer()
      }
      const view = { website: site, url: '/' }
      const bot = { headers: { 'User-Agent': 'Googlebot/2.1' } }
      await speak('/api/event', { n: 'pageview', u: 'https://shop.test/', d: `${site},nowhere` })
      await speak('/api/event', { n: 'pageview', u: 'https://shop.test/', d: site }, bot)
      await speak('/api/event', { n: 'pageview', d: site })
      await speak('/api/send', { type: 'event', payload: view })
      await speak('/api/send', { type: 'event', payload: { ...view, url: 'https://' } })
      await speak(
        '/api/batch',
        [view, { ...view, url: 5 }, 7].map((payload) => ({ type: 'event', payload })),
      )
      await speak('/api/batch', { type: 'event', payload: view })
      await speak('/count?p=/', undefined, { headers: { Referer: `https://${site}.example/` } })
      await speak(`/collect?sid=${site}&p=/`)
      await speak(`/collect?sid=${site}&p=/`, undefined, { method: 'HEAD' })
      await speak('/collect?sid=nowhere&p=/')
      await speak(`/matomo.php?idsite=${site}&rec=1&url=https://shop.test/`, undefined, bot)
      await speak('/matomo.php', { requests: [`?idsite=${site}&rec=1&url=https://shop.test/`, '?rec=1'] })
      const after = await scrape()
      const told = (family: string): Record<string, number> => {
        const grown = [...after].flatMap(([series, value]) => {
          const [, collection, outcome] =
            new RegExp(`^skerry_${family}_total\\{collection="(.+)",outcome="(.+)"\\}$`).exec(series) ?? []
          const more = value - (before.get(series) ?? 0)
          if (collection !== site && collection !== '(none)') return []
          return more > 0 ? [[`${collection === site ? 'site' : 'none'} ${outcome}`, more] as const] : []
        })
        return Object.fromEntries(grown)
      }
      expect(told('beacons')).toEqual({
        ...{ 'site accepted': 5, 'site partial': 1, 'site bot': 2, 'site invalid_event': 1 },
        ...{ 'none unknown_collection': 2, 'none invalid_event': 3, 'none malformed_body': 1 },
      })
      expect(told('events')).toEqual({
        ...{ 'site accepted': 6, 'site bot': 2, 'site invalid_event': 2 },
        ...{ 'none unknown_collection': 2, 'none invalid_event': 3 },
      })
    })

    test('tell how long requests and commits take, and how many answers failed', async () => {
      const before = await scrape()
      expect(await send('{"page":"/a"}')).toBe(201)
      await call(`/${collection}/count`)
      await call('/nowhere/at/all/of/these')
      const after = await scrape()
      const grown = (series: string): number => (after.get(series) ?? 0) - (before.get(series) ?? 0)
      expect(grown('skerry_request_duration_seconds_count{route="/:collection"}')).toBeGreaterThanOrEqual(1)
      expect(grown('skerry_requests_total{route="/:collection/count",status="2xx"}')).toBeGreaterThanOrEqual(
        1,
      )
      expect(grown('skerry_requests_total{route="(none)",status="4xx"}')).toBeGreaterThanOrEqual(1)
      expect(grown('skerry_commit_duration_seconds_count')).toBeGreaterThanOrEqual(1)
      expect(after.get('skerry_store_up')).toBe(1)
    })

    test('tell nothing of who sends or what is sent', async () => {
      await subject.fetch(`/${collection}?key=skw_secretsecret&page=/private-page`, {
        headers: { 'User-Agent': 'private-agent', 'X-Forwarded-For': '203.0.113.77' },
      })
      const text = await (await call('/metrics')).text()
      expect(text).not.toMatch(/secretsecret|private-page|private-agent|203\.0\.113|an-admin-key/)
    })
  })
}
