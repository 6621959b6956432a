import { createCalendar } from '../calendar.ts'
import type { Codec } from '../engine/bytes.ts'
import type { Cache } from '../engine/cache.ts'
import { hashId, lowHalf } from '../engine/id-hash.ts'
import { createIdSet, type IdSet } from '../engine/id-set.ts'
import { OpenDay } from '../engine/open-day.ts'
import { type EventRecord, idOfRecord, timeOfRecord } from '../engine/record.ts'
import type { Breathe } from '../engine/scan.ts'
import { SealedDay, SegmentGoneError } from '../engine/sealed-day.ts'
import { inSlices } from '../engine/slices.ts'
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
  /** What was read until now is about to be sealed: its ids are kept apart from those that come in meanwhile. */
  markSealing(ledger: Ledger): void
  /** A seal of what `sealed` had read was committed. Whether a large day was let go of. */
  moveOn(sealed: Ledger, next: SealedState, today: string): boolean
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
  readonly breathe: Breathe
}

/** Entries that one read of a journal asks for at most, and characters that it should come to. */
const PAGE_SIZE = 500
const PAGE_LENGTH = 2_000_000

/** What an entry is thought to have before one was read: many then do not come to too much. */
const ENTRY_LENGTH = 40_000

/** Events that are folded before others may go on. */
const FOLDED = 1500

/** A day with more rows is let go of once it is sealed, unless it has been asked for: it would take more than 50 MB. */
export const LARGE_DAY = 300_000

/** Sets of ids that are looked through one by one before they are made one. */
const SETS = 4

/** Ids that are put into another set before others may go on. */
const UNITED = 30_000

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
  /** Ids of the tail, the newest last; but for that one of entries that are being sealed. */
  ids: TailIds[]
}

interface TailIds {
  readonly set: IdSet
  /** The position after the last entry of these ids, once it is known. */
  end: Position
}

/** Ids of segments, and by date the segment that has them. */
interface SealedIds {
  readonly epoch: number
  sets: IdSet[]
  readonly read: Map<string, SealedDate>
}

