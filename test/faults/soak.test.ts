import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ADMIN_KEY, startNode } from '../support/server.ts'
import { deployedMemory } from './deployed.ts'
import { figure, isLong } from './scale.ts'
import { type Beacon, countOf, newAccount, sendTraffic } from './traffic.ts'

/** How long half load lasts: 10 s, in the long run 10 minutes, or as many as MINUTES says. */
const SECONDS = isLong ? 60 * Number(process.env.MINUTES ?? 10) : 10
const CONNECTIONS = 64
const MB = 1_048_576

/** Bounds of what a server takes. The log holds at most what one seal moves. */
const RSS_MB = 600
const WAL_MB = 128
/**
 * Bytes that the memory may grow by for each event of the day, which is in memory as long as a dashboard looks at it:
 * about 75, and as much again for what a question or a seal makes of them.
 */
const BYTES_PER_EVENT = 160
/** Descriptors beside the idle server's and its connections'. */
const OTHER_DESCRIPTORS = 8

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

/** Page views of many pages, visitors and sources; every eighth beacon brings fifty. */
function soakBeacon(n: number): Beacon {
  const ids = Array.from({ length: n % 8 === 7 ? 50 : 1 }, (_, i) => `s${n}.${i}`)
  const events = ids.map((id, i) => soakEvent(id, n * 50 + i))
  return { ids, body: JSON.stringify(events.length > 1 ? events : events[0]) }
}

function soakEvent(id: string, n: number): Readonly<Record<string, string>> {
  const [page, visitor] = [(n * 31) % 2000, (n * 7919) % 20_000]
  return {
    ...{ id, page: `https://www.example.com/articles/${page}?utm_source=mail${n % 20}` },
    ...{ address: `10.1.${visitor >> 8}.${visitor & 255}`, agent: AGENT, title: `Article ${page}` },
    ...{ referrer: `https://site${n % 300}.example/`, language: 'de-DE', screen: '1920x1080' },
  }
}

interface Sample {
  /** Events acknowledged so far. */
  readonly events: number
  /** MB. */
  readonly rss: number
  readonly descriptors: number
  /** MB. */
  readonly wal: number
  /** Files beside the database and its log, and deleted ones that are still open. */
  readonly temporary: number
}

function sample(pid: number, folder: string, events: number): Sample {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  const descriptors = readdirSync(`/proc/${pid}/fd`)
  const files = readdirSync(folder).filter((name) => !/^skerry\.db(-wal|-shm)?$/.test(name))
  return {
    events,
    rss: (Number(kilobytes) * 1024) / MB,
    descriptors: descriptors.length,
    wal: statSync(join(folder, 'skerry.db-wal')).size / MB,
    temporary: files.length + descriptors.filter((name) => isDeleted(`/proc/${pid}/fd/${name}`)).length,
  }
}

function isDeleted(link: string): boolean {
  try {
    return readlinkSync(link).endsWith(' (deleted)')
  } catch {
    return false
  }
}

/** Asks as a dashboard does, once a second. */
async function ask(url: string): Promise<void> {
  const body = JSON.stringify({
    metrics: ['visitors', 'pageviews'],
    dimensions: ['event:page'],
    date_range: 'day',
  })
  const headers = { Authorization: `Key ${ADMIN_KEY}` }
  const response = await fetch(`${url}/pageviews/query`, { method: 'POST', headers, body })
  expect(response.status, await response.text()).toBe(200)
  await countOf(url)
}

/**
 * By how much the memory grows for each event, bytes: least squares over the lowest point of each fifth of the
 * second half. Garbage that waits for its collection, and seals, are above these.
 */
function growthOf(samples: readonly Sample[]): number {
  const later = samples.slice(Math.floor(samples.length / 2))
  const part = Math.ceil(later.length / 5)
  const lowest = Array.from({ length: 5 }, (_, i) => later.slice(i * part, (i + 1) * part))
    .filter((some) => some.length > 0)
    .map((some) => some.reduce((a, b) => (b.rss < a.rss ? b : a)))
  const mean = (of: 'events' | 'rss'): number => lowest.reduce((sum, one) => sum + one[of], 0) / lowest.length
  const [meanEvents, meanRss] = [mean('events'), mean('rss')]
  let [together, apart] = [0, 0]
  for (const { events, rss } of lowest) {
    together += (events - meanEvents) * (rss - meanRss)
    apart += (events - meanEvents) ** 2
  }
  return (MB * together) / apart
}

/** What the server takes when all is sent that it can answer, beacons a second. */
async function fullLoad(url: string, account: ReturnType<typeof newAccount>): Promise<number> {
  const seconds = isLong ? 10 : 2
  const until = AbortSignal.timeout(1000 * seconds)
  const before = account.made
  await sendTraffic(url, account, { connections: CONNECTIONS, until, beacon: soakBeacon })
  return (account.made - before) / seconds
}

test('half load for long: memory, descriptors, log and temporary files stay as they are', {
  timeout: 1000 * SECONDS + 120_000,
}, async ({ onTestFinished }) => {
  const server = await startNode(deployedMemory())
  onTestFinished(() => server.stop())
  const account = newAccount()
  const look = (): Sample =>
    sample(server.child.process.pid ?? 0, server.folder.path, account.acknowledged.size)
  await ask(server.url)
  const idle = look()
  const perSecond = Math.round((await fullLoad(server.url, account)) / 2)
  const until = AbortSignal.timeout(1000 * SECONDS)
  const load = { connections: CONNECTIONS, until, beacon: soakBeacon, perSecond }
  const sending = sendTraffic(server.url, account, load)
  const samples: Sample[] = []
  while (!until.aborted) {
    await pause(1000)
    await ask(server.url)
    samples.push(look())
    if (isLong && samples.length % 30 === 0) console.log(JSON.stringify(samples.at(-1)))
  }
  await sending
  expect([...account.answers.keys()]).toEqual([201])
  expect(await countOf(server.url)).toBe(account.acknowledged.size)
  await pause(1000)
  const end = look()

  const most = (of: keyof Sample): number => Math.max(...samples.map((one) => one[of]))
  const growth = growthOf(samples)
  figure('soak', {
    ...{ seconds: SECONDS, 'beacons a second': perSecond, events: account.acknowledged.size, lost: 0 },
    ...{ 'RSS MB': most('rss').toFixed(0), 'growth, bytes an event': growth.toFixed(0) },
    descriptors: `${idle.descriptors} idle ${most('descriptors')} most ${end.descriptors} in the end`,
    ...{ 'WAL MB': most('wal').toFixed(1), 'temporary files': most('temporary') },
  })
  expect(most('rss')).toBeLessThan(RSS_MB + (BYTES_PER_EVENT * account.acknowledged.size) / MB)
  expect(most('wal')).toBeLessThan(WAL_MB)
  expect(most('temporary')).toBe(0)
  expect(most('descriptors')).toBeLessThan(idle.descriptors + CONNECTIONS + OTHER_DESCRIPTORS)
  expect(end.descriptors).toBeLessThan(idle.descriptors + OTHER_DESCRIPTORS)
  // It finds its size only in the long run.
  if (isLong) expect(growth).toBeLessThan(BYTES_PER_EVENT)
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
