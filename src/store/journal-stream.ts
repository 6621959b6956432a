import { readQuery } from '../asking/query-reader.ts'
import type { CollectionDefinition, Selection, TimeRange } from '../collection.ts'
import { answer } from '../engine/answer.ts'
import type { Codec } from '../engine/bytes.ts'
import type { Cache } from '../engine/cache.ts'
import { countSteps } from '../engine/count-steps.ts'
import { attributeName, type ColumnName, propKey } from '../engine/day.ts'
import type { Days } from '../engine/days.ts'
import { masksOf, rowsOf } from '../engine/filter.ts'
import { findJourneys } from '../engine/find-journeys.ts'
import { type FullDay, OpenDay } from '../engine/open-day.ts'
import { eventsOf, type ReadEvent } from '../engine/rows.ts'
import type { Breathe } from '../engine/scan.ts'
import type { SealedDay } from '../engine/sealed-day.ts'
import type { AnswerContext } from '../engine/sum-up.ts'
import { type Event, groupableFields } from '../event.ts'
import type { Funnel, FunnelReport } from '../funnel.ts'
import type { Journeys, JourneysReport } from '../journeys.ts'
import { type LiveMessage, liveLimits } from '../live.ts'
import { readPage } from '../page.ts'
import type { Query } from '../query.ts'
import type { Verdict } from '../refusal.ts'
import type { Report } from '../report.ts'
import type { JournalState } from '../telemetry.ts'
import { nextDate, startOfDay } from '../zone.ts'
import { encodeEvents } from './entry.ts'
import type { Writer } from './group-commit.ts'
import { journalLive, type Listening } from './journal-live.ts'
import { createLedgerReader } from './ledger.ts'
import { createLedgerDays, type LedgerDays } from './ledger-days.ts'
import { createRemover, type Remove } from './removal.ts'
import { createSealer } from './sealer.ts'
import type { Journals, Segments } from './store.ts'

export interface JournalOptions {
  readonly store: Journals & Segments
  readonly writer: Writer
  /** Columns that were read are kept here; many collections may share it. */
  readonly cache: Cache
  readonly codec: Codec
  /** ms since 1970. */
  readonly now: () => number
  readonly newId: () => string
  readonly breathe: Breathe
  /** Events in the journal's tail that make it time to seal. */
  readonly sealAt: number
  readonly listening: Listening
  /** Lets work go on that nobody waits for, where a platform can: then what is added is sealed without being asked. */
  readonly inBackground?: ((work: Promise<void>) => void) | undefined
  /** Is told how a collection's journal stands, whenever it is looked at. */
  readonly observe?: ((collection: string, state: JournalState) => void) | undefined
}

/** Days that are looked at for names of properties. */
const PROPERTY_DAYS = 30

/** What is sealed waits for those who listen at most so long, ms. */
const HEARD_MS = 1000

/** A stream of events with a journal and segments of its own: what is added is appended, what is asked is folded. */
export interface JournalStream {
  add(events: readonly (Event & Verdict)[]): Promise<void>
  count(): Promise<number>
  countBy(attribute: string, value: string): Promise<number>
  query(query: Query): Promise<Report>
  funnel(funnel: Funnel): Promise<FunnelReport>
  journeys(journeys: Journeys): Promise<JourneysReport>
  live(after?: string): AsyncIterable<readonly LiveMessage[]>
  events(selection: Selection): AsyncIterable<ReadEvent>
  /** 1 for each row of a day that is selected. */
  selected(day: FullDay, selection: Selection): Uint8Array
  readonly days: LedgerDays
  readonly remove: Remove
  erase(selection: Selection): Promise<number>
  properties(): Promise<readonly string[]>
  isEmpty(): Promise<boolean>
  seal(): Promise<void>
  clear(): Promise<void>
}

