import { expect } from 'vitest'
import { freshName } from '../support/event.ts'
import type { Subject } from './app.ts'

export interface Site {
  readonly name: string
  readonly write: string
  readonly read: string
  readonly server: string
}

export type Rows = readonly (readonly unknown[])[]

export type Json = Readonly<Record<string, unknown>>

export interface Report {
  readonly results: readonly {
    readonly dimensions: readonly string[]
    readonly metrics: readonly unknown[]
    readonly comparison?: { readonly metrics: readonly unknown[] }
  }[]
  readonly meta: Json
  readonly query: Json
}

export interface Problem {
  readonly status: number
  readonly code: unknown
  readonly pointers: readonly string[]
  /** All of it, to look for the names it must tell. */
  readonly text: string
}

/** Each result as one row: its dimensions, then its metrics. */
export function rowsOf({ results }: Report): Rows {
  return results.map(({ dimensions, metrics }) => [...dimensions, ...metrics])
}

/** An amount, or one per currency, as `10.5 EUR`. */
export function moneys(cell: unknown): readonly string[] {
  return [cell]
    .flat()
    .map((money) => `${(money as Json).value} ${(money as Json).currency}`)
    .sort()
}

/** One who manages a running program, sends to it and asks it. */
export class Client {
  readonly #subject: () => Subject

  constructor(subject: () => Subject) {
    this.#subject = subject
  }

  get adminKey(): string {
    return this.#subject().adminKey
  }

  call(path: string, init?: RequestInit): Promise<Response> {
    return this.#subject().fetch(path, init)
  }

  as(key: string): Record<string, string> {
    return { Authorization: `Key ${key}` }
  }

  put(collection: string, settings: unknown): Promise<Response> {
    const init = { method: 'PUT', headers: this.as(this.adminKey), body: JSON.stringify(settings) }
    return this.call(`/api/collections/${collection}`, init)
  }

  async makeSite(settings: unknown = {}): Promise<Site> {
    const name = freshName('ask')
    expect((await this.put(name, settings)).status).toBe(201)
    const makeKey = async (kind: string): Promise<string> => {
      const init = { method: 'POST', headers: this.as(this.adminKey), body: JSON.stringify({ kind }) }
      const response = await this.call(`/api/collections/${name}/keys`, init)
      return ((await response.json()) as { key: string }).key
    }
    const [write = '', read = '', server = ''] = await Promise.all(['write', 'read', 'server'].map(makeKey))
    return { name, write, read, server }
  }

  /** A batch with the server key, as a JSON array or as lines. */
  async deliver(site: Site, events: readonly Json[], as: 'array' | 'lines' = 'array'): Promise<void> {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
    const body = as === 'array' ? JSON.stringify(events) : lines
    const headers = this.as(site.server)
    const response = await this.call(`/${site.name}`, { method: 'POST', headers, body })
    expect([response.status, await response.json()]).toEqual([
      201,
      { accepted: events.length, refused: [], invalid: [] },
    ])
  }

  post(site: Pick<Site, 'name'>, body: string, key: string): Promise<Response> {
    return this.call(`/${site.name}/query`, { method: 'POST', headers: this.as(key), body })
  }

  async ask(site: Site, query: Json, key = site.read): Promise<Report> {
    const response = await this.post(site, JSON.stringify(query), key)
    const text = await response.text()
    expect([response.status, response.status === 200 || text]).toEqual([200, true])
    return JSON.parse(text) as Report
  }

  async table(site: Site, query: Json): Promise<Rows> {
    return rowsOf(await this.ask(site, query))
  }

  async count(site: Site, path = '/count'): Promise<number> {
    const response = await this.call(`/${site.name}${path}`, { headers: this.as(site.read) })
    expect(response.status).toBe(200)
    return ((await response.json()) as { count: number }).count
  }

  export(site: Site, search = '', accept?: string): Promise<Response> {
    const headers = { ...this.as(site.read), ...(accept !== undefined && { Accept: accept }) }
    return this.call(`/${site.name}/events${search}`, { headers })
  }

  async rows(site: Site, search = ''): Promise<readonly Json[]> {
    const response = await this.export(site, search)
    const text = await response.text()
    expect([response.status, response.status === 200 || text]).toEqual([200, true])
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Json)
  }

  erase(site: Site, selection: unknown, key = this.adminKey): Promise<Response> {
    const body = typeof selection === 'string' ? selection : JSON.stringify(selection)
    return this.call(`/${site.name}/events`, { method: 'DELETE', headers: this.as(key), body })
  }

  /** A refusal, which must be a problem document and must not tell of the program's insides. */
  async problem(response: Response): Promise<Problem> {
    const text = await response.text()
    expect([response.headers.get('Content-Type'), text]).toEqual([
      'application/problem+json',
      expect.not.stringMatching(/node_modules|\.ts:\d|SELECT|INSERT| at \w+ \(/),
    ])
    const { type, title, detail, status, code, errors = [] } = JSON.parse(text) as Json
    expect([type, title, detail]).toEqual([expect.any(String), expect.any(String), expect.any(String)])
    expect(status).toBe(response.status)
    const faults = errors as readonly { readonly pointer: string; readonly detail: string }[]
    expect(faults.every((fault) => typeof fault.detail === 'string')).toBe(true)
    return { status: response.status, code, pointers: faults.map(({ pointer }) => pointer), text }
  }
}
