import type { Mark, Observer, SkerryContext, ValidBeacon } from '../context.ts'
import type { Log } from '../log.ts'
import { type Counts, NONE, series } from '../telemetry.ts'
import { readTrace, type Trace } from '../trace.ts'

/** A request that was answered, without anything of who sent it or what it said. */
export interface Answered {
  readonly method: string
  /** The pattern of its path. */
  readonly route: string
  readonly status: number
  readonly ms: number
  /** The time of each layer itself, from the outside in. */
  readonly marks: readonly Mark[]
  readonly collection?: string | undefined
  /** Code of the refusal or of the problem that was answered. */
  readonly code?: string | undefined
  readonly trace?: Trace | undefined
}

export interface RequestOptions {
  readonly counts: Counts
  /** Is told of each request once its reply is there. Must not throw. */
  readonly onAnswer?: ((answered: Answered) => void) | undefined
}

/** Makes what counts the requests of a route. */
export function requestObserver({ counts, onAnswer }: RequestOptions) {
  const beacons = counts.tally('skerry_beacons')
  const events = counts.tally('skerry_events')

  function countEvents(collection: string, { events: accepted, invalid, refused }: ValidBeacon): void {
    if (accepted.length > 0) events(collection, 'accepted', accepted.length)
    if (invalid.length > 0) events(collection, 'invalid_event', invalid.length)
    for (const { code } of refused) events(collection, code, 1)
  }

  function countBeacons(c: SkerryContext, code: string | undefined): void {
    const isRead = c.get('problem') === undefined
    const read = isRead ? (c.get('beacons') ?? []) : []
    if (read.length === 0 && code !== undefined)
      beacons(c.get('collection')?.definition.name ?? NONE, code, 1)
    for (const beacon of read) {
      const { name } = beacon.collection.definition
      beacons(name, outcomeOf(beacon), 1)
      countEvents(name, beacon)
    }
    if (isRead) countStrays(c.get('strays') ?? [])
  }

  function countStrays(codes: readonly string[]): void {
    for (const code of new Set(codes)) beacons(NONE, code, 1)
    for (const code of codes) events(NONE, code, 1)
  }

  return function observe(route: string, takesBeacons: boolean): Observer {
    const time = counts.timer('skerry_request_duration_seconds', { route })
    const requests = [1, 2, 3, 4, 5].map((hundred) =>
      series('skerry_requests', { route, status: `${hundred}xx` }),
    )
    return (c, reply, ms, marks) => {
      time(ms)
      counts.count(requests[Math.floor(reply.status / 100) - 1] ?? '')
      const code = c.get('problem') ?? reply.headers['Skerry-Refused']
      if (takesBeacons) countBeacons(c, code)
      onAnswer?.(answered(c, { route, status: reply.status, ms, marks, code }))
    }
  }
}

function outcomeOf({ events, refused, invalid }: ValidBeacon): string {
  if (events.length > 0) return invalid.length > 0 ? 'partial' : 'accepted'
  return refused[0]?.code ?? (invalid.length > 0 ? 'invalid_event' : 'accepted')
}

type Known = Pick<Answered, 'route' | 'status' | 'ms' | 'marks' | 'code'>

/** A foreign beacon names no collection in its path: its first one is told, and why it has none. */
function answered(c: SkerryContext, { code, ...known }: Known): Answered {
  const collection = c.get('collection') ?? c.get('beacons')?.[0]?.collection
  return {
    ...known,
    code: code ?? c.get('strays')?.[0],
    method: c.req.method,
    collection: collection?.definition.name,
    trace: readTrace(c.req.header('traceparent')),
  }
}

/** Writes one line for each request. */
export function logAnswers(log: Log): (answered: Answered) => void {
  return ({ marks, ms, trace, ...facts }) => {
    const layers = Object.fromEntries(marks.map(({ name, own }) => [`layer.${name}`, round(own)]))
    log({ level: 'debug', event: 'request', ...facts, ms: round(ms), ...trace, ...layers })
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
