import { expect } from 'vitest'
import { ADMIN_KEY } from '../support/server.ts'
import { expectExact, type Findings } from './audit.ts'
import { figure } from './scale.ts'
import { type Account, newAccount, sendTraffic } from './traffic.ts'

const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** What keeps a server from its store, and gives it back. */
export interface Outage {
  /** Only writes fail: what is stored may still be asked for. */
  readonly readable?: boolean
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

/** Nothing is answered later, whatever the store does; ms. */
const ANSWER_MS = 3000
/** Everything works again so long after the store does, without a restart; ms. */
const RECOVERY_MS = 5000

/** An answer, and when it was asked for and given; ms. */
interface Answer {
  readonly status: number
  readonly from: number
  readonly to: number
}

/** A count, and between which numbers it must be. */
interface Counted extends Answer {
  readonly count: number
  readonly atLeast: number
  readonly atMost: number
}

/** Everything that was answered around an outage. */
interface Watch {
  readonly account: Account
  readonly collected: Answer[]
  readonly counted: Counted[]
}

/**
 * Sends and asks while a server's store goes away for so long and comes back. Expects 503 in time from then on, for
 * sending, asking and readiness; an honest count or none; that all of it works again in time; and in the end that
 * nothing acknowledged is lost and nothing counts twice. `account`: all that the server was sent before.
 */
export async function expectOutageIsSurvived(
  name: string,
  url: string,
  outage: Outage,
  ms: number,
  account: Account = newAccount(),
): Promise<void> {
  await isUp(url)
  const watch: Watch = { account, collected: [], counted: [] }
  const ending = new AbortController()
  const senders = send(url, watch, ending.signal)
  const asking = ask(url, watch, ending.signal)
  await sleep(300)
  await outage.begin()
  const begun = performance.now()
  await Promise.all([expectToldApart(url, watch.account), sleep(ms)])
  const ended = performance.now()
  await outage.end()
  const recovered = await recovery(url, watch, performance.now())
  await sleep(300)
  ending.abort()
  await Promise.all([senders, asking])
  expectHonest(watch, begun, ended, outage)
  tell(name, watch, recovered, await expectExact(url, watch.account))
}

/** Waits until a server has made its first collections. */
async function isUp(url: string): Promise<void> {
  while ((await fetch(`${url}/pageviews/count`, { headers })).status !== 200) await sleep(50)
}

async function send(url: string, { account, collected }: Watch, until: AbortSignal): Promise<void> {
  await sendTraffic(url, account, {
    ...{ connections: 16, perSecond: 160, until },
    seen: (status, from) => collected.push({ status, from, to: performance.now() }),
  })
}

async function ask(url: string, { account, counted }: Watch, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    const [atLeast, from] = [account.acknowledged.size, performance.now()]
    const response = await fetch(`${url}/pageviews/count`, { headers })
    const { count = 0 } = (await response.json()) as { count?: number }
    // Of five beacons one is three events; one more is sent besides.
    const atMost = 3 * (account.made + 1)
    counted.push({ status: response.status, from, to: performance.now(), count, atLeast, atMost })
    await sleep(50)
  }
}

/** In the midst of an outage the process lives, is not ready, and says when to come again. */
async function expectToldApart(url: string, { unknown, made }: Account): Promise<void> {
  const id = `late${made}`
  const beacon = { ids: [id], body: JSON.stringify({ id, page: '/' }) }
  unknown.push(beacon)
  const start = performance.now()
  const [live, ready, late] = await Promise.all([
    fetch(`${url}/health/live`),
    fetch(`${url}/health/ready`),
    fetch(`${url}/pageviews`, { method: 'POST', headers, body: beacon.body }),
  ])
  expect(performance.now() - start).toBeLessThan(ANSWER_MS)
  expect([live.status, ready.status, late.status]).toEqual([200, 503, 503])
  expect([late.headers.get('Retry-After'), await late.json()]).toEqual([
    '1',
    expect.objectContaining({ code: 'unavailable' }),
  ])
}

/** Waits until sending, asking and readiness work again; ms since the end. */
async function recovery(url: string, { collected, counted }: Watch, end: number): Promise<number> {
  const works = ({ status, from }: Answer): boolean => from >= end && status < 300
  for (;;) {
    const { status } = await fetch(`${url}/health/ready`)
    const past = performance.now() - end
    if (status === 200 && collected.some(works) && counted.some(works)) return past
    expect(past, 'ms without recovery').toBeLessThan(RECOVERY_MS)
    await sleep(50)
  }
}

function expectHonest(
  { collected, counted }: Watch,
  begun: number,
  ended: number,
  { readable = false }: Outage,
): void {
  const all = [...collected, ...counted]
  expect([...new Set(all.map(({ status }) => status))].sort()).toEqual([200, 201, 503])
  expect(slowest(all)).toBeLessThan(ANSWER_MS)
  const refused = readable ? collected : all
  const meanwhile = refused.filter(({ from, to }) => from >= begun && to < ended)
  expect(meanwhile.length).toBeGreaterThan(0)
  expect(meanwhile.filter(({ status }) => status !== 503)).toEqual([])
  const wrong = counted.filter((one) => one.status === 200 && !isHonest(one))
  expect(wrong).toEqual([])
}

function isHonest({ count, atLeast, atMost }: Counted): boolean {
  return count >= atLeast && count <= atMost
}

function slowest(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ from, to }) => to - from))
}

function tell(name: string, { account, collected, counted }: Watch, ms: number, found: Findings): void {
  figure(name, {
    sent: account.made,
    refused: collected.filter(({ status }) => status === 503).length,
    'of these stored': found.storedUnknown,
    ...{ lost: found.lost, doubled: 0 },
    'slowest answer to a beacon, ms': Math.round(slowest(collected)),
    'to a question, ms': Math.round(slowest(counted)),
    'recovered after ms': Math.round(ms),
  })
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
