import { beforeAll, describe, expect, test } from 'vitest'
import { places } from '../src/engine/record.ts'
import { decodeEntry } from '../src/store/entry.ts'
import { memoryStore } from '../src/store/memory.ts'
import { Client, type Json, type Site } from './contract/client.ts'
import { type Beacon, CANARIES, CONTROL, shapes } from './support/canary-beacons.ts'
import { type StartedProgram, startProgram } from './support/program.ts'
import { ADMIN_KEY } from './support/server.ts'
import { tracesOf } from './support/traces.ts'
import { asBrowser } from './support/visitor.ts'

type Rule = 'ignore' | 'anonymous' | 'drop'
type Headers = Readonly<Record<string, string>>

/** How many events each shape holds. */
const counts: Readonly<Record<string, number>> = { batch: 3, lines: 2, reports: 2 }

/** What may be kept of an event that a visitor did not want. */
const BARE = ['id', 'name', 'time']

const store = memoryStore()
let program: StartedProgram
const client = new Client(() => ({
  adminKey: ADMIN_KEY,
  fetch: async (path, init) => program.app.fetch(new Request(`http://skerry.test${path}`, asBrowser(init))),
  stop: () => store.close(),
}))

beforeAll(async () => {
  program = await startProgram(store, {
    peer: () => ({ by: 'socket', address: '203.0.113.7' }),
    locate: () => ({ by: 'geoip', country: 'DE', region: 'DE-BE', city: 'Berlin' }),
  })
})

async function send(site: Site, beacon: Beacon, wish: Headers, kind: 'write' | 'server'): Promise<Response> {
  const { method, query = '', headers = {}, body } = beacon
  const key = kind === 'write' ? `key=${site.write}` : ''
  const path = `/${site.name}?${[key, query].filter(Boolean).join('&')}`
  const all = { ...headers, ...(kind === 'server' && client.as(site.server)), ...wish }
  return client.call(path, { method, headers: all, ...(body && { body: new Uint8Array(body) }) })
}

interface Found {
  readonly events: number
  /** Of its events, those that tell of whom they are. */
  readonly named: number
  readonly refused: Readonly<Record<string, number>>
  /** Names of what is kept of refused events. */
  readonly refusedMembers: readonly string[]
  /** The journals as they lie in the store. */
  readonly text: string
}

async function lookAt(site: Site): Promise<Found> {
  const [counted, quarantined] = await Promise.all(
    [site.name, `${site.name}!refused`].map(async (name) => (await store.tail(name, 0, 1000)).entries),
  )
  const records = (counted ?? []).flatMap(decodeEntry)
  const response = await client.call(`/${site.name}/refused`, { headers: client.as(site.read) })
  const report = (await response.json()) as { counts: Found['refused']; sample: readonly { event: Json }[] }
  const members = report.sample.flatMap(({ event }) => Object.keys(event))
  return {
    events: (await client.rows(site)).length,
    named: records.filter((record) => record[places.visitor]).length,
    refused: report.counts,
    refusedMembers: [...new Set(members)].sort(),
    text: [...(counted ?? []), ...(quarantined ?? [])].join('\n'),
  }
}

const wishes = { gpc: { 'Sec-GPC': '1' }, dnt: { DNT: '1' } } as const

for (const [signal, wish] of Object.entries(wishes)) {
  for (const kind of ['write', 'server'] as const) {
    describe(`${signal} with a ${kind} key`, () => {
      const other = signal === 'gpc' ? 'dnt' : 'gpc'
      const ruled = (rule: Rule): Json => ({ privacy: { [signal]: rule, [other]: 'ignore' } })

      test.each(Object.keys(shapes))('as %s', async (shape) => {
        const beacon = shapes[shape] as Beacon
        const count = counts[shape] ?? 1
        const found = new Map<Rule, Found>()
        for (const rule of ['ignore', 'anonymous', 'drop'] as const) {
          const site = await client.makeSite(ruled(rule))
          const response = await send(site, beacon, wish, kind)
          const isRefused = rule === 'drop'
          const status = shape === 'pixel' ? 200 : isRefused ? 202 : 201
          expect([rule, response.status]).toEqual([rule, status])
          expect(response.headers.get('Skerry-Refused')).toBe(isRefused ? 'privacy' : null)
          found.set(rule, await lookAt(site))
          if (!isRefused) {
            const { results } = await client.ask(site, { metrics: ['visitors'], date_range: 'all' })
            expect([rule, results[0]?.metrics[0] !== 0]).toEqual([rule, found.get(rule)?.named !== 0])
          }
        }
        expect(found.get('ignore')).toMatchObject({ events: count, refused: {} })
        // Whoever passes reports on may not know whose they are.
        if (!/report/.test(shape)) expect(found.get('ignore')?.named).toBe(count)
        expect(found.get('anonymous')).toMatchObject({ events: count, named: 0, refused: {} })
        expect(found.get('drop')).toMatchObject({ events: 0, named: 0, refusedMembers: BARE })
        const told = (rule: Rule): readonly string[] =>
          tracesOf([...CANARIES, CONTROL, 'shop.example'], [remain(found.get(rule)?.text ?? '')])
        expect(told('drop')).toEqual([])
        expect(told('anonymous')).not.toEqual([])
      })
    })
  }
}

