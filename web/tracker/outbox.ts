import type { Fields } from './event.ts'
import type { Outcome } from './platform.ts'

/** Events that wait on the device, oldest first, and when each was put there. Only a site with an outbox has any. */
const KEY = 'skerryOutbox'
const MOST = 100
/** What is older would be refused. */
const DAY_MS = 86_400_000

interface Waiting {
  readonly url: string
  /** ms since 1970, by the visitor's clock. */
  readonly at: number
  readonly event: Fields
}

/** Whether the site wants one: it has this file in a tag of its own, where the tracker loads it without. */
const isWanted = document.querySelector('script[src$="/outbox.js"]') !== null

/**
 * Takes events that the collector did not confirm. Where it could not be reached, tries the ways that remain; what it
 * may take later waits for the next visit where the site wants that. They may arrive more than once, and count once
 * by their ids.
 */
export default function rescue(url: URL, body: string, outcome: Outcome): void {
  if (outcome instanceof Response && isFinal(outcome)) return
  const events = JSON.parse(body) as Fields[]
  if (!(outcome instanceof Response)) sendOtherwise(url, body, events)
  if (!isWanted || isOff()) return
  const at = Date.now()
  keep([...read(), ...events.map((event) => ({ url: `${url}`, at, event }))])
}

/** Confirmed, or never to be taken. */
function isFinal({ status }: Response): boolean {
  return status < 429 && status !== 408
}

function sendOtherwise(url: URL, body: string, events: readonly Fields[]): void {
  navigator.sendBeacon(url, body)
  // Where a policy of the page forbids connections, an image may do.
  for (const event of events) new Image().src = `${url}&${new URLSearchParams(flat(event))}`
}

/** An event as form fields. An amount of money is none, and is left out. */
function flat({ props, revenue: _revenue, ...fields }: Fields): Record<string, string> {
  const entries = Object.entries(fields).filter(([, value]) => value != null)
  const own = Object.entries(props ?? {}).map(([name, value]) => [`props.${name}`, value])
  return Object.fromEntries([...entries, ...own].map(([name, value]) => [name, String(value)]))
}

function isOff(): boolean {
  try {
    return Boolean(localStorage.skerry)
  } catch {
    return true
  }
}

function read(): Waiting[] {
  try {
    const kept = JSON.parse(localStorage[KEY] ?? '[]') as Waiting[]
    return kept.filter(({ at }) => Date.now() - at < DAY_MS)
  } catch {
    return []
  }
}

function keep(waiting: Waiting[]): void {
  try {
    if (waiting.length > 0) localStorage[KEY] = JSON.stringify(waiting.slice(-MOST))
    else delete localStorage[KEY]
  } catch {}
}

/** Sends what waits, and forgets what is decided. */
async function deliver(): Promise<void> {
  const waiting = read()
  const done = new Set<unknown>()
  for (const url of new Set(waiting.map((one) => one.url))) {
    const own = waiting.filter((one) => one.url === url)
    const events = own.map(({ at, event }) => ({
      ...event,
      age: (event.age ?? 0) + Math.max(0, Date.now() - at),
    }))
    const reply = await fetch(url, { method: 'POST', body: JSON.stringify(events) }).catch(() => undefined)
    if (reply && isFinal(reply)) for (const { event } of own) done.add(event.id)
  }
  keep(read().filter(({ event }) => !done.has(event.id)))
}

if (isOff()) keep([])
else if (isWanted) void deliver()
