import type { CollectionDefinition } from '../collection.ts'
import type { Codec } from '../engine/bytes.ts'
import type { FullDay } from '../engine/open-day.ts'
import type { Breathe } from '../engine/scan.ts'
import { encodeSegment, forgottenParts, NAMES_LIMIT } from '../engine/segment.ts'
import { addDays, dateOf, nextDate, startOfDay } from '../zone.ts'
import { type Ledger, type LedgerReader, unsealedRows } from './ledger.ts'
import { type Manifest, type SealedDate, withDays, writeManifest } from './manifest.ts'
import type { Segments } from './store.ts'

export interface SealerOptions {
  readonly definition: CollectionDefinition
  readonly store: Segments
  readonly reader: LedgerReader
  readonly now: () => number
  readonly newId: () => string
  readonly breathe: Breathe
  readonly codec: Codec
  /** Events in the journal's tail that make it time to seal. */
  readonly sealAt: number
}

/** Folds journals into segments. However often and wherever it runs, each seal holds once or not at all. */
export interface Sealer {
  /** Seals if it is time to: the tail is long, a day is over, or something is past its time. */
  seal(): Promise<void>
  /** Seals a tail that has grown too long to be folded for each question. If it cannot, the question is answered all the same. */
  sealIfLong(ledger: Ledger): Promise<void>
  /** Days with what the journal has of them, as they are at this moment. */
  unsealedDays(ledger: Ledger): readonly (readonly [date: string, day: FullDay])[]
  /** Puts days in the place of others. False if another was first. */
  replace(ledger: Ledger, days: ReadonlyMap<string, FullDay>, note: Note): Promise<boolean>
}

/** What the manifest is told beside the days. */
export interface Note {
  readonly erased?: readonly string[]
}

/** Ids and visitors are known for so long after the last event of their day was received. */
const KNOWN_MS = 48 * 3_600_000

/** A finished day waits a little for beacons that were on their way. */
const GRACE_MS = 600_000

/** While a day still grows, more names are kept than at its end, so that the rarest are told by the whole day. */
const OPEN_NAMES_LIMIT = 10 * NAMES_LIMIT

export function createSealer(options: SealerOptions): Sealer {
  const { definition, store, reader, now, newId, breathe, codec, sealAt } = options
  const { name, timezone, retention } = definition

  async function seal(): Promise<void> {
    const ledger = await reader.catchUp()
    const { position } = ledger
    if (isTimeToSeal(ledger)) await sealDays(ledger)
    const next = await reader.catchUp()
    // A retry that still lies in the journal would count again once its id is forgotten.
    if (next.base >= position) await forget(next)
    await store.sweep(name)
  }

  async function sealIfLong(ledger: Ledger): Promise<void> {
    if (tailRows(ledger) >= sealAt) await sealDays(ledger).catch(() => false)
  }

  function isTimeToSeal(ledger: Ledger): boolean {
    const dates = unsealedDates(ledger)
    const isOver = (date: string): boolean => startOfDay(nextDate(date), timezone) + GRACE_MS < now()
    const mustForget = ledger.position > ledger.base && dueDays(ledger.manifest).length > 0
    const mustDrop = pastRetention(ledger.manifest).length > 0
    return tailRows(ledger) >= sealAt || dates.some(isOver) || mustForget || mustDrop
  }

  /** Days whose ids and visitors are past their time. */
  function dueDays({ days }: Manifest): readonly (readonly [string, SealedDate])[] {
    return [...days].filter(([, { forgetAt }]) => forgetAt > 0 && forgetAt < now())
  }

  function unsealedDays(ledger: Ledger): readonly (readonly [string, FullDay])[] {
    return unsealedDates(ledger).flatMap((date) => {
      const day = ledger.open.get(date)
      return day ? [[date, day.canonicalView()] as const] : []
    })
  }

  function sealDays(ledger: Ledger): Promise<boolean> {
    return replace(ledger, new Map(unsealedDays(ledger)), {})
  }

  async function replace(ledger: Ledger, days: ReadonlyMap<string, FullDay>, note: Note): Promise<boolean> {
    // Others may go on reading while this writes: what is sealed is what had been read at this moment.
    const { epoch, version, position, manifest } = ledger
    const changes = new Map<string, SealedDate | undefined>()
    for (const [date, day] of days) changes.set(date, await put(date, day))
    for (const date of pastRetention(withDays(manifest, changes))) changes.set(date, undefined)
    const next = noted(withDays(manifest, changes), note)
    const isFirst = await store.commit(name, {
      epoch,
      version,
      position,
      manifest: writeManifest(next),
      added: [...changes.values()].flatMap((day) => day?.segment ?? []),
      dropped: [...changes.keys()].flatMap((date) => manifest.days.get(date)?.segment ?? []),
    })
    const rows = new Map([...days].map(([date, day]) => [date, day.rows]))
    const folded = new Set(
      [...days].flatMap(([date, day]) => (hasRareNames(day, limitOf(date)) ? [date] : [])),
    )
    if (isFirst)
      reader.moveOn(ledger, { manifest: next, base: position, rows, folded }, dateOf(now(), timezone))
    return isFirst
  }

  function limitOf(date: string): number {
    return date < dateOf(now(), timezone) ? NAMES_LIMIT : OPEN_NAMES_LIMIT
  }

  async function put(date: string, day: FullDay): Promise<SealedDate> {
    const parts = await encodeSegment(day, { timezone, namesLimit: limitOf(date), breathe, codec })
    const segment = `${date}.${newId()}`
    await store.put(name, segment, parts)
    const hasIds = [...parts.keys()].some((part) => part.startsWith('ids'))
    return { segment, count: day.count, rows: day.rows, hasIds, forgetAt: day.lastReceived + KNOWN_MS }
  }

  function pastRetention({ days }: Manifest): readonly string[] {
    if (retention === null) return []
    const first = addDays(dateOf(now(), timezone), -retention)
    return [...days.keys()].filter((date) => date < first)
  }

  function noted(manifest: Manifest, { erased = [] }: Note): Manifest {
    const first = retention === null ? undefined : addDays(dateOf(now(), timezone), -retention)
    return {
      ...manifest,
      erased: [...new Set([...manifest.erased, ...erased])].sort(),
      droppedBefore: first ?? manifest.droppedBefore,
    }
  }

  /** Removes what may only be known for a while. It is gone before the manifest says so: a crash between them repeats it. */
  async function forget({ epoch, version, base, manifest }: Ledger): Promise<void> {
    const due = dueDays(manifest)
    if (due.length === 0) return
    const changes = new Map<string, SealedDate | undefined>()
    for (const [date, day] of due) {
      await store.remove(name, day.segment, forgottenParts)
      changes.set(date, { ...day, forgetAt: 0 })
    }
    await store.commit(name, {
      epoch,
      version,
      position: base,
      manifest: writeManifest(withDays(manifest, changes)),
      added: [],
      dropped: [],
    })
    // What was read before it was forgotten must not be told either.
    reader.forget()
  }

  return { seal, sealIfLong, unsealedDays, replace }
}

function hasRareNames(day: FullDay, limit: number): boolean {
  return day.columnNames.some((name) => (day.column(name)?.values.length ?? 0) > limit + 1)
}

function tailRows(ledger: Ledger): number {
  return unsealedDates(ledger).reduce((sum, date) => sum + unsealedRows(ledger, date), 0)
}

function unsealedDates(ledger: Ledger): readonly string[] {
  return [...ledger.open.keys()].filter((date) => unsealedRows(ledger, date) > 0)
}
