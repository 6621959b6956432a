import type { Collection, CollectionDefinition, Selection, TimeRange } from '../collection.ts'
import { answer } from '../engine/answer.ts'
import type { Codec } from '../engine/bytes.ts'
import type { Cache } from '../engine/cache.ts'
import { attributeName, type ColumnName, type DaySource } from '../engine/day.ts'
import { masksOf, rowsOf } from '../engine/filter.ts'
import { type FullDay, OpenDay } from '../engine/open-day.ts'
import { eventsOf } from '../engine/rows.ts'
import type { Breathe } from '../engine/scan.ts'
import { type SealedDay, SegmentGoneError } from '../engine/sealed-day.ts'
import type { Days } from '../engine/sum-up.ts'
import { SkerryError, unavailable } from '../errors.ts'
import { groupableFields, type KeptEvent } from '../event.ts'
import { readPage } from '../page.ts'
import type { Report } from '../report.ts'
import { addDays, dateOf, nextDate, startOfDay } from '../zone.ts'
import { encodeEvents } from './entry.ts'
import type { Writer } from './group-commit.ts'
import { createLedgerReader, type Ledger, lost } from './ledger.ts'
import { type PartReader, partReader } from './part-reader.ts'
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
}

/** How often a question begins again because days were sealed anew while it was answered. */
const ATTEMPTS = 20

/** A collection kept in a journal and segments: what is added is appended, what is asked is folded. */
export function journalCollection(definition: CollectionDefinition, options: JournalOptions): Collection {
  const { store, writer, cache, codec, now, newId, breathe, sealAt } = options
  const { name, timezone, retention } = definition
  const reader = createLedgerReader({ name, timezone, store, cache, codec })
  const sealer = createSealer({ definition, store, reader, now, newId, breathe, codec, sealAt })

  /** Does some work on the ledger as it is now; again if a segment went away under it. */
  async function onLedger<T>(
    work: (ledger: Ledger, read: PartReader) => Promise<T>,
    attempt = 1,
    seen?: string,
  ): Promise<T> {
    const ledger = await reader.catchUp()
    try {
      return await work(ledger, partReader(store, name))
    } catch (error) {
      if (!(error instanceof SegmentGoneError)) throw error
      if (error.key === seen) throw lost(error)
      if (attempt === ATTEMPTS) throw unavailable(error)
      reader.forget()
      return onLedger(work, attempt + 1, error.key)
    }
  }

  /** Days that have events and are within the retention, in order. */
  function datesOf({ manifest, open }: Ledger): readonly string[] {
    const first = retention === null ? '' : addDays(dateOf(now(), timezone), -retention)
    const sealed = [...manifest.days].flatMap(([date, { rows }]) => (rows > 0 ? [date] : []))
    return [...new Set([...sealed, ...open.keys()])].filter((date) => date >= first).sort()
  }

  function dayOf(ledger: Ledger, date: string, read: PartReader): OpenDay | SealedDay {
    return ledger.open.get(date) ?? reader.sealedDay(ledger, date, read)
  }

  function daysOf(ledger: Ledger, read: PartReader): Days {
    const all: readonly DaySource[] = datesOf(ledger).map((date) => dayOf(ledger, date, read))
    const { erased, droppedBefore } = ledger.manifest
    return { all, erased, droppedBefore }
  }

  async function fullDay(ledger: Ledger, date: string, read: PartReader): Promise<FullDay> {
    const day = dayOf(ledger, date, read)
    return day instanceof OpenDay ? day.view() : day.loadFull()
  }

  async function sumOfDays(count: (day: OpenDay | SealedDay) => number | Promise<number>): Promise<number> {
    return onLedger(async (ledger, read) => {
      const counts = datesOf(ledger).map((date) => count(dayOf(ledger, date, read)))
      return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0)
    })
  }

  /** 1 for each row of a day that is selected; undefined: all are. */
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

  async function* events(selection: Selection): AsyncGenerator<KeptEvent> {
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

  async function erase(selection: Selection): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const erased = await onLedger((ledger, read) => eraseOnce(ledger, read, selection))
      if (erased === undefined) continue
      // An erasure before this one may have been cut short: none is told while anything of it is left.
      await store.sweep(name)
      return erased
    }
    throw new SkerryError('conflict', { detail: 'Others keep sealing this collection. Try again.' })
  }

  /**
   * Undefined if another was first. The ledger is taken as it is at one moment: what its journal has by then is
   * sealed by the same commit, so that events that come in meanwhile do not matter.
   */
  async function eraseOnce(
    current: Ledger,
    read: PartReader,
    selection: Selection,
  ): Promise<number | undefined> {
    const days = new Map(sealer.unsealedDays(current))
    const ledger: Ledger = { ...current, open: new Map() }
    const dates = [...new Set([...datesOf(ledger), ...days.keys()])].filter((date) =>
      isInRange(date, selection.range),
    )
    const erased: string[] = []
    let count = 0
    for (const date of dates) {
      const day = days.get(date) ?? (await fullDay(ledger, date, read))
      const mask = selected(day, selection)
      const rows = mask.reduce((sum, one) => sum + one, 0)
      if (rows === 0) continue
      count += rows
      erased.push(date)
      days.set(date, new OpenDay(date, day.start, day, mask).canonicalView())
    }
    if (count === 0) return 0
    const isFirst = await sealer.replace(ledger, days, { erased })
    reader.forget()
    return isFirst ? count : undefined
  }

  async function countBy(attribute: string, value: string): Promise<number> {
    const url = attribute === 'page' ? urlOf(value, definition) : undefined
    if (url) return sumOfDays((day) => countUrl(day, url))
    const text = attribute === 'page' ? (readPage(value, definition.query)?.path ?? value) : value
    return sumOfDays((day) => countValue(day, columnOf(attribute), text))
  }

  return {
    definition,
    add: (all) => (all.length === 0 ? Promise.resolve() : writer.add(name, encodeEvents(all))),
    count: () => sumOfDays(({ count }) => count),
    countBy,
    query: (query) =>
      onLedger(async (ledger, read): Promise<Report> => {
        await sealer.sealIfLong(ledger)
        return answer(query, daysOf(ledger, read), { definition, now: now(), breathe })
      }),
    events,
    erase,
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
  if (!(day instanceof OpenDay)) return (await day.counts('urls')).get(hostname + path) ?? 0
  return day.countOfPair('hostname', hostname, 'page', path)
}
