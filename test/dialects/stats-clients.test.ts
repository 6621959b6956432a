import { UmamiApiError, UmamiClient } from '@umami/api-client'
import Plausible from 'plausible'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, type Site } from '../contract/client.ts'
import { earlierEvents, shopDefinition, shopEvents } from '../contract/shop.ts'
import { overHttp } from '../support/in-process.ts'
import { type Server, startNode } from '../support/server.ts'

/** Published clients of other products, as they come from the registry, ask a running server. */
describe('a published client', () => {
  let server: Server
  let shop: Site
  const client = new Client(() => overHttp(server))
  const website = '0b5ca4cd-1b1e-4b0e-9d5c-5f6f7a9b0c1d'
  beforeAll(async () => {
    server = await startNode()
    shop = await client.makeSite({ ...shopDefinition, aliases: [website, 'shop.example'] })
    await client.deliver(shop, [...shopEvents, ...earlierEvents])
  })
  afterAll(() => server?.stop())

  test('plausible: realtime, aggregate, timeseries and breakdown', async () => {
    const plausible = new Plausible(shop.read, 'shop.example', server.url)
    expect(await plausible.getRealtime()).toBe(0)
    expect(await plausible.getAggregate('7d', 'visitors', true, null, '2026-03-09')).toEqual({
      value: 6,
      comparison_value: 4,
      change: 50,
    })
    expect(
      await plausible.getAggregate('month', 'visitors', null, 'visit:country==DE', '2026-03-09'),
    ).toEqual({
      value: 3,
    })
    expect(await plausible.getTimeseries('day', 'pageviews', null, 'date', '2026-03-02')).toEqual([
      { date: '2026-03-02', pageviews: 6 },
    ])
    expect(
      await plausible.getBreakdown('month', 'visitors', 'visit:source', null, 2, 1, '2026-03-09'),
    ).toEqual([
      { source: 'Direct / None', visitors: 4 },
      { source: 'Google', visitors: 2 },
    ])
    await expect(new Plausible('wrong', 'shop.example', server.url).getRealtime()).rejects.toThrow(/API key/)
    await expect(plausible.getBreakdown('month', 'visitors', 'visit:nope' as 'visit:os')).rejects.toThrow(
      /nope/,
    )
  })

  test('@umami/api-client: stats, page views, metrics, events over time, active visitors', async () => {
    const umami = new UmamiClient({ baseUrl: `${server.url}/api`, token: shop.read })
    const range = { startAt: Date.UTC(2026, 2, 2), endAt: Date.UTC(2026, 2, 10) - 1 }
    expect(await umami.getWebsiteStats(website, range)).toEqual({
      ...{ pageviews: 13, visitors: 9, visits: 10, bounces: 4, totaltime: 5400 },
      comparison: { pageviews: 2, visitors: 1, visits: 1, bounces: 0, totaltime: 60 },
    })
    const { pageviews, sessions } = await umami.getWebsitePageviews({
      websiteId: website,
      ...range,
      unit: 'day',
    })
    expect([pageviews[0], sessions[0]]).toEqual([
      { x: '2026-03-02', y: 6 },
      { x: '2026-03-02', y: 3 },
    ])
    expect(await umami.getWebsiteMetrics({ websiteId: website, ...range, type: 'path', limit: 1 })).toEqual([
      { x: '/pricing', y: 4 },
    ])
    const series = { websiteId: website, ...range, unit: 'day', timezone: 'UTC' }
    expect(await umami.getWebsiteEventSeries(series)).toHaveLength(5)
    expect(await umami.getWebsiteActive(website)).toEqual({ visitors: 0 })
  })

  test('@umami/api-client understands what is refused', async () => {
    const ask = (token: string, asked: { startAt?: number; endAt?: number }): Promise<unknown> =>
      new UmamiClient({ baseUrl: `${server.url}/api`, token })
        .getWebsiteStats(website, asked)
        .catch((error) => error)
    const unknown = await ask('wrong', { startAt: 1, endAt: 2 })
    expect(unknown).toBeInstanceOf(UmamiApiError)
    expect(unknown).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(await ask(shop.read, {})).toMatchObject({
      status: 400,
      code: 'bad-request',
      message: expect.stringContaining('startAt'),
    })
  })
})
