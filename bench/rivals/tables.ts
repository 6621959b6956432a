import { eventFields } from '../../src/dimension.ts'
import { ENGAGEMENT, type Event, PAGEVIEW, type TextField, textFields } from '../../src/event.ts'

/**
 * The schema that both rivals get, the best we know for them: every text is a small code of a dictionary, visits
 * are worked out before (`visits` has a row with the facts of each), and `events` repeats its visit's facts, so that
 * no question needs a join of the two. Ids of events are left out: we do not keep them either.
 */

export type ColumnType = 'uint8' | 'uint16' | 'int32' | 'int64' | 'uint64' | 'text'
export type Value = number | bigint | string | null

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly values: readonly Value[]
}

export interface DayTables {
  readonly events: readonly Column[]
  readonly visits: readonly Column[]
}

const VISIT_GAP_MS = 1_800_000
const SITE = 1

/** The facts of a visit: its first event's. */
const visitFields = textFields.filter((field) => !eventFields.has(field))

/** Fields of many values take two bytes, all others one. */
const wideFields: ReadonlySet<string> = new Set([
  'page',
  'title',
  'referrer',
  'source',
  'campaign',
  'term',
  'utm_campaign',
  'utm_term',
  'region',
  'city',
])

const blanks: Readonly<Record<string, string>> = {
  source: 'Direct / None',
  referrer: 'Direct / None',
  channel: 'Direct',
}

/** Texts of one field as numbers from 1; 0 is none. */
class Dictionary {
  readonly labels: string[]
  readonly #codes = new Map<string, number>()
  readonly #limit: number

  constructor(field: string) {
    this.labels = [blanks[field] ?? '(not set)']
    this.#limit = wideFields.has(field) ? 0xffff : 0xff
  }

  codeOf(text: string | undefined): number {
    if (text === undefined) return 0
    const known = this.#codes.get(text)
    if (known !== undefined) return known
    const code = this.labels.length
    if (code > this.#limit)
      throw new RangeError(`More than ${this.#limit} values, the first over it is ${text}`)
    this.labels.push(text)
    this.#codes.set(text, code)
    return code
  }
}

interface Visit {
  readonly number: number
  readonly visitor: bigint
  readonly facts: readonly number[]
  start: number
  end: number
  last: number
  pageviews: number
  isInteractive: boolean
  entryPage: number
  exitPage: number
}

/** Days in rows as databases take them. Codes and visit numbers go on from day to day. */
export class Tables {
  readonly dictionaries: ReadonlyMap<string, Dictionary> = new Map(
    ['name', ...textFields, 'currency'].map((field) => [field, new Dictionary(field)] as const),
  )
  #visitCount = 0

  codeOf(field: string, text: string | undefined): number {
    const dictionary = this.dictionaries.get(field)
    if (!dictionary) throw new Error(`There is no field ${field}`)
    return dictionary.codeOf(text)
  }

  /** Rows of a day, those of events ordered by visitor and time. */
  read(events: readonly Event[]): DayTables {
    const ordered = byVisitorAndTime(events)
    const visits: Visit[] = []
    const visitOf = ordered.map((event, index) => {
      const before = visits.at(-1)
      const isSame = before && ordered[index - 1]?.visitor === event.visitor
      if (isSame && event.time - before.last <= VISIT_GAP_MS) {
        before.last = event.time
        return before
      }
      const visit = this.#visitFrom(event)
      visits.push(visit)
      return visit
    })
    for (const [index, visit] of visitOf.entries()) this.#take(ordered[index] as Event, visit)
    return { events: this.#eventColumns(ordered, visitOf), visits: this.#visitColumns(visits) }
  }

  #visitFrom(event: Event): Visit {
    this.#visitCount += 1
    return {
      number: this.#visitCount,
      visitor: BigInt(`0x${event.visitor}`),
      facts: visitFields.map((field) => this.codeOf(field, event[field])),
      start: 0,
      end: 0,
      last: event.time,
      pageviews: 0,
      isInteractive: false,
      entryPage: 0,
      exitPage: 0,
    }
  }

