import type { CollectionDefinition } from '../collection.ts'
import type { Codec } from '../engine/bytes.ts'
import { hashId } from '../engine/id-hash.ts'
import type { DaySnapshot } from '../engine/open-day-view.ts'
import type { Breathe } from '../engine/scan.ts'
import { encodeSegment, forgottenParts, NAMES_LIMIT } from '../engine/segment.ts'
import type { JournalState } from '../telemetry.ts'
import { addDays, dateOf, nextDate, startOfDay } from '../zone.ts'
import { LARGE_DAY, type Ledger, type LedgerReader, unsealedRows } from './ledger.ts'
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
  /** Is waited for before what was sealed is cut from the journal. */
  readonly beforeCut: () => Promise<void>
  /** Lets work go on that nobody waits for; absent where a platform cannot. */
  readonly inBackground?: ((work: Promise<void>) => void) | undefined
  /** Is told how the journal stands, whenever it is looked at. */
  readonly observe?: ((collection: string, state: JournalState) => void) | undefined
}

/** Folds journals into segments. However often and wherever it runs, each seal holds once or not at all. */
export interface Sealer {
  /** Seals if it is time to: the tail is long, a day is over, or something is past its time. */
  seal(): Promise<void>
  /** So many events were added: once they are many, they are sealed in the background. */
  added(events: number): void
  /** Seals a tail that has grown too long to be folded for each question. If it cannot, the question is answered all the same. */
  sealIfLong(ledger: Ledger): Promise<void>
  /** Days with what the journal has of them, as they are at this moment. */
  unsealedDays(ledger: Ledger): readonly (readonly [date: string, day: DaySnapshot])[]
  /** Puts days in the place of others. False if another was first. */
  replace(ledger: Ledger, days: ReadonlyMap<string, DaySnapshot>, note: Note): Promise<boolean>
}

/** What the manifest is told beside the days. */
export interface Note {
  readonly erased?: readonly string[]
}

/** Ids and visitors are known for so long after the last event of their day was received. */
const KNOWN_MS = 48 * 3_600_000

/** A finished day waits a little for beacons that were on their way. */
const GRACE_MS = 600_000

/**
 * A day is written whole each time it is sealed. So that this does not grow with the square of the day, the tail
 * must be worth it: so many times its events are as many as are written again, those apart that cost little.
 */
const REWRITTEN = 3
const CHEAP_ROWS = 200_000

/** While a day still grows, more names are kept than at its end, so that the rarest are told by the whole day. */
const OPEN_NAMES_LIMIT = 10 * NAMES_LIMIT

