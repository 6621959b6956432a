import { createCalendar } from '../calendar.ts'
import type { Codec } from '../engine/bytes.ts'
import type { Cache } from '../engine/cache.ts'
import { hashId, lowHalf } from '../engine/id-hash.ts'
import { OpenDay } from '../engine/open-day.ts'
import { createPairTable, type PairTable } from '../engine/pair-table.ts'
import { type EventRecord, idOfRecord, timeOfRecord } from '../engine/record.ts'
import { SealedDay, SegmentGoneError } from '../engine/sealed-day.ts'
import { SkerryError, unavailable } from '../errors.ts'
import { decodeEntry } from './entry.ts'
import { EMPTY_MANIFEST, type Manifest, readManifest, type SealedDate } from './manifest.ts'
import { partReader } from './part-reader.ts'
import type { Journals, Position, Segments, Tail } from './store.ts'

/** A collection's journal and segments, folded as far as they were read. */
export interface Ledger {
  readonly epoch: number
  readonly version: number
  readonly position: Position
  /** Entries up to here are in segments. */
  readonly base: Position
  readonly manifest: Manifest
  /** Days that have had events in the journal's tail; each goes on from its segment. */
  readonly open: ReadonlyMap<string, OpenDay>
  /** How many rows of an open day are in its segment. */
  readonly sealedRows: ReadonlyMap<string, number>
}

/** What a seal made of a ledger. */
export interface SealedState {
  readonly manifest: Manifest
  readonly base: Position
  /** How many rows of its days the segments now hold. */
  readonly rows: ReadonlyMap<string, number>
  /** Days of which rare names were folded. */
  readonly folded: ReadonlySet<string>
}

/** Reads a collection's ledger, and goes on reading where it stopped. */
export interface LedgerReader {
  /** The ledger with everything that was appended before the call. */
  catchUp(): Promise<Ledger>
  /** A sealed day. Made anew for each question, so that what one question reads comes together. */
  sealedDay(ledger: Ledger, date: string, read: ReturnType<typeof partReader>): SealedDay
  /** A seal of what `sealed` had read was committed. */
  moveOn(sealed: Ledger, next: SealedState, today: string): void
  /** Begins again with the next read. */
  forget(): void
}

export interface LedgerOptions {
  /** The collection. */
  readonly name: string
  readonly timezone: string
  readonly store: Journals & Segments
  readonly cache: Cache
  readonly codec: Codec
  /** Ids of dated events are known as long as these are kept; else no longer than others, though they stay. */
  readonly knowsDated: boolean
}

/** Entries that one read of a journal asks for. */
const PAGE_SIZE = 500

/** How often reading begins again because days were sealed anew under it. */
const ATTEMPTS = 20

/** A ledger while it is read. Calls may overlap: whoever finds that another has moved on reads again. */
interface Reading extends Ledger {
  readonly epoch: number
  version: number
  position: Position
  base: Position
  manifest: Manifest
  readonly open: Map<string, OpenDay>
  readonly sealedRows: Map<string, number>
  /** Ids of the tail. */
  readonly ids: PairTable
}

/** Ids of segments, and by date the segment they were read from. */
interface SealedIds {
  readonly epoch: number
  readonly table: PairTable
  readonly read: Map<string, SealedDate>
}

