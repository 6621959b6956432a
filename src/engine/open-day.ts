import { OTHER } from '../dimension.ts'
import { ENGAGEMENT, type Scalar } from '../event.ts'
import type { Codes } from './bytes.ts'
import {
  attributeName,
  type Column,
  type ColumnName,
  type Day,
  type DaySource,
  OTHER_PROPS,
  PROPS_LIMIT,
  propName,
} from './day.ts'
import { gatherSlowly } from './gather.ts'
import { GrowingColumn, GrowingNumbers, GrowingTexts } from './growing.ts'
import { hashId, lowHalf } from './id-hash.ts'
import { DaySnapshot } from './open-day-view.ts'
import { createPairTable, type PairTable } from './pair-table.ts'
import { type EventRecord, FIRST_COLUMN, idOfRecord, places, recordColumns, timeOfRecord } from './record.ts'
import { NOBODY } from './row-order.ts'
import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'

/** A day with all that is kept of it, as a segment is made from. */
export interface FullDay extends Day {
  /** Events, engagement left out. */
  readonly count: number
  readonly columnNames: readonly ColumnName[]
  /** The events' own values; those of visits' facts too are of rows here. */
  column(name: ColumnName): Column | undefined
  /** The same, made a little at a time and not kept with the day. */
  readColumn(name: ColumnName, breathe: Breathe): Promise<Column | undefined>
  /** Makes columns a little at a time, so that `column` finds them made. */
  prepare(names: Iterable<ColumnName>, breathe: Breathe): Promise<void>
  /** How many events that are not engagement have each value, by code. */
  countsOf(name: ColumnName): readonly number[]
  /** Ids of the visitors, in the order in which they stand. */
  readonly visitorIds: { readonly high: Uint32Array; readonly low: Uint32Array }
  /** Undefined once it has been forgotten. */
  idOf(row: number): KeptId | undefined
  /** Ids of events that were erased, so that a retry does not bring them back. */
  readonly erasedIds: readonly KeptId[]
  /** When the last of its events was received, ms since 1970. */
  readonly lastReceived: number
}

export interface KeptId {
  readonly id: string
  /** It came with an absolute time, and is known as long as the event is kept. */
  readonly isDated: boolean
}

/** A day that takes events in, in any order of arrival. Each must be new: ids are judged before. */
export class OpenDay implements DaySource {
  readonly date: string
  readonly start: number
  readonly folded: ReadonlySet<ColumnName>
  rows = 0
  count = 0
  lastReceived = 0
  readonly erasedIds: readonly KeptId[]
  readonly columns: Map<ColumnName, GrowingColumn> = new Map()
  readonly time: GrowingNumbers = new GrowingNumbers()
  readonly visitor: GrowingNumbers = new GrowingNumbers()
  readonly idHigh: GrowingNumbers = new GrowingNumbers()
  readonly idLow: GrowingNumbers = new GrowingNumbers()
  /** Empty where it has been forgotten. */
  readonly ids: GrowingTexts = new GrowingTexts()
  readonly dated: GrowingNumbers = new GrowingNumbers()
  /** Visitors by their ids, numbered as they were met. */
  readonly visitors: PairTable = createPairTable()
  ms: GrowingNumbers | undefined
  /** A question has looked at it. */
  wasAsked = false
  /** The columns by their places in a record. */
  readonly #byPlace: GrowingColumn[] = []
  #props = 0
  readonly #breathe: Breathe
  #view: FullDay | undefined

  /** An empty day. */
  constructor(date: string, start: number, { breathe = withoutPause, folded, erasedIds }: Beginning = {}) {
    this.date = date
    this.start = start
    this.folded = folded ?? new Set()
    this.erasedIds = erasedIds ?? []
    this.#breathe = breathe
  }

  /** A day that goes on from what was sealed of it, without the rows that `erased` marks. */
  static async after(
    before: FullDay,
    breathe: Breathe = withoutPause,
    erased?: Uint8Array,
  ): Promise<OpenDay> {
    const erasedIds = [...before.erasedIds, ...idsOfRows(before, erased)]
    const day = new OpenDay(before.date, before.start, { breathe, folded: before.folded, erasedIds })
    await day.#adopt(before, rowsWithout(before, erased))
    return day
  }