export function createSealer(options: SealerOptions): Sealer {
  const { definition, store, reader, now, newId, breathe, codec, sealAt, inBackground, observe, beforeCut } =
    options
  const { name, timezone, retention } = definition
  let addedSince = 0
  let wanted = wantedAfter(0)
  let running: Promise<void> | undefined
  let following: Promise<void> | undefined
  /** Large days are on disk only, and need not be read until there is more to seal, or time has brought something. */
  let rest: { readonly date: string; readonly manifest: Manifest } | undefined

  /** One at a time where requests may wait for each other: whoever asks meanwhile gets the one that follows. */
  function seal(): Promise<void> {
    if (!inBackground) return sealNow()
    if (running) {
      following ??= running
        .catch(() => {})
        .then(() => {
          following = undefined
          return seal()
        })
      return following
    }
    running = sealNow().finally(() => {
      running = undefined
    })
    return running
  }

  async function sealNow(): Promise<void> {
    if (isAtRest()) {
      observe?.(name, { events: addedSince, lagMs: 0 })
      return
    }
    addedSince = 0
    const ledger = await reader.catchUp()
    const { position } = ledger
    rest = undefined
    observe?.(name, stateOf(ledger))
    let { manifest } = ledger
    if (isTimeToSeal(ledger)) manifest = (await sealDays(ledger)) ?? manifest
    else if (hasLargeDay(ledger)) letGo(ledger)
    // A retry that still lies in the journal would count again once its id is forgotten.
    if (dueDays(manifest).length > 0) {
      const next = await reader.catchUp()
      if (next.base >= position) await forget(next)
    }
    await store.sweep(name)
  }

  function added(events: number): void {
    addedSince += events
    if (inBackground && !running && addedSince >= wanted) inBackground(seal())
  }

  async function sealIfLong(ledger: Ledger): Promise<void> {
    if (!isLong(ledger)) return
    if (!inBackground) await sealDays(ledger).catch(() => undefined)
    else if (!running) inBackground(seal())
  }

  /**
   * Events to be added before it is looked whether to seal again. Processes that share a store draw different
   * numbers, so that they do not all begin at once.
   */
  function wantedAfter(written: number): number {
    const share = inBackground ? hashId(newId()) / 0x1_0000_0000 : 0
    return Math.max(sealAt, (written - CHEAP_ROWS) / REWRITTEN) * (1 + share / 2)
  }

  function isAtRest(): boolean {
    return (
      rest?.date === dateOf(now(), timezone) &&
      addedSince < wanted &&
      dueDays(rest.manifest).length === 0 &&
      pastRetention(rest.manifest).length === 0
    )
  }

  function letGo({ manifest }: Ledger): void {
    reader.forget()
    rest = { date: dateOf(now(), timezone), manifest }
  }

  function isTimeToSeal(ledger: Ledger): boolean {
    const isOver = (date: string): boolean => overSince(date) < now()
    const mustForget = ledger.position > ledger.base && dueDays(ledger.manifest).length > 0
    const mustDrop = pastRetention(ledger.manifest).length > 0
    return isLong(ledger) || unsealedDates(ledger).some(isOver) || mustForget || mustDrop
  }

  /** When a day may be sealed for good, ms since 1970. */
  function overSince(date: string): number {
    return startOfDay(nextDate(date), timezone) + GRACE_MS
  }

  function stateOf(ledger: Ledger): JournalState {
    const lags = unsealedDates(ledger).map(
      (date) => now() - Math.max(overSince(date), ledger.open.get(date)?.lastReceived ?? 0),
    )
    return { events: tailRows(ledger), lagMs: Math.max(0, ...lags) }
  }

  function isLong(ledger: Ledger): boolean {
    const tail = tailRows(ledger)
    const written = unsealedDates(ledger).reduce((sum, date) => sum + (ledger.sealedRows.get(date) ?? 0), 0)
    return tail >= sealAt && REWRITTEN * tail >= written - CHEAP_ROWS
  }

  /** Days whose ids and visitors are past their time. */
  function dueDays({ days }: Manifest): readonly (readonly [string, SealedDate])[] {
    return [...days].filter(([, { forgetAt }]) => forgetAt > 0 && forgetAt < now())
  }

  function unsealedDays(ledger: Ledger): readonly (readonly [string, DaySnapshot])[] {
    return unsealedDates(ledger).flatMap((date) => {
      const day = ledger.open.get(date)
      return day ? [[date, day.snapshot()] as const] : []
    })
  }

  async function sealDays(ledger: Ledger): Promise<Manifest | undefined> {
    return commitDays(ledger, new Map(unsealedDays(ledger)), {}, beforeCut)
  }

  /** What the manifest became; undefined if another was first. */
  async function commitDays(
    ledger: Ledger,
    days: ReadonlyMap<string, DaySnapshot>,
    note: Note,
    beforeCommit: () => Promise<void> = async () => {},
  ): Promise<Manifest | undefined> {
    // Others may go on reading while this writes: what is sealed is what had been read at this moment.
    const { epoch, version, position, manifest } = ledger
    reader.markSealing(ledger)
    const changes = new Map<string, SealedDate | undefined>()
    const folded = new Set<string>()
    for (const [date, day] of days) changes.set(date, await put(date, day, folded))
    for (const date of pastRetention(withDays(manifest, changes))) changes.set(date, undefined)
    const next = noted(withDays(manifest, changes), note)
    await beforeCommit()
    const isFirst = await store.commit(name, {
      epoch,
      version,
      position,
      manifest: writeManifest(next),
      added: [...changes.values()].flatMap((day) => day?.segment ?? []),
      dropped: [...changes.keys()].flatMap((date) => manifest.days.get(date)?.segment ?? []),
    })
    if (!isFirst) return undefined
    observe?.(name, { events: 0, lagMs: 0 })
    const rows = new Map([...days].map(([date, day]) => [date, day.rows]))
    const today = dateOf(now(), timezone)
    if (reader.moveOn(ledger, { manifest: next, base: position, rows, folded }, today))
      rest = { date: today, manifest: next }
    wanted = wantedAfter([...rows].reduce((sum, [date, count]) => sum + (date < today ? 0 : count), 0))
    return next
  }

  function limitOf(date: string): number {
    return date < dateOf(now(), timezone) ? NAMES_LIMIT : OPEN_NAMES_LIMIT
  }

  /** A day's segment. `folded`: is told if rare names were folded. */
  async function put(date: string, snapshot: DaySnapshot, folded: Set<string>): Promise<SealedDate> {
    const day = await snapshot.canonical(breathe)
    const namesLimit = limitOf(date)
    const parts = await encodeSegment(day, { timezone, namesLimit, breathe, codec })
    if (hasRareNames(snapshot, namesLimit)) folded.add(date)
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

  return {
    seal,
    added,
    sealIfLong,
    unsealedDays,
    replace: async (ledger, days, note) => (await commitDays(ledger, days, note)) !== undefined,
  }
}

function hasRareNames({ columns }: DaySnapshot, limit: number): boolean {
  return [...columns.values()].some(({ values }) => values.length > limit + 1)
}

/** A day that takes much memory, and that nobody has asked for. */
function hasLargeDay({ open }: Ledger): boolean {
  return [...open.values()].some(({ rows, wasAsked }) => rows > LARGE_DAY && !wasAsked)
}

function tailRows(ledger: Ledger): number {
  return unsealedDates(ledger).reduce((sum, date) => sum + unsealedRows(ledger, date), 0)
}

function unsealedDates(ledger: Ledger): readonly string[] {
  return [...ledger.open.keys()].filter((date) => unsealedRows(ledger, date) > 0)
}
