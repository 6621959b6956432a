import { type FullDay, OpenDay } from '../engine/open-day.ts'
import type { DaySnapshot } from '../engine/open-day-view.ts'
import { eventsOf, type ReadEvent } from '../engine/rows.ts'
import type { Breathe } from '../engine/scan.ts'
import type { SealedDay } from '../engine/sealed-day.ts'
import { SkerryError } from '../errors.ts'
import type { Ledger, LedgerReader } from './ledger.ts'
import { ATTEMPTS, type LedgerDays } from './ledger-days.ts'
import type { PartReader } from './part-reader.ts'
import type { Sealer } from './sealer.ts'
import type { Segments } from './store.ts'

/** Which events are to go, and what becomes of them. */
export interface Removal {
  /** Whether a day may have any: only days that may are read as a whole. */
  mayHold(date: string): boolean
  /** The same of a sealed day, where a look into it tells. */
  mayBeIn?(day: SealedDay): Promise<boolean>
  /** 1 for each row of a day that is to go. */
  rowsOf(day: FullDay): Uint8Array
  /** Takes a day's events before they go, perhaps several times. */
  handOver?(events: Iterable<ReadEvent>): Promise<void>
  /** Days that events are taken from are told as erased. */
  readonly isErasure: boolean
}

export interface RemoverOptions {
  readonly name: string
  readonly store: Pick<Segments, 'sweep'>
  readonly reader: LedgerReader
  readonly sealer: Sealer
  readonly days: LedgerDays
  readonly breathe: Breathe
}

/** Removes events for good, and tells how many; sending them again does not bring them back. */
export type Remove = (removal: Removal) => Promise<number>

export function createRemover({ name, store, reader, sealer, days, breathe }: RemoverOptions): Remove {
  return async function remove(removal): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const removed = await days.onLedger((ledger, read) => removeOnce(ledger, read, removal))
      if (removed === undefined) continue
      // A removal before this one may have been cut short: none is told while anything of it is left.
      await store.sweep(name)
      return removed
    }
    throw new SkerryError('conflict', { detail: 'Others keep sealing this collection. Try again.' })
  }

  /**
   * Undefined if another was first. The ledger is taken as it is at one moment: what its journal has by then is
   * sealed by the same commit, so that events that come in meanwhile do not matter.
   */
  async function removeOnce(
    current: Ledger,
    read: PartReader,
    removal: Removal,
  ): Promise<number | undefined> {
    const changed = new Map<string, DaySnapshot>(sealer.unsealedDays(current))
    const ledger: Ledger = { ...current, open: new Map() }
    const dates = [...new Set([...days.datesOf(ledger), ...changed.keys()])].filter(removal.mayHold)
    const touched: string[] = []
    let count = 0
    for (const date of dates) {
      const day =
        (await changed.get(date)?.inOrderOfArrival(breathe)) ?? (await sealedDay(ledger, date, read, removal))
      const mask = day && removal.rowsOf(day)
      const rows = mask?.reduce((sum, one) => sum + one, 0) ?? 0
      if (!day || rows === 0) continue
      await removal.handOver?.(eventsOf(day, mask))
      count += rows
      touched.push(date)
      changed.set(date, (await OpenDay.after(day, breathe, mask)).snapshot())
    }
    if (count === 0) return 0
    const isFirst = await sealer.replace(ledger, changed, removal.isErasure ? { erased: touched } : {})
    reader.forget()
    return isFirst ? count : undefined
  }

  async function sealedDay(
    ledger: Ledger,
    date: string,
    read: PartReader,
    { mayBeIn }: Removal,
  ): Promise<FullDay | undefined> {
    if (mayBeIn && !(await mayBeIn(reader.sealedDay(ledger, date, read)))) return undefined
    return days.fullDay(ledger, date, read)
  }
}