const remain = (text: string) => ({ where: 'journal', bytes: Buffer.from(text) })
const page: Beacon = { method: 'POST', body: Buffer.from('{"page":"https://shop.example/x"}') }

test('engagement of somebody who does not want it is not even a number among the refused', async () => {
  const site = await client.makeSite({ privacy: { gpc: 'drop' } })
  const body = Buffer.from('{"name":"engagement","page":"https://shop.example/x","ms":5,"depth":7}')
  expect((await send(site, { method: 'POST', body }, wishes.gpc, 'write')).status).toBe(202)
  expect(await lookAt(site)).toMatchObject({ events: 0, refused: {}, refusedMembers: BARE })
})

describe('of both wishes the stricter rule holds', () => {
  const rules: readonly Rule[] = ['ignore', 'anonymous', 'drop']
  for (const gpc of rules) {
    for (const dnt of rules) {
      test(`${gpc} and ${dnt}`, async () => {
        const site = await client.makeSite({ privacy: { gpc, dnt } })
        const { status } = await send(site, page, { ...wishes.gpc, ...wishes.dnt }, 'write')
        const strict = rules[Math.max(rules.indexOf(gpc), rules.indexOf(dnt))]
        expect(status).toBe(strict === 'drop' ? 202 : 201)
        expect(await lookAt(site)).toMatchObject({
          events: strict === 'drop' ? 0 : 1,
          named: strict === 'ignore' ? 1 : 0,
          refused: strict === 'drop' ? { privacy: 1 } : {},
        })
      })
    }
  }
})

test('only the value that means it is a wish', async () => {
  const site = await client.makeSite({ privacy: { gpc: 'drop', dnt: 'drop' } })
  const none: readonly Headers[] = ['0', '', 'true', 'null', 'unspecified', '2', '1, 1', '01', '?1'].flatMap(
    (value) => [{ 'Sec-GPC': value }, { DNT: value }],
  )
  for (const headers of none)
    expect([headers, (await send(site, page, headers, 'write')).status]).toEqual([headers, 201])
  expect(await lookAt(site)).toMatchObject({ events: none.length, named: none.length, refused: {} })
})

test('unless it says otherwise a collection heeds Sec-GPC, by counting for nobody, and not DNT', async () => {
  const site = await client.makeSite()
  await send(site, page, wishes.gpc, 'write')
  expect(await lookAt(site)).toMatchObject({ events: 1, named: 0 })
  await send(site, page, wishes.dnt, 'write')
  expect(await lookAt(site)).toMatchObject({ events: 2, named: 1 })
})

test('a wish holds for all that is refused, for whatever reason', async () => {
  const reasons: readonly (readonly [Headers, string])[] = [
    [{ 'Sec-Purpose': 'prefetch' }, 'prefetch'],
    [{ Origin: 'https://evil.example' }, 'origin'],
    [{ 'User-Agent': 'curl/8.5.0' }, 'bot'],
  ]
  for (const [headers, reason] of reasons) {
    const site = await client.makeSite({ privacy: { gpc: 'drop' }, origins: ['https://shop.example'] })
    expect((await send(site, page, { ...wishes.gpc, ...headers }, 'write')).status).toBe(202)
    const { refusedMembers } = await lookAt(site)
    expect([reason, refusedMembers]).toEqual([reason, BARE])
  }
})

test('what was dropped and is restored counts, and tells no more than before', async () => {
  const site = await client.makeSite({ privacy: { gpc: 'drop' } })
  await send(site, page, wishes.gpc, 'write')
  const init = { method: 'POST', headers: client.as(ADMIN_KEY), body: '{"code":"privacy"}' }
  expect((await client.call(`/${site.name}/refused/restore`, init)).status).toBe(200)
  expect((await client.rows(site)).map((row) => Object.keys(row).sort())).toEqual([BARE])
  expect(await lookAt(site)).toMatchObject({ events: 1, named: 0 })
})
