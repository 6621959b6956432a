import { readFile } from 'node:fs/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildDescription } from '../scripts/openapi.ts'
import { problems } from '../src/errors.ts'
import { memoryStore } from '../src/store/memory.ts'
import type { Subject } from './contract/app.ts'
import { Client, type Json, type Site } from './contract/client.ts'
import { earlierEvents, shopDefinition, shopEvents } from './contract/shop.ts'
import { asset } from './support/assets.ts'
import { inProcess } from './support/in-process.ts'

interface Operation {
  readonly operationId: string
  readonly 'x-keys': readonly string[]
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Json }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>
  >
}

const document = JSON.parse(await asset('openapi.json')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Json }
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'api', components: document.components })

function validator(schema: Json): ValidateFunction {
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as Json)
}

describe('the description of the API', () => {
  test('is built from what it is made of', async () => {
    const built = buildDescription()
    for (const [name, text] of Object.entries(built)) expect([name, await asset(name)]).toEqual([name, text])
  })

  test('has every route of the app, and no other', async () => {
    const lines: string[] = []
    const subject = await inProcess(memoryStore(), { DEBUG: 'skerry:onion' }, (line) => lines.push(line))
    const told = lines.flatMap((line) => /([A-Z]+) (\/\S*): /.exec(line)?.slice(1, 3).join(' ') ?? [])
    const described = operations.map(
      ({ path, method }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    )
    expect(told.length).toBeGreaterThan(30)
    expect(described.sort()).toEqual(told.sort())
    await subject.stop()
  })

  test('names each operation once, and each error by codes that there are', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const text = JSON.stringify(document.paths)
    for (const code of Object.keys(problems)) {
      // These two come before any route: no route is there, or the request never arrived whole.
      if (code !== 'not_found' && code !== 'timeout') expect(text).toContain(`"${code}"`)
    }
  })
})

