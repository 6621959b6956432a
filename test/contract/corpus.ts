import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Case, Chapter, HeaderPairs, Runtime, Verdict } from '../corpus/case.ts'
import { CHROME } from '../ingest/sending.ts'
import { overHttp } from '../support/in-process.ts'
import { ADMIN_KEY, type Server } from '../support/server.ts'
import { type Answer, exchange, sendRaw } from '../support/wire.ts'
import { Client, type Json, type Site } from './client.ts'

/** A running program to be sent bad things, and what it wrote meanwhile. */
export interface Target extends Pick<Server, 'url' | 'stop'> {
  /** What it wrote to its console so far. */
  output(): string
}

/** What an answer of ours never tells. */
const INSIDES = /node_modules|\.[jt]s:\d|SELECT|INSERT|sqlite|redis| at \w+ \(/i

export interface Corpus {
  readonly runtime: Runtime
  readonly chapters: readonly Chapter[]
  /** Looks at what is stored after every case; else where a case says what, and at the end of its chapter. */
  readonly isThorough: boolean
}

/** Every case of the corpus gets its verdict, stores what it should and nothing else, and does no harm. */
export function corpusContract(
  { runtime, chapters, isThorough }: Corpus,
  start: () => Promise<Target>,
): void {
  describe(`corpus: ${runtime}`, () => {
    let target: Target
    const client = new Client(() => overHttp(target))
    beforeAll(async () => {
      target = await start()
    }, 90_000)
    afterAll(() => target?.stop(), 30_000)

    for (const { name, definition = {}, cases } of chapters) {
      const mine = cases.filter(({ only }) => !only || only.on === runtime)
      if (mine.length === 0) continue
      describe(name, () => {
        let site: Site
        let before: Kept = { ids: new Set(), refused: 0 }
        let due = { stored: 0, quarantined: 0 }

        /** What has been stored since the last look must be what was due; of it the only row, if there is one. */
        async function look(): Promise<Json | undefined> {
          const rows = await client.rows(site)
          const refused = await refusedOf(client, site)
          const fresh = rows.filter(({ id }) => !before.ids.has(id))
          const found = { stored: fresh.length, quarantined: refused - before.refused }
          const expected = due
          before = { ids: new Set(rows.map(({ id }) => id)), refused }
          due = { stored: 0, quarantined: 0 }
          expect(found).toEqual(expected)
          return fresh.length === 1 ? fresh[0] : undefined
        }

        beforeAll(async () => {
          site = await client.makeSite(definition)
        })
        test.each(mine)('$what', async ({ says, ...one }) => {
          const hasRow = tellsOfRow(says)
          if (hasRow && due.stored + due.quarantined > 0) await look()
          const answered = await put(target.url, site, one).catch((error: Error) => error)
          due.stored += says.stored ?? 0
          due.quarantined += says.quarantined ?? 0
          const row = isThorough || hasRow ? await look() : undefined
          if (answered instanceof Error) throw answered
          check(answered, says)
          if (hasRow) checkRow(row, says)
        })
        test('nothing else is stored', look)
      })
    }

    test('C6 an id of one collection means nothing to another', async () => {
      const sites = [await client.makeSite(), await client.makeSite()]
      const body = '{"id":"same","page":"/"}'
      for (const { name, server } of sites) {
        const init = { method: 'POST', headers: client.as(server), body }
        expect((await client.call(`/${name}`, init)).status).toBe(201)
      }
      for (const site of sites) expect(await client.count(site)).toBe(1)
    })

    test('A13 what is not there and what is not yours cannot be told apart', async () => {
      const [mine, other] = [await client.makeSite(), await client.makeSite()]
      for (const key of [mine.write, mine.read, mine.server]) {
        const answers = ['', '/count', '/events', '/refused'].flatMap((path) =>
          [other.name, other.name.replace(/\d$/, 'x')].map(async (name) => {
            const method = path === '' ? 'POST' : 'GET'
            const answer = await client.call(`/${name}${path}`, { method, headers: client.as(key) })
            const [status, text] = [answer.status, await answer.text()]
            return [path, status, text, [...answer.headers.keys()].filter((header) => header !== 'date')]
          }),
        )
        const all = await Promise.all(answers)
        for (let i = 0; i < all.length; i += 2) expect(all[i]).toEqual(all[i + 1])
        expect(all.map(([, status]) => status)).toEqual(all.map(() => 403))
      }
    })

    test('afterwards the program lives, and has nothing to tell', async () => {
      const response = await fetch(`${target.url}/health/live`)
      expect(response.status).toBe(200)
      expect(target.output()).not.toMatch(/"level":"error"|internal|uncaught|unhandled/i)
    })
  })
}

interface Kept {
  readonly ids: ReadonlySet<unknown>
  readonly refused: number
}

async function refusedOf(client: Client, site: Site): Promise<number> {
  const response = await client.call(`/${site.name}/refused`, { headers: client.as(site.read) })
  const { counts } = (await response.json()) as { readonly counts: Readonly<Record<string, number>> }
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** The answer, or the statuses of all answers where the request was raw. */
async function put(url: string, site: Site, one: Omit<Case, 'says'>): Promise<Answer | readonly number[]> {
  if (one.raw !== undefined) return sendRaw(url, fill(one.raw, site))
  const { method = 'POST', by = 'page', body, isChunked } = one
  const path = fill(one.path ?? '/{site}', site)
  const isBare = one.path?.includes('key=') === true
  const search = by === 'page' && !isBare ? `${path.includes('?') ? '&' : '?'}key=${site.write}` : ''
  const key = by === 'page' || by === 'nobody' ? undefined : by === 'admin' ? ADMIN_KEY : site[by]
  const headers = [
    ...(key === undefined ? [] : [['Authorization', `Key ${key}`] as const]),
    ...(one.headers ?? []),
  ]
  const bytes = typeof body === 'string' ? new TextEncoder().encode(fill(fillTime(body), site)) : body
  return exchange(url, {
    method,
    path: path + search,
    headers: browserHeaders(headers, site),
    body: bytes,
    isChunked,
  })
}

/** What a browser sends besides, unless the case says otherwise. */
function browserHeaders(own: HeaderPairs, site: Site): readonly (readonly [string, string])[] {
  const names = new Set(own.map(([name]) => name.toLowerCase()))
  const usual: HeaderPairs = [
    ['User-Agent', CHROME],
    ['Accept-Language', 'en'],
  ]
  return [...usual.filter(([name]) => !names.has(name.toLowerCase())), ...own].flatMap(([name, value]) =>
    value === undefined ? [] : [[name, fill(value, site)] as const],
  )
}

function fill(text: string, site: Site): string {
  return text.replace(/\{(site|write|read|server|admin)\}/g, (_, name: string) =>
    name === 'site' ? site.name : name === 'admin' ? ADMIN_KEY : site[name as 'write'],
  )
}

function fillTime(text: string): string {
  return text.replace(/\{(now|iso)([+-]\d+)?\}/g, (_, form: string, ms = '0') => {
    const time = Date.now() + Number(ms)
    return form === 'now' ? String(time) : new Date(time).toISOString()
  })
}

function check(
  answered: Answer | readonly number[],
  { status, code, pointers = [], refused, answer, size, headers = {} }: Verdict,
): void {
  if ('length' in answered) {
    expect(answered).toEqual([status].flat())
    return
  }
  const { text, header } = answered
  expect([answered.status, text.slice(0, 500)]).toEqual([status, expect.any(String)])
  expect([header('X-Response-Time'), header('Server-Timing')]).toEqual([
    expect.stringMatching(/^[\d.]+ms$/),
    expect.stringMatching(/^recover;dur=/),
  ])
  expect(header('Set-Cookie')).toBeUndefined()
  expect(text.replace(/"detail":"[^"]*"|"pointer":"[^"]*"/g, '')).not.toMatch(INSIDES)
  expect(answered.size).toBe(size ?? answered.size)
  if (refused !== undefined) expect(header('Skerry-Refused')).toBe(refused)
  for (const [name, value] of Object.entries(headers))
    expect([name, header(name) ?? null]).toEqual([name, value])
  if (code !== undefined) checkProblem(answered, code, pointers)
  if (answer !== undefined) expect(JSON.parse(text)).toMatchObject(answer)
}

function checkProblem({ status, text, header }: Answer, code: string, pointers: readonly string[]): void {
  expect([header('Content-Type'), header('Cache-Control')]).toEqual(['application/problem+json', 'no-store'])
  const problem = JSON.parse(text) as Json
  expect(problem).toMatchObject({ status, code, type: expect.any(String), title: expect.any(String) })
  const errors = (problem.errors ?? []) as readonly { readonly pointer: string; readonly detail: string }[]
  expect(errors.slice(0, pointers.length).map(({ pointer }) => pointer)).toEqual(pointers)
  expect(errors.length).toBeLessThanOrEqual(100)
  // At most 100 characters of what was sent, and what is said of it.
  for (const { pointer, detail } of errors)
    expect([pointer.length < 300, detail.length < 300]).toEqual([true, true])
}

function tellsOfRow({ row = {}, props, without }: Verdict): boolean {
  return Object.keys(row).length > 0 || props !== undefined || without !== undefined
}

function checkRow(row: Json | undefined, { row: expected, props, without = [] }: Verdict): void {
  if (expected !== undefined) expect(row).toMatchObject(expected)
  if (props !== undefined) expect(String(JSON.stringify(row?.props))).toBe(props)
  for (const name of without) expect(row).not.toHaveProperty(name)
}