  /** Takes an event in, whose id has this hash. */
  add(record: EventRecord, idHigh: number, idLow: number): void {
    const row = this.rows++
    const isCounted = record[FIRST_COLUMN] !== ENGAGEMENT
    const received = record[places.received] as number
    const visitor = record[places.visitor] as string
    this.#view = undefined
    if (isCounted) this.count++
    if (received > this.lastReceived) this.lastReceived = received
    this.time.put(row, Math.max(0, timeOfRecord(record) - this.start))
    this.#putId(row, idOfRecord(record), record[places.isDated] === 1, idHigh, idLow)
    this.visitor.put(row, visitor === '' ? NOBODY : this.#numberOf(visitor))
    for (let place = FIRST_COLUMN; place < record.length; place++) {
      const value = record[place] as Scalar
      if (value !== '') this.#columnAt(place).put(row, value, isCounted)
    }
    const ms = record[places.ms] as number | ''
    if (ms !== '') this.#putMs(row, ms)
    this.#putMembers(row, propName, record[places.props], isCounted)
    this.#putMembers(row, attributeName, record[places.attributes], isCounted)
  }

  /** Events with a value of a column, engagement left out. */
  countOf(name: ColumnName, value: string): number {
    const column = this.columns.get(name)
    let sum = 0
    for (let code = 1; column && code < column.values.length; code++)
      if (String(column.values[code]) === value) sum += column.counts[code] as number
    return sum
  }

  async names(): Promise<readonly ColumnName[]> {
    return [...this.columns.keys()]
  }

  /** Events with values of two columns, engagement left out. */
  countOfPair(name: ColumnName, value: string, otherName: ColumnName, otherValue: string): number {
    const [column, other, names] = [name, otherName, 'name'].map((one) => this.columns.get(one))
    if (!column || !other || !names) return 0
    const [codes, otherCodes, nameCodes] = [column, other, names].map((one) => one.upTo(this.rows)) as [
      Codes,
      Codes,
      Codes,
    ]
    const code = column.values.indexOf(value, 1)
    const otherCode = other.values.indexOf(otherValue, 1)
    const engagement = names.values.indexOf(ENGAGEMENT, 1)
    if (code < 0 || otherCode < 0) return 0
    let count = 0
    for (let row = 0; row < this.rows; row++)
      if (codes[row] === code && otherCodes[row] === otherCode && nameCodes[row] !== engagement) count++
    return count
  }

  async load(names: ReadonlySet<ColumnName>): Promise<Day> {
    const view = await this.view()
    await view.prepare(names, this.#breathe)
    return view
  }

  /** A day that is open has none. */
  async summary(): Promise<undefined> {
    return undefined
  }

  /** What it has at this moment. */
  snapshot(): DaySnapshot {
    return new DaySnapshot(this)
  }

  /** The day as it is now; what is added later does not show in it. */
  async view(): Promise<FullDay> {
    this.wasAsked = true
    if (this.#view?.rows === this.rows) return this.#view
    const view = await this.snapshot().inOrderOfArrival(this.#breathe)
    this.#view = view
    return view
  }

  #column(name: ColumnName): GrowingColumn {
    const known = this.columns.get(name)
    if (known) return known
    const column = new GrowingColumn()
    this.columns.set(name, column)
    if (name.startsWith(propName(''))) this.#props++
    return column
  }

  #columnAt(place: number): GrowingColumn {
    const known = this.#byPlace[place]
    if (known) return known
    const column = this.#column(recordColumns[place - FIRST_COLUMN] as string)
    this.#byPlace[place] = column
    return column
  }

  #putMembers(
    row: number,
    nameOf: (key: string) => ColumnName,
    members: EventRecord[number] | undefined,
    isCounted: boolean,
  ): void {
    if (typeof members !== 'object') return
    for (const key in members) {
      const name = nameOf(key)
      const isKept = nameOf !== propName || this.columns.has(name) || this.#props < PROPS_LIMIT
      if (isKept) this.#column(name).put(row, members[key] as Scalar, isCounted)
      else this.#column(OTHER_PROPS).put(row, OTHER, isCounted)
    }
  }

  #putMs(row: number, ms: number): void {
    this.ms ??= new GrowingNumbers()
    this.ms.put(row, 1 + ms)
  }

