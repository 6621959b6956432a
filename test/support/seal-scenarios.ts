import { readFilters, readQuery } from '../../src/asking/query-reader.ts'
import type { Collection } from '../../src/collection.ts'
import { ENGAGEMENT, type Event } from '../../src/event.ts'
import { event } from './event.ts'

/** A state of a collection in which a process may die, what it does then, and what must hold after it. */
export interface Scenario {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Brings about the state before. `at` sets the clock. */
  prepare(collection: Collection, at: (time: number) => void): Promise<void>
  /** What the process is at when it meets its fate. Tells how many events it erased, if that is what it does. */
  act(collection: Collection): Promise<number | undefined>
  /** Whether it goes well even if a call fails. */
  readonly canBearFailure: boolean
  /** Events that count before, and after; nothing between them may ever be seen. */
  readonly before: readonly Event[]
  readonly after: readonly Event[]
  /** What clients send again after a crash, to be on the safe side: it changes nothing. */
  readonly again: readonly Event[]
  /** Events whose ids are past their time: they may be forgotten at any moment. */
  readonly forgettable: readonly Event[]
  /** Those of them whose ids must be gone once somebody has sealed. */
  readonly forgotten: readonly Event[]
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon of the day on which processes die. */
export const NOON: number = Date.UTC(2026, 4, 20, 12)
/** When the old days came in: just over 48 hours before they may be forgotten. */
const LONG_AGO = NOON - 3 * DAY
const YESTERDAY = LONG_AGO + 47 * HOUR

/** No two events are of the same instant, so that an export has them in one order only. */
let made = 0

/** An event that can be told by its title, at a number of days and hours from noon. */
function at(days: number, hours: number, received: number, fields: Partial<Event> = {}): Event {
  made++
  const one = event({ time: NOON + days * DAY + hours * HOUR + made, received, page: '/a', ...fields })
  return { ...one, title: one.id }
}

/** A visit of three pages and a look. */
function visit(days: number, hours: number, visitor: string, received: number, page = '/a'): Event[] {
  const fields = { visitor: `00000000000000${visitor}`, hostname: 'x.example' }
  return [
    at(days, hours, received, { ...fields, page, source: 'Google' }),
    at(days, hours + 0.2, received, { ...fields, page: '/b' }),
    at(days, hours + 0.3, received, { ...fields, page: '/b', name: 'engagement', ms: 3000, depth: 60 }),
    at(days, hours + 0.7, received, { ...fields, page: '/c', name: 'signup', props: { plan: 'pro' } }),
  ]
}

export function scenarios(): readonly Scenario[] {
  return [firstSeal(), laterSeal(), asking(), erasing(), clearing()]
}

/** Nothing is sealed yet; two days are in the journal. */
function firstSeal(): Scenario {
  const events = [...visit(-1, 1, 'aa', NOON - DAY), ...visit(0, -2, 'aa', NOON), at(0, -1, NOON)]
  return {
    name: 'a first seal',
    settings: {},
    async prepare(collection, clock): Promise<void> {
      clock(NOON)
      for (const one of events) await collection.add([one, one])
    },
    act: sealing,
    canBearFailure: false,
    before: events,
    after: events,
    again: events,
    forgettable: [],
    forgotten: [],
  }
}

/**
 * Of the days before: one is past the retention, two are to be forgotten, one gets late events though it was to be
 * forgotten, one is sealed and goes on, one is new. Ids that are sealed come again.
 */
function laterSeal(): Scenario {
  const dropped = visit(-7, 0, 'aa', LONG_AGO)
  const due = [...visit(-5, 0, 'aa', LONG_AGO), ...visit(-4, 0, 'bb', LONG_AGO), at(-4, 2, LONG_AGO)]
  const dated = at(-4, 3, LONG_AGO, { dated: true })
  const old = visit(-3, -2, 'aa', LONG_AGO)
  const recent = [
    ...visit(-1, -3, 'aa', YESTERDAY),
    ...visit(-1, -2.5, 'bb', YESTERDAY),
    at(-1, -2, YESTERDAY),
  ]
  const late = [
    at(-3, -1.9, NOON, { visitor: '00000000000000aa', page: '/b', dated: true }),
    at(-3, 5, NOON, { page: '/c' }),
    at(-1, -2.7, NOON, { visitor: '00000000000000aa', page: '/c' }),
  ]
  const fresh = [...visit(0, -2, 'aa', NOON), ...visit(0, -1, 'cc', NOON)]
  const events = [...due, dated, ...old, ...recent, ...late, ...fresh]
  return {
    name: 'a later seal',
    settings: { retention: 6 },
    async prepare(collection, clock): Promise<void> {
      clock(LONG_AGO)
      await collection.add([...dropped, ...due, dated, ...old])
      await collection.seal()
      clock(YESTERDAY)
      await collection.add(recent)
      await collection.seal()
      clock(NOON)
      await collection.add([...recent, dated])
      await collection.add([...late, ...fresh])
      await collection.add(fresh)
    },
    act: sealing,
    canBearFailure: false,
    before: events,
    after: events,
    again: [dated, ...recent, ...late, ...fresh],
    forgettable: [...due, ...old],
    forgotten: due,
  }
}

/** A question seals what has become too long, and is answered whether or not it can. */
function asking(): Scenario {
  const sealed = visit(0, -5, 'aa', NOON)
  const events = [...sealed, ...visit(-1, 1, 'aa', NOON - DAY), ...visit(0, -4.4, 'aa', NOON)]
  const counted = events.filter(({ name }) => name !== ENGAGEMENT).length
  return {
    name: 'a question',
    settings: {},
    async prepare(collection, clock): Promise<void> {
      clock(NOON)
      await collection.add(sealed)
      await collection.seal()
      await collection.add(events)
    },
    async act(collection): Promise<undefined> {
      const query = { metrics: ['events'], date_range: ['2026-05-01', '2026-05-31'] }
      const { results } = await collection.query(readQuery(query, collection.definition))
      const found = Number(results[0]?.metrics[0])
      // One more may have come while the question was asked.
      if (found !== counted && found !== counted + 1) throw new Error(`${found} events`)
    },
    canBearFailure: true,
    before: events,
    after: events,
    again: events,
    forgettable: [],
    forgotten: [],
  }
}

/** A page that is in sealed days, on a day of its own, and in the journal. */
function erasing(): Scenario {
  const page = '/secret'
  const secret = [
    ...[
      at(-4, 0, LONG_AGO, { page, dated: true }),
      at(-2, 0, YESTERDAY, { page, visitor: '00000000000000dd' }),
    ],
    ...[at(-1, -2.9, YESTERDAY, { page, visitor: '00000000000000aa' }), at(0, -1, NOON, { page })],
  ]
  const due = visit(-4, 0, 'aa', LONG_AGO)
  const recent = visit(-1, -3, 'aa', YESTERDAY)
  const fresh = visit(0, -2, 'aa', NOON)
  const after = [...due, ...recent, ...fresh]
  const isOf = (received: number) => (one: Event) => one.received === received
  return {
    name: 'an erasure',
    settings: {},
    async prepare(collection, clock): Promise<void> {
      const events = [...after, ...secret]
      clock(LONG_AGO)
      await collection.add(events.filter(isOf(LONG_AGO)))
      await collection.seal()
      clock(YESTERDAY)
      await collection.add(events.filter(isOf(YESTERDAY)))
      await collection.seal()
      clock(NOON)
      await collection.add(events.filter(isOf(NOON)))
    },
    act: (collection) =>
      collection.erase({
        range: {},
        filters: readFilters([['is', 'event:page', [page]]], collection.definition),
      }),
    canBearFailure: false,
    before: [...after, ...secret],
    after,
    again: [...secret, ...recent, ...fresh],
    forgettable: due,
    forgotten: due,
  }
}

/** Sealed days and a journal, all of it to be forgotten. */
function clearing(): Scenario {
  const events = [...visit(-1, 1, 'aa', NOON - DAY), ...visit(0, -2, 'aa', NOON)]
  return {
    name: 'a clearing',
    settings: {},
    async prepare(collection, clock): Promise<void> {
      clock(NOON - HOUR)
      await collection.add(events)
      await collection.seal()
      clock(NOON)
      await collection.add(events.slice(3))
    },
    async act(collection): Promise<undefined> {
      await collection.clear()
    },
    canBearFailure: false,
    before: events,
    after: [],
    again: [],
    forgettable: [],
    forgotten: [],
  }
}

async function sealing(collection: Collection): Promise<undefined> {
  await collection.seal()
}