export function createLedgerReader(options: LedgerOptions): LedgerReader {
  const { name, timezone, store, cache, codec, knowsDated, breathe } = options
  const calendar = createCalendar(timezone)
  let reading = begin(0, 0, 0, EMPTY_MANIFEST)
  let sealedIds: SealedIds = { epoch: 0, sets: [createIdSet()], read: new Map() }
  /** Characters of an entry, about. */
  let entryLength = ENTRY_LENGTH
  let foldedSinceBreath = 0

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
    const limit = Math.max(1, Math.min(PAGE_SIZE, Math.ceil(PAGE_LENGTH / entryLength)))
    const tail = await store.tail(name, position, limit, version)
    if (hasMoved(before, position, version)) return undefined
    if (tail.epoch !== before.epoch || tail.version !== version) {
      reading = begin(tail.epoch, tail.version, tail.base, manifestOf(tail))
      // Whoever was further than the segments are reads the rest again; others have it in hand.
      if (position > tail.base) return undefined
    }
    const { entries } = tail
    if (entries.length > 0)
      entryLength = entries.reduce((sum, { length }) => sum + length, 0) / entries.length
    return (await takeIn(reading, tail)) && !tail.hasMore ? reading : undefined
  }

  /** Folds entries that were read, a few at a time. False if what they go on from is no more. */
  async function takeIn(at: Reading, { entries, position: end }: Tail): Promise<boolean> {
    const { version } = at
    const isThere = (): boolean => reading === at && at.version === version
    // Another call may fold some of them meanwhile: this one goes on after those.
    while (isThere() && at.position < end) {
      const { position } = at
      const { records, count } = decodeSome(entries, entries.length - (end - position))
      await prepare(at, records)
      if (hasMoved(at, position, version)) continue
      for (const record of records) addOnce(at, record)
      at.position = position + count
      foldedSinceBreath += records.length
      if (foldedSinceBreath < FOLDED) continue
      foldedSinceBreath = 0
      await breathe()
    }
    return isThere()
  }

  /** Reads what must be known before events are folded. */
  async function prepare(at: Reading, records: readonly EventRecord[]): Promise<void> {
    const { version } = at
    await loadIds(at)
    const days = await reopen(at, records)
    if (reading !== at || at.version !== version) return
    for (const [date, day] of days) {
      if (at.open.has(date)) continue
      at.open.set(date, day)
      at.sealedRows.set(date, day.rows)
    }
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
          return [
            date,
            before ? await OpenDay.after(before, breathe) : new OpenDay(date, start, { breathe }),
          ] as const
        }),
      ),
    )
  }

  /** Adds an event to its day, unless its id is known. */
  function addOnce(at: Reading, record: EventRecord): void {
    const high = hashId(idOfRecord(record))
    const low = lowHalf
    if (sealedIds.sets.some((set) => set.has(high, low))) return
    if (at.ids.some(({ set }) => set.has(high, low))) return
    at.ids.at(-1)?.set.put(high, low)
    at.open.get(calendar(timeOfRecord(record)).date)?.add(record, high, low)
  }

  /**
   * Reads the ids of segments that were not read yet. Ids that the store has forgotten are forgotten here
   * too: what counts must not depend on who is asked.
   */
  async function loadIds({ epoch, manifest }: Reading): Promise<void> {
    if (sealedIds.epoch !== epoch || hasForgotten(sealedIds, manifest))
      sealedIds = { epoch, sets: [createIdSet()], read: new Map() }
    const { sets, read: known } = sealedIds
    const read = partReader(store, name)
    const days = [...manifest.days].filter(
      ([date, { hasIds, segment, forgetAt }]) =>
        hasIds && (knowsDated || forgetAt > 0) && known.get(date)?.segment !== segment,
    )
    await Promise.all(
      days.map(async ([date, day]) => {
        await sealedDay({ epoch, manifest }, date, read).readIds((ids) => {
          for (const id of ids) if (id !== '') sets[0]?.put(hashId(id), lowHalf)
        })
        known.set(date, day)
      }),
    )
    if (sealedIds.sets.length > SETS) await unite(sealedIds)
  }

  /** Makes one set of all. Until it is done its ids are in both. */
  async function unite(ids: SealedIds): Promise<void> {
    const [all, ...others] = ids.sets
    for (const set of others)
      await inSlices(
        set.tables,
        breathe,
        (from, to) => {
          for (let table = from; table < to; table++) set.each(table, (high, low) => void all?.put(high, low))
        },
        Math.max(1, Math.floor((UNITED * set.tables) / (1 + set.size))),
      )
    ids.sets = ids.sets.filter((set) => !others.includes(set))
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
      breathe,
    })
  }

  /** The ids of what was sealed need not be read from the segments. */
  function keepIds(at: Reading, { manifest, base, rows }: SealedState): void {
    if (sealedIds.epoch !== at.epoch) return
    const isKnown = (date: string): boolean => {
      const before = at.manifest.days.get(date)
      return !before?.hasIds || sealedIds.read.get(date)?.segment === before.segment
    }
    for (const date of rows.keys()) {
      const day = manifest.days.get(date)
      if (day?.hasIds && isKnown(date)) sealedIds.read.set(date, day)
    }
    sealedIds.sets.push(...at.ids.filter(({ end }) => end <= base).map(({ set }) => set))
    at.ids = at.ids.filter(({ end }) => end > base)
  }

  return {
    catchUp: () => catchUp(),
    sealedDay,
    markSealing(ledger): void {
      const last = reading.ids.at(-1)
      if (reading !== ledger || !last) return
      last.end = reading.position
      reading.ids.push({ set: createIdSet(), end: Number.POSITIVE_INFINITY })
    },
    moveOn(sealed, state, today): boolean {
      if (reading !== sealed) return false
      reading.version++
      keepIds(reading, state)
      reading.manifest = state.manifest
      reading.base = state.base
      let hasLetGo = false
      for (const [date, count] of state.rows) {
        reading.sealedRows.set(date, count)
        const day = reading.open.get(date)
        if (!day || day.rows !== count) continue
        const isLarge = count > LARGE_DAY && !day.wasAsked
        day.wasAsked = false
        // A day that is over will hardly be added to, and one with names that are kept no more takes too much room.
        if (date < today || state.folded.has(date) || isLarge) reading.open.delete(date)
        hasLetGo ||= isLarge
      }
      return hasLetGo
    },
    forget,
  }
}

/** Entries from one on, as many as are folded in one go. */
function decodeSome(
  entries: readonly string[],
  from: number,
): { readonly records: readonly EventRecord[]; readonly count: number } {
  const decoded: (readonly EventRecord[])[] = []
  let records = 0
  for (let i = from; i < entries.length && records < FOLDED; i++) {
    const some = decodeEntry(entries[i] ?? '')
    decoded.push(some)
    records += some.length
  }
  return { records: decoded.flat(), count: decoded.length }
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
    ids: [{ set: createIdSet(), end: Number.POSITIVE_INFINITY }],
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

function manifestOf({ manifest }: Tail): Manifest {
  return manifest === undefined ? EMPTY_MANIFEST : readManifest(manifest)
}
