import type { DaySource } from '../engine/day.ts'
import type { Days } from '../engine/days.ts'
import { type FullDay, OpenDay } from '../engine/open-day.ts'
import { type SealedDay, SegmentGoneError } from '../engine/sealed-day.ts'
import { unavailable } from '../errors.ts'
import { addDays, dateOf } from '../zone.ts'
import { type Ledger, type LedgerReader, lost } from './ledger.ts'
import { type PartReader, partReader } from './part-reader.ts'
import type { Segments } from './store.ts'

export interface LedgerDaysOptions {
  readonly name: string
  readonly timezone: string
  /** Days to keep; null: for ever. */
  readonly retention: number | null
  readonly store: Pick<Segments, 'parts'>
  readonly reader: LedgerReader
  /** ms since 1970. */
  readonly now: () => number
}

/** The days of a ledger, open or sealed. */
export interface LedgerDays {
  /** Does some work on the ledger as it is now; again if a segment went away under it. */
  onLedger<T>(work: (ledger: Ledger, read: PartReader) => Promise<T>): Promise<T>
  /** Days that have events and are within the retention, in order. */
  datesOf(ledger: Ledger): readonly string[]
  dayOf(ledger: Ledger, date: string, read: PartReader): OpenDay | SealedDay
  fullDay(ledger: Ledger, date: string, read: PartReader): Promise<FullDay>
  daysOf(ledger: Ledger, read: PartReader): Days
}

/** How often work begins again because days were sealed anew while it was done. */
export const ATTEMPTS = 20

export function createLedgerDays(options: LedgerDaysOptions): LedgerDays {
  const { name, timezone, retention, store, reader, now } = options

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

  function datesOf({ manifest, open }: Ledger): readonly string[] {
    const first = retention === null ? '' : addDays(dateOf(now(), timezone), -retention)
    const sealed = [...manifest.days].flatMap(([date, { rows }]) => (rows > 0 ? [date] : []))
    return [...new Set([...sealed, ...open.keys()])].filter((date) => date >= first).sort()
  }

  function dayOf(ledger: Ledger, date: string, read: PartReader): OpenDay | SealedDay {
    return ledger.open.get(date) ?? reader.sealedDay(ledger, date, read)
  }

  return {
    onLedger: (work) => onLedger(work),
    datesOf,
    dayOf,
    async fullDay(ledger, date, read): Promise<FullDay> {
      const day = dayOf(ledger, date, read)
      return day instanceof OpenDay ? day.view() : day.loadFull()
    },
    daysOf(ledger, read): Days {
      const all: readonly DaySource[] = datesOf(ledger).map((date) => dayOf(ledger, date, read))
      const { erased, droppedBefore } = ledger.manifest
      return { all, erased, droppedBefore }
    },
  }
}