export function createLedgerReader(options: LedgerOptions): LedgerReader {
  const { name, timezone, store, cache, codec, knowsDated } = options
  const calendar = createCalendar(timezone)
  let reading = begin(0, 0, 0, EMPTY_MANIFEST)
  let sealedIds: SealedIds = { epoch: 0, table: createPairTable(), read: new Map() }

  /** Whether another call has moved on since. */
  function hasMoved(at: Reading, position: Position, version: number): boolean {
    return reading !== at || reading.position !== position || reading.version !== version
  }

  async function catchUp(attempt = 1, seen?: string): Promise<Ledger> {
    try {
      let ledger: Ledger | undefined
      do ledger = await readOn()
      while (!ledger)
      return ledger
    } catch (error) {
      if (!(error instanceof SegmentGoneError)) throw error
      if (error.key === seen) throw lost(error)
      if (attempt === ATTEMPTS) throw unavailable(error)
      forget()
      return catchUp(attempt + 1, error.key)
    }
  }

  /** Reads once. The ledger if that was all there is; undefined if there may be more, or another call moved on. */
  async function readOn(): Promise<Ledger | undefined> {
    const { position, version } = reading
    const before = reading
    const tail = await store.tail(name, position, PAGE_SIZE, version)
    if (hasMoved(before, position, version)) return undefined
    if (tail.epoch !== before.epoch || tail.version !== version) {
      reading = begin(tail.epoch, tail.version, tail.base, manifestOf(tail))
      // Whoever was further than the segments are reads the rest again; others have it in hand.
      if (position > tail.base) return undefined
    }
    return (await takeIn(reading, tail)) && !tail.hasMore ? reading : undefined
  }

  /** Folds entries that were read. False if another call moved on meanwhile. */
  async function takeIn(at: Reading, { entries, position: end }: Tail): Promise<boolean> {
    if (entries.length === 0) return true
    const { position, version } = at
    const records = entries.flatMap(decodeEntry)
    await loadIds(at)
    const days = await reopen(at, records)
    if (hasMoved(at, position, version)) return false
    for (const [date, day] of days) {
      at.open.set(date, day)
      at.sealedRows.set(date, day.rows)
    }
    for (const record of records) addOnce(at, record)
    at.position = end
    return true
  }

  function forget(): void {
    reading = begin(0, -1, 0, EMPTY_MANIFEST)
  }

  /** Days of events that are not open yet, going on from their segments. */
  async function reopen(at: Reading, records: readonly EventRecord[]): Promise<ReadonlyMap<string, OpenDay>> {
    const wanted = new Map(
      records.map((record) => calendar(timeOfRecord(record))).map((day) => [day.date, day.start]),
    )
    const read = partReader(store, name)
    const days = [...wanted].filter(([date]) => !at.open.has(date))
    return new Map(
      await Promise.all(
        days.map(async ([date, start]) => {
          const isSealed = at.manifest.days.has(date)
          const before = isSealed ? await sealedDay(at, date, read).loadFull() : undefined
          return [date, new OpenDay(date, start, before)] as const
        }),
      ),
    )
  }

  /** Adds an event to its day, unless its id is known. */
  function addOnce(at: Reading, record: EventRecord): void {
    const high = hashId(idOfRecord(record))
    const low = lowHalf
    const { size } = at.ids
    if (sealedIds.table.has(high, low) || at.ids.put(high, low) < size) return
    at.open.get(calendar(timeOfRecord(record)).date)?.add(record, high, low)
  }

  /**
   * Reads the ids of segments that were not read yet. Ids that the store has forgotten are forgotten here
   * too: what counts must not depend on who is asked.
   */
  async function loadIds({ epoch, manifest }: Reading): Promise<void> {
    if (sealedIds.epoch !== epoch || hasForgotten(sealedIds, manifest))
      sealedIds = { epoch, table: createPairTable(), read: new Map() }
    const { table, read: known } = sealedIds
    const read = partReader(store, name)
    const days = [...manifest.days].filter(
      ([date, { hasIds, segment, forgetAt }]) =>
        hasIds && (knowsDated || forgetAt > 0) && known.get(date)?.segment !== segment,
    )
    await Promise.all(
      days.map(async ([date, day]) => {
        const ids = await sealedDay({ epoch, manifest }, date, read).ids()
        for (const id of ids) table.put(hashId(id), lowHalf)
        known.set(date, day)
      }),
    )
  }

  function sealedDay(
    { epoch, manifest }: Pick<Ledger, 'epoch' | 'manifest'>,
    date: string,
    read: ReturnType<typeof partReader>,
  ): SealedDay {
    const { segment = '', count = 0 } = manifest.days.get(date) ?? {}
    return new SealedDay({
      date,
      count,
      key: `${name}/${epoch}/${segment}`,
      read: (names) => read(segment, names),
      cache,
      codec,
    })
  }

  return {
    catchUp: () => catchUp(),
    sealedDay,
    moveOn(sealed, { manifest, base, rows, folded }, today): void {
      if (reading !== sealed) return
      reading.version++
      reading.manifest = manifest
      reading.base = base
      for (const [date, count] of rows) {
        reading.sealedRows.set(date, count)
        // A day that is over will hardly be added to, and one with names that are kept no more takes too much room.
        const isBetterRead = date < today || folded.has(date)
        if (isBetterRead && reading.open.get(date)?.rows === count) reading.open.delete(date)
      }
    },
    forget,
  }
}

function begin(epoch: number, version: number, position: Position, manifest: Manifest): Reading {
  return {
    epoch,
    version,
    position,
    base: position,
    manifest,
    open: new Map(),
    sealedRows: new Map(),
    ids: createPairTable(),
  }
}

/** Whether ids were read of days that are gone by now, or whose ids are. */
function hasForgotten({ read }: SealedIds, { days }: Manifest): boolean {
  return [...read].some(([date, { forgetAt }]) => {
    const day = days.get(date)
    return !day || (forgetAt > 0 && day.forgetAt === 0)
  })
}

/** A part of a segment that the manifest still names when it is read again. */
export function lost(error: SegmentGoneError): SkerryError {
  return new SkerryError('damaged', { detail: error.message })
}

/** Events of a day that no segment holds yet. */
export function unsealedRows({ open, sealedRows }: Ledger, date: string): number {
  return (open.get(date)?.rows ?? 0) - (sealedRows.get(date) ?? 0)
}

export function hasUnsealed(ledger: Ledger): boolean {
  return [...ledger.open.keys()].some((date) => unsealedRows(ledger, date) > 0)
}

function manifestOf({ manifest }: Tail): Manifest {
  return manifest === undefined ? EMPTY_MANIFEST : readManifest(manifest)
}