  #numberOf(visitor: string): number {
    return this.visitors.put(hexWord(visitor, 0), hexWord(visitor, 8))
  }

  #putId(row: number, id: string, isDated: boolean, high: number, low: number): void {
    this.ids.push(id)
    if (isDated) this.dated.put(row, 1)
    this.idHigh.put(row, high)
    this.idLow.put(row, low)
  }

  async #adopt(day: FullDay, kept: Uint32Array): Promise<void> {
    const breathe = this.#breathe
    this.rows = kept.length
    this.lastReceived = day.lastReceived
    this.time.adopt((await gatherSlowly(day.time, kept, breathe)) as Uint32Array)
    if (day.ms) {
      this.ms = new GrowingNumbers()
      this.ms.adopt(new Uint32Array(await gatherSlowly(day.ms, kept, breathe)))
    }
    const isCounted = countedRows(day, kept)
    this.count = isCounted.reduce((sum, one) => sum + one, 0)
    for (const name of day.columnNames) {
      await breathe()
      const column = await day.readColumn(name, breathe)
      if (!column) continue
      this.#column(name).adopt(await gatherSlowly(column.codes, kept, breathe), column.values, isCounted)
    }
    await this.#adoptVisitors(day, kept)
    await inSlices(
      kept.length,
      breathe,
      (from, to) => {
        for (let row = from; row < to; row++) this.#adoptId(row, day.idOf(kept[row] as number))
      },
      IDS,
    )
  }

  async #adoptVisitors(day: FullDay, kept: Uint32Array): Promise<void> {
    const { high, low } = day.visitorIds
    const before = visitorsOfRows(day)
    await inSlices(kept.length, this.#breathe, (from, to) => {
      for (let row = from; row < to; row++) {
        const visitor = before[kept[row] as number] as number
        const isNobody = visitor === NOBODY
        this.visitor.put(
          row,
          isNobody ? NOBODY : this.visitors.put(high[visitor] as number, low[visitor] as number),
        )
      }
    })
  }

  #adoptId(row: number, kept: KeptId | undefined): void {
    if (kept) this.#putId(row, kept.id, kept.isDated, hashId(kept.id), lowHalf)
    else this.#putId(row, '', false, 0, row)
  }
}

/** Lets nobody else in: for days that are small, and for tests. */
const withoutPause: Breathe = async () => {}

/** Ids that are taken over in one go. */
const IDS = 10_000

interface Beginning {
  readonly breathe?: Breathe
  readonly folded?: ReadonlySet<ColumnName>
  readonly erasedIds?: readonly KeptId[]
}

function rowsWithout({ rows }: FullDay, erased: Uint8Array | undefined): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, row) => row)
  return erased ? all.filter((row) => erased[row] === 0) : all
}

function idsOfRows(day: FullDay, erased: Uint8Array | undefined): readonly KeptId[] {
  const ids: KeptId[] = []
  for (let row = 0; erased && row < day.rows; row++) {
    const kept = erased[row] === 1 ? day.idOf(row) : undefined
    if (kept) ids.push(kept)
  }
  return ids
}

/** 1 for each kept row that is not engagement. */
function countedRows(day: FullDay, kept: Uint32Array): Uint8Array {
  const names = day.column('name')
  const isCounted = names?.values.map((name) => name !== ENGAGEMENT) ?? []
  return Uint8Array.from(kept, (row) => (names && isCounted[names.codes[row] as number] ? 1 : 0))
}

function visitorsOfRows({ rows, visits, named, first, visitorOf }: Day): Uint32Array {
  const result = new Uint32Array(rows).fill(NOBODY)
  for (let visit = 0; visit < Math.min(named, visits); visit++)
    result.fill(visitorOf[visit] as number, first[visit], first[visit + 1])
  return result
}

/** Eight hex digits of a text from a place. */
function hexWord(text: string, from: number): number {
  let word = 0
  for (let i = from; i < from + 8; i++) {
    const unit = text.charCodeAt(i)
    word = (word << 4) | (unit < 58 ? unit - 48 : unit - 87)
  }
  return word >>> 0
}
