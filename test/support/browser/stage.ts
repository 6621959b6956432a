import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { Client, type Json, type Site } from '../../contract/client.ts'
import { overHttp } from '../in-process.ts'
import { type Server, startNode, startWorker } from '../server.ts'
import type { Certificate } from './certificate.ts'
import { type Front, startFront } from './front.ts'
import type { Parcel } from './ways.ts'

/** What takes the beacons: the server as its users start it, and the Worker as it is deployed. */
export const runtimes: Readonly<Record<string, () => Promise<Server>>> = {
  Node: () => startNode(),
  workerd: () => startWorker(),
}

/** A site and a collector of another site, both over HTTPS, for browsers to go between. */
export interface Stage {
  readonly front: Front
  /** Where pages send, with the write key. */
  readonly url: string
  /** The same through the site itself, so that it is of the page's own origin. */
  readonly ownUrl: string
  /** The event that every way of sending is to carry, but for its id. */
  parcel(id: string): Parcel
  rows(): Promise<readonly Json[]>
  /** The first event that is so, within 10 s. */
  arrives(isIt: (row: Json) => boolean): Promise<Json>
  /** How many events of each name a page has, once those that are wanted are there and no more have come since. */
  tally(page: string, wanted: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>>>
  /** The tracker as a page has it, by a `data-` attribute for each that is named. */
  tag(attributes?: string): string
  /** examples/index.html as its own site would have it. */
  example(): string
  /** Distinct visitors of all events. */
  visitors(): Promise<unknown>
  stop(): Promise<void>
}

/** How long an event that should not be is waited for, ms. */
const GRACE_MS = 700

export async function setStage(
  start: () => Promise<Server>,
  certificate: Certificate,
  moreOrigins: readonly string[] = [],
): Promise<Stage> {
  const server = await start()
  const client = new Client(() => overHttp(server))
  const site = await client.makeSite()
  const front = await startFront(certificate, server.url, [site.name])
  expect((await client.put(site.name, { origins: [front.site, ...moreOrigins] })).status).toBe(200)
  const path = `/${site.name}?key=${site.write}`
  return {
    front,
    url: front.collect + path,
    ownUrl: front.site + path,
    parcel: (id) => parcelOf(id, front, path),
    rows: () => client.rows(site),
    arrives: (isIt) => find(client, site, isIt),
    async tally(page, wanted): Promise<Readonly<Record<string, number>>> {
      const count = async (): Promise<Readonly<Record<string, number>>> =>
        countByName((await client.rows(site)).filter((row) => row.page === page))
      await expect.poll(count, { timeout: 15_000, interval: 100 }).toMatchObject(wanted)
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
      return count()
    },
    tag: (attributes = '') =>
      `<script defer src="${front.collect}/s.js" data-collection="${site.name}" data-key="${site.write}" ${attributes}></script>`,
    example: () =>
      readFileSync(new URL('../../../examples/index.html', import.meta.url), 'utf8')
        .replaceAll('http://localhost:4000', front.collect)
        .replace('https://example.com', front.other)
        .replace('"pageviews"', `"${site.name}"`)
        .replace('"skw_…"', `"${site.write}"`)
        .replace('data-local', 'data-webdriver'),
    async visitors(): Promise<unknown> {
      const { results } = await client.ask(site, { metrics: ['visitors'], date_range: 'day' })
      return results[0]?.metrics[0]
    },
    async stop(): Promise<void> {
      await front.stop()
      await server.stop()
    },
  }
}

function parcelOf(id: string, front: Front, path: string): Parcel {
  const page = `${front.site}/article?utm_source=letter&token=s3cret#s3cret`
  const event = { id, page, referrer: 'https://search.test/find?q=s3cret', title: 'An article' }
  return {
    url: front.collect + path,
    json: JSON.stringify({ ...event, props: { plan: 'pro' } }),
    pairs: { ...event, 'props.plan': 'pro' },
  }
}

/** What is kept of a parcel. */
export const keptParcel = {
  name: 'pageview',
  page: '/article',
  hostname: 'site.test',
  referrer: 'https://search.test/find',
  title: 'An article',
  utm_source: 'letter',
  props: { plan: 'pro' },
} as const

function countByName(rows: readonly Json[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { name } of rows) counts[String(name)] = (counts[String(name)] ?? 0) + 1
  return counts
}

/** An event but for what makes it another than the next. */
export function sameness({ id: _id, time: _time, ...same }: Json): Json {
  return same
}

async function find(client: Client, site: Site, isIt: (row: Json) => boolean): Promise<Json> {
  let found: Json | undefined
  await expect
    .poll(
      async () => {
        found = (await client.rows(site)).find(isIt)
        return found
      },
      { timeout: 10_000, interval: 100 },
    )
    .toBeDefined()
  return found ?? {}
}
