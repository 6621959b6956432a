import { afterAll, beforeAll } from 'vitest'
import { memoryStore } from '../../src/store/memory.ts'
import type { Subject } from '../contract/app.ts'
import { Client, type Json, type Site } from '../contract/client.ts'
import { inProcess } from '../support/in-process.ts'

export const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

/** What a browser sends, answered and kept. */
export interface Sent {
  readonly status: number
  readonly text: string
  /** The events of it, as they are exported, in order of time and then of the beacon. */
  readonly rows: readonly Json[]
}

export interface Sender {
  readonly client: Client
  /** Sends a body as Chrome does, with the write key in the URL, to a collection of its own. */
  send(
    body: BodyInit | null,
    headers?: Readonly<Record<string, string>>,
    options?: SendOptions,
  ): Promise<Sent>
}

export interface SendOptions {
  /** More of the URL's query, beside the key. */
  readonly query?: string
  readonly settings?: Json
  /** With a server key in `Authorization` instead. */
  readonly isServer?: boolean
}

/** The program in memory, for the tests of one file. */
export function startSender(): Sender {
  let subject: Subject
  const client = new Client(() => subject)
  beforeAll(async () => {
    subject = await inProcess(memoryStore())
  })
  afterAll(() => subject.stop())
  return {
    client,
    async send(body, headers = {}, { query = '', settings = {}, isServer = false } = {}): Promise<Sent> {
      const site: Site = await client.makeSite(settings)
      const response = await client.call(`/${site.name}?${isServer ? '' : `key=${site.write}&`}${query}`, {
        method: 'POST',
        body,
        headers: { 'User-Agent': CHROME, ...(isServer && client.as(site.server)), ...headers },
      })
      return { status: response.status, text: await response.text(), rows: await client.rows(site) }
    },
  }
}