/** `knowsDated`: ids of dated events are known as long as these are kept, else no longer than others, though they stay. */
export function journalStream(
  definition: CollectionDefinition,
  options: JournalOptions,
  knowsDated = true,
): JournalStream {
  const { store, writer, cache, codec, breathe, now, listening, inBackground } = options
  const { name, timezone, retention } = definition
  const reader = createLedgerReader({ name, timezone, store, cache, codec, knowsDated, breathe })
  const sealer = createSealer({ ...options, definition, reader, beforeCut: untilHeard })
  const days = createLedgerDays({ name, timezone, retention, store, reader, now })
  const remove = createRemover({ name, store, reader, sealer, days, breathe })
  let ears = 0
  let counted: { readonly at: number; readonly visitors: number | undefined } = {
    at: Number.NEGATIVE_INFINITY,
    visitors: undefined,
  }
  const { onLedger, datesOf, dayOf, daysOf, fullDay } = days

  async function sumOfDays(count: (day: OpenDay | SealedDay) => number | Promise<number>): Promise<number> {
    return onLedger(async (ledger, read) => {
      const counts = datesOf(ledger).map((date) => count(dayOf(ledger, date, read)))
      return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0)
    })
  }

  /** Answers a question from what there is. */
  function ask<T>(work: (days: Days, context: AnswerContext) => Promise<T>): Promise<T> {
    return onLedger(async (ledger, read) => {
      await sealer.sealIfLong(ledger)
      return work(daysOf(ledger, read), { definition, now: now(), breathe })
    })
  }

  /** Many may listen: whoever finds the number old has it counted anew, and all are told the last one meanwhile. */
  function currentVisitors(): number | undefined {
    if (now() - counted.at < liveLimits.visitorsMs) return counted.visitors
    const at = now()
    counted = { ...counted, at }
    const query = readQuery({ metrics: ['visitors'], date_range: 'realtime' }, definition)
    ask((days, context) => answer(query, days, context)).then(
      ({ results }) => {
        counted = { at, visitors: Number(results[0]?.metrics[0]) }
      },
      // The journal is asked sooner than this is again: what is wrong is told from there.
      () => {},
    )
    return counted.visitors
  }

  async function* live(after?: string): AsyncGenerator<readonly LiveMessage[]> {
    ears++
    try {
      yield* journalLive({ ...listening, name, store, now, end: reader.catchUp, currentVisitors }, after)
    } finally {
      ears--
    }
  }

  /** Who listens reads what is about to be cut, other processes' listeners too; the others wait for nobody. */
  async function untilHeard(): Promise<void> {
    if (ears > 0 || inBackground) await listening.pause(Math.min(2 * listening.everyMs, HEARD_MS))
  }

  function selected(day: FullDay, { filters, range }: Selection): Uint8Array {
    const masks = masksOf(filters, day, { goals: definition.goals, byEntry: false })
    const { from = -Infinity, to = Infinity } = range
    return rowsOf(masks, day).map((passes, row) => {
      const at = day.start + (day.time[row] as number)
      return passes === 1 && at >= from && at < to ? 1 : 0
    })
  }

  function isInRange(date: string, { from = -Infinity, to = Infinity }: TimeRange): boolean {
    return startOfDay(date, timezone) < to && startOfDay(nextDate(date), timezone) > from
  }

  async function* events(selection: Selection): AsyncGenerator<ReadEvent> {
    let done = ''
    for (;;) {
      const next = await onLedger(async (ledger, read) => {
        const date = datesOf(ledger).find((one) => one > done && isInRange(one, selection.range))
        return date === undefined ? undefined : { date, day: await fullDay(ledger, date, read) }
      })
      if (!next) return
      yield* eventsOf(next.day, selected(next.day, selection))
      done = next.date
      await breathe()
    }
  }

  async function countBy(attribute: string, value: string): Promise<number> {
    const url = attribute === 'page' ? urlOf(value, definition) : undefined
    if (url) return sumOfDays((day) => countUrl(day, url))
    const text = attribute === 'page' ? (readPage(value, definition.query)?.path ?? value) : value
    return sumOfDays((day) => countValue(day, columnOf(attribute), text))
  }

  return {
    async add(all): Promise<void> {
      if (all.length === 0) return
      await writer.add(name, encodeEvents(all))
      sealer.added(all.length)
    },
    count: () => sumOfDays(({ count }) => count),
    countBy,
    query: (query) => ask((days, context) => answer(query, days, context)),
    funnel: (funnel) => ask((days, context) => countSteps(funnel, days, context)),
    journeys: (journeys) => ask((days, context) => findJourneys(journeys, days, context)),
    live,
    events,
    selected,
    days,
    remove,
    erase: (selection) =>
      remove({
        mayHold: (date) => isInRange(date, selection.range),
        rowsOf: (day) => selected(day, selection),
        isErasure: true,
      }),
    properties: () =>
      onLedger(async (ledger, read) => {
        const dates = datesOf(ledger).slice(-PROPERTY_DAYS)
        const names = await Promise.all(dates.map((date) => dayOf(ledger, date, read).names()))
        return [...new Set(names.flat().flatMap((name) => propKey(name) ?? []))].sort()
      }),
    async isEmpty(): Promise<boolean> {
      const { manifest, open } = await reader.catchUp()
      return [...manifest.days.values()].every(({ rows }) => rows === 0) && open.size === 0
    },
    seal: () => sealer.seal(),
    clear: () => store.clear(name),
  }
}

/** Attributes that are not fields of their own are columns of another name. */
function columnOf(attribute: string): ColumnName {
  return groupableFields.has(attribute) ? attribute : attributeName(attribute)
}

async function countValue(day: OpenDay | SealedDay, name: ColumnName, value: string): Promise<number> {
  if (day instanceof OpenDay) return day.countOf(name, value)
  return (await day.counts(name)).get(value) ?? 0
}

interface Url {
  readonly hostname: string
  readonly path: string
}

/** A page given as URL means its host too. A value is cleaned as events' pages are, so that what was sent finds itself. */
function urlOf(value: string, { query }: CollectionDefinition): Url | undefined {
  const page = readPage(value, query)
  return page?.hostname === undefined ? undefined : { hostname: page.hostname, path: page.path }
}

async function countUrl(day: OpenDay | SealedDay, { hostname, path }: Url): Promise<number> {
  if (!(day instanceof OpenDay)) return (await day.urlCounts()).get(hostname + path) ?? 0
  return day.countOfPair('hostname', hostname, 'page', path)
}