  #take(event: Event, visit: Visit): void {
    if (event.name === ENGAGEMENT) return
    if (visit.start === 0) visit.start = event.time
    visit.end = event.time
    if (event.name === PAGEVIEW) {
      visit.pageviews += 1
      visit.exitPage = this.codeOf('page', event.page)
      if (visit.pageviews === 1) visit.entryPage = visit.exitPage
    } else if (event.interactive !== false) visit.isInteractive = true
  }

  #eventColumns(events: readonly Event[], visitOf: readonly Visit[]): Column[] {
    const coded = (field: TextField | 'name'): Column => ({
      name: field,
      type: typeOf(field),
      values: events.map((event) => this.codeOf(field, event[field])),
    })
    const facts = visitFields.map((field, at) => ({
      name: field,
      type: typeOf(field),
      values: visitOf.map((visit) => visit.facts[at] as number),
    }))
    return [
      { name: 'site', type: 'uint8', values: events.map(() => SITE) },
      { name: 'ts', type: 'int64', values: events.map(({ time }) => time) },
      { name: 'visitor', type: 'uint64', values: visitOf.map(({ visitor }) => visitor) },
      { name: 'visit', type: 'int32', values: visitOf.map(({ number }) => number) },
      coded('name'),
      coded('page'),
      coded('hostname'),
      coded('title'),
      ...facts,
      { name: 'ms', type: 'int32', values: events.map(({ ms }) => ms ?? null) },
      { name: 'depth', type: 'uint8', values: events.map(({ depth }) => depth ?? null) },
      {
        name: 'passive',
        type: 'uint8',
        values: events.map((event) => (event.interactive === false ? 1 : 0)),
      },
      { name: 'cents', type: 'int32', values: events.map(centsOf) },
      {
        name: 'currency',
        type: 'uint8',
        values: events.map(({ revenue }) => this.codeOf('currency', revenue?.currency)),
      },
      {
        name: 'props',
        type: 'text',
        values: events.map(({ props }) => (props ? JSON.stringify(props) : null)),
      },
    ]
  }

  #visitColumns(visits: readonly Visit[]): Column[] {
    const facts = visitFields.map((field, at) => ({
      name: field,
      type: typeOf(field),
      values: visits.map((visit) => visit.facts[at] as number),
    }))
    return [
      { name: 'site', type: 'uint8', values: visits.map(() => SITE) },
      { name: 'ts', type: 'int64', values: visits.map(({ start }) => start) },
      { name: 'duration', type: 'int32', values: visits.map(({ start, end }) => end - start) },
      { name: 'visitor', type: 'uint64', values: visits.map(({ visitor }) => visitor) },
      { name: 'visit', type: 'int32', values: visits.map(({ number }) => number) },
      { name: 'pageviews', type: 'int32', values: visits.map(({ pageviews }) => pageviews) },
      {
        name: 'bounce',
        type: 'uint8',
        values: visits.map(({ pageviews, isInteractive }) => (pageviews === 1 && !isInteractive ? 1 : 0)),
      },
      { name: 'entry_page', type: 'uint16', values: visits.map(({ entryPage }) => entryPage) },
      { name: 'exit_page', type: 'uint16', values: visits.map(({ exitPage }) => exitPage) },
      ...facts,
    ]
  }
}

function typeOf(field: string): ColumnType {
  return wideFields.has(field) ? 'uint16' : 'uint8'
}

function centsOf({ revenue }: Event): number | null {
  return revenue ? Math.round(Number(revenue.amount) * 100) : null
}

function byVisitorAndTime(events: readonly Event[]): Event[] {
  const numbers = new Map<string, number>()
  const numberOf = (visitor: string): number => {
    const known = numbers.get(visitor) ?? numbers.size
    numbers.set(visitor, known)
    return known
  }
  const start = events.reduce((least, { time }) => Math.min(least, time), Number.POSITIVE_INFINITY)
  const keys = Float64Array.from(
    events,
    ({ visitor = '', time }) => numberOf(visitor) * 0x800_0000 + time - start,
  )
  const order = Uint32Array.from(events.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number))
  return Array.from(order, (index) => events[index] as Event)
}