describe('answers are as described', () => {
  let subject: Subject
  let shop: Site
  const client = new Client(() => subject)
  const seen = new Set<string>()
  beforeAll(async () => {
    subject = await inProcess(memoryStore())
    shop = await client.makeSite(shopDefinition)
    await client.deliver(shop, [...shopEvents, ...earlierEvents])
  })
  afterAll(() => subject?.stop())

  /** The answer, found described under its operation, status and type. */
  async function call(
    id: string,
    path: string,
    init: RequestInit & { readonly key?: string } = {},
  ): Promise<string> {
    const { key = client.adminKey, ...rest } = init
    const found = operations.find(({ operation }) => operation.operationId === id)
    if (!found) throw new Error(`${id} is not described`)
    const { operation, method } = found
    const headers = { ...(key && client.as(key)), ...rest.headers }
    const response = await client.call(path, { method, ...rest, headers })
    const text = await response.text()
    const described = operation.responses[response.status]
    expect([id, response.status, text.slice(0, 300), described !== undefined]).toEqual([
      id,
      response.status,
      text.slice(0, 300),
      true,
    ])
    const [type = ''] = (response.headers.get('Content-Type') ?? '').split(';')
    const types = Object.keys(described?.content ?? {})
    const isTold = text === '' || types.includes(type) || types.includes('*/*')
    expect([id, response.status, isTold || type]).toEqual([id, response.status, true])
    const schema = described?.content?.[type]?.schema
    const lines = type === 'application/x-ndjson' ? text.trim().split('\n') : [text]
    if (schema && type.endsWith('json'))
      for (const line of lines) {
        const validate = validator(schema)
        const isValid = validate(JSON.parse(line))
        expect([id, response.status, line.slice(0, 300), isValid || validate.errors]).toEqual([
          ...[id, response.status, line.slice(0, 300), true],
        ])
      }
    if (response.ok) seen.add(id)
    return text
  }

  const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) })
  const range = { date_range: ['2026-03-02', '2026-03-09'] }
  const full = {
    metrics: ['visitors', 'events', 'bounce_rate', 'total_revenue', 'percentage'],
    dimensions: ['visit:country'],
    ...range,
    include: { comparison: 'previous_period', total_rows: true, time_labels: true },
  }

  test('collecting', async () => {
    const site = `/${shop.name}`
    const browser = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' }
    await call('collect', site, { ...post({ page: '/' }), key: shop.write, headers: browser })
    await call('collect', site, { ...post([{ page: '/' }, { page: 5 }]), key: shop.server })
    await call('collect', site, { ...post([{ page: 5 }]), key: shop.server })
    await call('collect', site, { ...post({ page: 5 }), key: shop.server })
    await call('collect', site, {
      ...post([{ page: '/bot' }]),
      key: shop.write,
      headers: { 'User-Agent': 'GPTBot/1.0' },
    })
    await call('collect', site, { body: 'nonsense' })
    await call('collect', site, { ...post({ page: '/' }), key: '' })
    await call('collect', site, { ...post({ page: '/' }), key: shop.read })
    await call('collect', '/no-such', post({ page: '/' }))
    await call('pixel', `${site}?page=/&key=${shop.write}`, { key: '' })
    await call('pixel', site)
  })

  test('asking', async () => {
    const site = `/${shop.name}`
    const q = `?q=${encodeURIComponent(JSON.stringify(full))}`
    await call('count', `${site}/count`)
    await call('countBy', `${site}/page/%2F/count`)
    await call('countBy', `${site}/nope/x/count`)
    await call('query', `${site}/query`, post(full))
    await call('query', `${site}/query`, post({ metrics: ['nope'] }))
    await call('query', `${site}/query`, post({ ...range, metrics: ['visitors'], dimensions: ['time:day'] }))
    await call('queryInUrl', `${site}/query${q}`)
    await call('queryInUrl', `${site}/query`)
    const steps = [[['is', 'event:page', ['/pricing']]], [['is', 'event:goal', ['Purchase']]]]
    await call('funnel', `${site}/funnel`, post({ steps, ...range }))
    await call('funnel', `${site}/funnel`, post({ steps: [] }))
    const funnel = JSON.stringify({ steps, ...range, within: 'visitor' })
    await call('funnelInUrl', `${site}/funnel?q=${encodeURIComponent(funnel)}`)
    await call('journeys', `${site}/journeys`, post(range))
    const journeys = JSON.stringify({ of: 'event', within: 'visitor', ...range })
    await call('journeysInUrl', `${site}/journeys?q=${encodeURIComponent(journeys)}`)
    await call('events', `${site}/events`)
    await call('events', `${site}/events`, { headers: { Accept: 'text/csv' } })
    await call('events', `${site}/events?from=soon`)
    await call('refused', `${site}/refused`)
    const counted = { metrics: ['events'], dimensions: ['event:refusal', 'event:bot'], date_range: '7d' }
    await call('queryRefused', `${site}/refused/query`, post(counted))
    await call('queryRefusedInUrl', `${site}/refused/query?q=${encodeURIComponent(JSON.stringify(counted))}`)
    await call('restore', `${site}/refused/restore`, post({ code: 'bot' }))
    await call('restore', `${site}/refused/restore`, post({}))
    const leaving = new AbortController()
    const live = await client.call(`${site}/live`, { headers: client.as(shop.read), signal: leaving.signal })
    expect([live.status, live.headers.get('Content-Type')?.split(';')[0]]).toEqual([200, 'text/event-stream'])
    await live.body?.cancel()
    leaving.abort()
    seen.add('follow')
    await call('eraseEvents', `${site}/events`, { body: JSON.stringify({ to: '2025-12-31' }) })
    await call('eraseEvents', `${site}/events`, { body: '{}' })
  })

  test('managing and watching', async () => {
    const path = '/api/collections/described'
    await call('putCollection', path, { body: JSON.stringify(shopDefinition) })
    await call('putCollection', path, { body: JSON.stringify({ goals: [{ name: 'a', page: '/a*' }] }) })
    await call('putCollection', path, { body: JSON.stringify({ retention: -1 }) })
    await call('getCollection', path)
    await call('getCollection', '/api/collections/nowhere')
    await call('listCollections', '/api/collections')
    const { id } = JSON.parse(await call('addKey', `${path}/keys`, post({ kind: 'write' }))) as { id: string }
    await call('addKey', `${path}/keys`, post({ kind: 'admin' }))
    await call('listKeys', `${path}/keys`)
    await call('removeKey', `${path}/keys/${id}`)
    await call('removeKey', `${path}/keys/${id}`)
    await call('deleteCollection', path)
    await call('live', '/health/live', { key: '' })
    await call('ready', '/health/ready', { key: '' })
    await call('metrics', '/metrics')
    await call('metrics', '/metrics', { key: shop.read })
    await call('whoami', '/api/whoami', { key: '' })
    await call('openapi', '/api/openapi.json', { key: '' })
    await call('docs', '/api/docs', { key: '' })
    await call('dashboard', '/', { key: '' })
    await call('staticFile', '/assets/dashboard.css', { key: '' })
    await call('staticFile', '/assets/sources.txt', { key: '' })
    for (const file of ['s.js', 'vitals.js', 'errors.js', 'outbox.js', 'optout.js'])
      await call(file.replace('.', '_'), `/${file}`, { key: '' })
    await call('optout', '/optout', { key: '' })
    const form = new URLSearchParams({ do: 'sign-in', key: client.adminKey })
    seen.add('act')
    expect((await client.call('/', { method: 'POST', body: form.toString() })).status).toBe(303)
    await call('act', '/', { key: '', body: new URLSearchParams({ do: 'sign-in', key: 'none' }).toString() })
  })

  test('dialects', async () => {
    const v1 = (end: string, search = ''): string =>
      `/api/v1/stats/${end}?site_id=${shop.name}&period=month&date=2026-03-09&${search}`
    await call('plausibleQuery', '/api/v2/query', post({ ...full, site_id: shop.name }))
    await call('plausibleQuery', '/api/v2/query', post(full))
    await call('plausibleQuery', '/api/v2/query', {
      ...post({ ...full, site_id: 'no-such' }),
      key: shop.read,
    })
    await call('plausibleRealtime', v1('realtime/visitors'))
    await call('plausibleAggregate', v1('aggregate', 'compare=previous_period&metrics=visitors,bounce_rate'))
    await call('plausibleTimeseries', v1('timeseries', 'metrics=visitors,visit_duration'))
    await call('plausibleBreakdown', v1('breakdown', 'property=visit:browser_version'))
    await call('plausibleBreakdown', v1('breakdown'))
    const umami = (end: string, search = ''): string =>
      `/api/websites/${shop.name}/${end}?startDate=2026-03-02&endDate=2026-03-10&${search}`
    await call('umamiStats', umami('stats'))
    await call('umamiStats', umami('stats'), { key: 'nobody' })
    await call('umamiStats', '/api/websites/nowhere/stats')
    await call('umamiPageviews', umami('pageviews', 'compare=prev'))
    await call('umamiMetrics', umami('metrics', 'type=city'))
    await call('umamiMetrics', umami('metrics'))
    await call('umamiEvents', umami('events/series'))
    await call('umamiActive', umami('active'))
  })

  test('trackers', async () => {
    const site = shop.name
    const none = { key: '' }
    const browser = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' }
    const sent = { ...none, headers: browser }
    const url = 'https://shop.example/from-a-tracker'
    const event = { n: 'pageview', u: url, d: site }
    await call('plausibleEvent', '/api/event', { ...post(event), ...sent })
    await call('plausibleEvent', '/api/event', { ...post({}), ...sent })
    const item = { type: 'event', payload: { website: site, hostname: 'shop.example', url: '/' } }
    await call('umamiSend', '/api/send', { ...post(item), ...sent })
    await call('umamiSend', '/api/send', { ...post({}), ...sent })
    await call('umamiBatch', '/api/batch', { ...post([item]), ...sent })
    const from = { ...browser, Origin: `https://${site}` }
    await call('goatcounter', '/count?p=/', { ...none, headers: from })
    await call('goatcounter', '/count', { ...none, headers: from })
    await call('goatcounterPost', '/count?p=/', { ...none, headers: from })
    const hits = {
      ...post({ no_sessions: true, hits: [{ path: '/' }] }),
      headers: { 'Content-Type': 'application/json' },
    }
    await call('goatcounterApi', '/api/v0/count', { ...hits, key: shop.server })
    await call('goatcounterApi', '/api/v0/count', { ...hits, ...none })
    await call('goatcounterApi', '/api/v0/count', { ...post({}), key: shop.server })
    await call('counterscaleCache', '/cache', sent)
    await call('counterscale', `/collect?sid=${site}&h=https://shop.example&p=/&ht=1`, sent)
    await call('counterscale', '/collect', sent)
    for (const name of ['matomo', 'piwik']) {
      const hit = `idsite=${site}&rec=1&url=${encodeURIComponent(url)}`
      await call(name, `/${name}.php?${hit}`, sent)
      await call(name, `/${name}.php?${hit}&send_image=0`, sent)
      await call(`${name}Post`, `/${name}.php?${hit}`, { ...sent, method: 'POST' })
      await call(`${name}Post`, `/${name}.php`, { ...post({ requests: [`?${hit}`] }), ...sent })
    }
  })

  test('each operation has been answered', () => {
    expect([...seen].sort()).toEqual(operations.map(({ operation }) => operation.operationId).sort())
  })

  test('the page loads nothing, runs nothing, and has its own style', async () => {
    const response = await client.call('/api/docs')
    const page = await response.text()
    expect(page).toBe(await readFile(new URL('../assets/api.html', import.meta.url), 'utf8'))
    expect(page).not.toMatch(/<script|<link|<img|<iframe|style="|\son\w+="|https?:\/\//)
    for (const { operation } of operations) expect(page).toContain(`id="${operation.operationId}"`)
    const policy = response.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; .*frame-ancestors 'none'$/)
    expect(policy).not.toContain('unsafe')
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(response.headers.get('Referrer-Policy')).toBe('no-referrer')
  })
})
