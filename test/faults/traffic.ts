import { Agent, type IncomingMessage, request } from 'node:http'
import { ADMIN_KEY } from '../support/server.ts'

const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** One request that collects events, and the ids of these. */
export interface Beacon {
  readonly ids: readonly string[]
  readonly body: string
}

/** What was sent to a server, and what it said. */
export interface Account {
  readonly acknowledged: Set<string>
  /** Beacons without an answer, and those answered 503: they may be stored or not. */
  unknown: Beacon[]
  /** How often each status was answered; 0: none was. */
  readonly answers: Map<number, number>
  /** Beacons made so far. */
  made: number
}

export function newAccount(): Account {
  return { acknowledged: new Set(), unknown: [], answers: new Map(), made: 0 }
}

/** Ids of all that was sent. */
export function sentIds({ acknowledged, unknown }: Account): ReadonlySet<string> {
  return new Set([...acknowledged, ...unknown.flatMap(({ ids }) => ids)])
}

export interface Traffic {
  readonly connections: number
  /** When no more is sent. */
  readonly until: AbortSignal
  /** The n-th beacon; `usualBeacon` unless said. */
  readonly beacon?: (n: number) => Beacon
  /** How many are sent a second, all connections together; as many as are answered unless said. */
  readonly perSecond?: number
  /** Is told each answer's status, 0 if there was none, and when the beacon was sent; ms. */
  readonly seen?: (status: number, sent: number) => void
}

/** A page view; every fifth time a batch of three. */
export function usualBeacon(n: number): Beacon {
  const ids = n % 5 === 4 ? [`b${n}.0`, `b${n}.1`, `b${n}.2`] : [`b${n}`]
  const events = ids.map((id) => ({ id, page: `/page${n % 50}`, title: `Page ${n % 50}` }))
  return { ids, body: JSON.stringify(events.length > 1 ? events : events[0]) }
}

/** A connection that fell behind its pace makes up for this much of it; ms. */
const CATCH_UP_MS = 1000

/**
 * Sends beacons over so many connections, each waiting for its answer before it sends the next. A connection
 * ends with the server, and pauses after a 503.
 */
export async function sendTraffic(url: string, account: Account, traffic: Traffic): Promise<void> {
  const { connections, until, beacon = usualBeacon, perSecond = Infinity, seen } = traffic
  // Connections take turns: one that lay idle would not learn that its server wants it to go.
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })
  const interval = (1000 * connections) / perSecond
  async function oneConnection(): Promise<void> {
    let due = performance.now() + Math.random() * interval
    while (!until.aborted) {
      const sent = performance.now()
      const status = await sendBeacon(url, agent, account, beacon(account.made++))
      seen?.(status, sent)
      if (status === 0) return
      due = Math.max(due + interval, performance.now() - CATCH_UP_MS)
      const wait = Math.max(due - performance.now(), status === 503 ? 20 : 0)
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  await Promise.all(Array.from({ length: connections }, oneConnection))
  agent.destroy()
}

/** Sends one beacon and notes what came of it. Its status; 0: no answer. */
export async function sendBeacon(
  url: string,
  agent: Agent,
  account: Account,
  beacon: Beacon,
): Promise<number> {
  const status = await post(`${url}/pageviews`, agent, beacon.body).catch(() => 0)
  account.answers.set(status, (account.answers.get(status) ?? 0) + 1)
  if (status === 201) for (const id of beacon.ids) account.acknowledged.add(id)
  else account.unknown.push(beacon)
  return status
}

function post(url: string, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (response: IncomingMessage): void => {
      response
        .resume()
        .once('end', () => resolve(response.statusCode ?? 0))
        .once('error', reject)
    }
    request(url, { method: 'POST', agent, headers }, done).once('error', reject).end(body)
  })
}

/** Sends every beacon of an unknown outcome again, with the same ids. What is still unknown stays so. */
export async function sendAgain(url: string, account: Account): Promise<void> {
  const beacons = account.unknown
  account.unknown = []
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  await Promise.all(beacons.map((beacon) => sendBeacon(url, agent, account, beacon)))
  agent.destroy()
}

/** Events the server counts. */
export async function countOf(url: string): Promise<number> {
  const response = await fetch(`${url}/pageviews/count`, { headers })
  if (response.status !== 200) throw new Error(`count: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { count: number }).count
}

export interface Exported {
  readonly id: string
  readonly title: string
  readonly time: string
}

/** Everything the server has. */
export async function exportOf(url: string): Promise<readonly Exported[]> {
  const response = await fetch(`${url}/pageviews/events`, { headers })
  if (response.status !== 200) throw new Error(`export: ${response.status} ${await response.text()}`)
  const lines = (await response.text()).trimEnd().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Exported)
}

export async function isReady(url: string): Promise<boolean> {
  const { status } = await fetch(`${url}/health/ready`)
  return status === 200
}
