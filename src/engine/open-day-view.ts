import type { Codes } from './bytes.ts'
import { type Column, type ColumnName, OTHER_PROPS } from './day.ts'
import { gather, gatherSlowly } from './gather.ts'
import type { GrowingColumn, GrowingNumbers } from './growing.ts'
import type { FullDay, KeptId, OpenDay } from './open-day.ts'
import { orderRows, type RowOrder } from './row-order.ts'
import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'
import { type Compare, sortSlowly } from './slow-sort.ts'

/** What an open day has at one moment: what is added later does not show in it. It costs nothing until it is put in order. */
export class DaySnapshot {
  readonly date: string
  readonly start: number
  readonly rows: number
  readonly count: number
  readonly folded: ReadonlySet<ColumnName>
  readonly erasedIds: readonly KeptId[]
  readonly lastReceived: number
  readonly columns: ReadonlyMap<ColumnName, GrowingColumn>
  readonly counts: ReadonlyMap<ColumnName, readonly number[]>
  readonly ms: GrowingNumbers | undefined
  readonly #day: OpenDay
  readonly #visitors: number

  constructor(day: OpenDay) {
    this.date = day.date
    this.start = day.start
    this.rows = day.rows
    this.count = day.count
    this.folded = day.columns.has(OTHER_PROPS) ? new Set([...day.folded, OTHER_PROPS]) : day.folded
    this.erasedIds = day.erasedIds
    this.lastReceived = day.lastReceived
    this.columns = new Map(day.columns)
    this.counts = new Map([...day.columns].map(([name, { counts }]) => [name, counts.slice()]))
    this.ms = day.ms
    this.#day = day
    this.#visitors = day.visitors.size
  }

  /** The day with visitors as they were met. */
  async inOrderOfArrival(breathe: Breathe): Promise<FullDay> {
    return this.#ordered(this.#visitorsMet(), breathe)
  }

  /** The same with visitors in order of their ids: then the same events give the same day, however they arrived. */
  async canonical(breathe: Breathe): Promise<FullDay> {
    const { highs, lows } = this.#day.visitors
    const visitors = this.#visitorsMet()
    const byId: Compare = (a, b) =>
      (highs[a] as number) - (highs[b] as number) || (lows[a] as number) - (lows[b] as number)
    await sortSlowly(visitors, byId, breathe)
    return this.#ordered(visitors, breathe)
  }

  #visitorsMet(): Uint32Array {
    const numbers = new Uint32Array(this.#visitors)
    for (let i = 0; i < numbers.length; i++) numbers[i] = i
    return numbers
  }

  async #ordered(visitors: Uint32Array, breathe: Breathe): Promise<FullDay> {
    const { rows } = this
    const time = this.#day.time.upTo(rows)
    const visitor = this.#day.visitor.upTo(rows)
    const compare = byTime(time, this.#day, rows)
    const ranks = new Uint32Array(visitors.length)
    await inSlices(visitors.length, breathe, (from, to) => {
      for (let rank = from; rank < to; rank++) ranks[visitors[rank] as number] = rank
    })
    const order = await orderRows({ rows, visitor, time, compare }, ranks, breathe)
    const ms = this.ms && (await gatherSlowly(this.ms.upTo(rows), order.arrival, breathe))
    return new OpenDayView(this, this.#day, {
      order,
      visitors,
      time: (await gatherSlowly(time, order.arrival, breathe)) as Uint32Array,
      ms: ms as Uint32Array | undefined,
    })
  }
}

/** A snapshot's rows in their order. */
interface Ordered {
  readonly order: RowOrder
  /** Numbers of visitors, in the order in which they stand. */
  readonly visitors: Uint32Array
  readonly time: Uint32Array
  readonly ms: Uint32Array | undefined
}

/** An open day as it was at one moment, in order. */
class OpenDayView implements FullDay {
  readonly date: string
  readonly start: number
  readonly rows: number
  readonly count: number
  readonly folded: ReadonlySet<ColumnName>
  readonly erasedIds: readonly KeptId[]
  readonly lastReceived: number
  readonly visits: number
  readonly named: number
  readonly first: Uint32Array
  readonly visitorOf: Uint32Array
  readonly time: Uint32Array
  readonly ms: Uint32Array | undefined
  readonly columnNames: readonly ColumnName[]
  readonly #order: RowOrder
  readonly #snapshot: DaySnapshot
  readonly #day: OpenDay
  readonly #visitors: Uint32Array
  readonly #made: Map<string, Column> = new Map()
  readonly #derived: Map<string, Codes> = new Map()

  constructor(snapshot: DaySnapshot, day: OpenDay, { order, visitors, time, ms }: Ordered) {
    this.date = snapshot.date
    this.start = snapshot.start
    this.rows = snapshot.rows
    this.count = snapshot.count
    this.folded = snapshot.folded
    this.erasedIds = snapshot.erasedIds
    this.lastReceived = snapshot.lastReceived
    this.visits = order.visits
    this.named = order.named
    this.first = order.first
    this.visitorOf = order.visitorOf
    this.time = time
    this.ms = ms
    this.columnNames = [...snapshot.columns.keys()]
    this.#order = order
    this.#snapshot = snapshot
    this.#day = day
    this.#visitors = visitors
  }

  column(name: ColumnName): Column | undefined {
    const made = this.#made.get(name)
    if (made) return made
    const source = this.#sourceOf(name)
    if (!source) return undefined
    const column = { codes: gather(source.upTo(this.rows), this.#rowsOf(name)), values: source.values }
    this.#made.set(name, column)
    return column
  }

  async readColumn(name: ColumnName, breathe: Breathe): Promise<Column | undefined> {
    const source = this.#sourceOf(name)
    if (!source) return undefined
    const codes = await gatherSlowly(source.upTo(this.rows), this.#rowsOf(name), breathe)
    return { codes, values: source.values }
  }

  async prepare(names: Iterable<ColumnName>, breathe: Breathe): Promise<void> {
    for (const name of names) {
      const column = this.#made.has(name) ? undefined : await this.readColumn(name, breathe)
      if (column) this.#made.set(name, column)
    }
  }

  #sourceOf(name: ColumnName): GrowingColumn | undefined {
    return this.#snapshot.columns.get(name.startsWith('visit/') ? name.slice(6) : name)
  }

  #rowsOf(name: ColumnName): Uint32Array {
    const { arrival, first, visits } = this.#order
    if (!name.startsWith('visit/')) return arrival
    return first.subarray(0, visits).map((row) => arrival[row] as number)
  }

  countsOf(name: ColumnName): readonly number[] {
    return this.#snapshot.counts.get(name) ?? []
  }

  get visitorIds(): { high: Uint32Array; low: Uint32Array } {
    const { highs, lows } = this.#day.visitors
    return {
      high: this.#visitors.map((number) => highs[number] as number),
      low: this.#visitors.map((number) => lows[number] as number),
    }
  }

  idOf(row: number): KeptId | undefined {
    const arrival = this.#order.arrival[row] as number
    const id = this.#day.ids.at(arrival)
    return id ? { id, isDated: this.#day.dated.upTo(this.rows)[arrival] === 1 } : undefined
  }

  derive<T extends Codes>(name: string, make: () => T): T {
    const known = this.#derived.get(name) as T | undefined
    if (known) return known
    const made = make()
    this.#derived.set(name, made)
    return made
  }
}

/** By time, and of the same instant by id, so that arrival does not matter. */
function byTime(time: Uint32Array, { idHigh, idLow }: OpenDay, rows: number): Compare {
  const [high, low] = [idHigh.upTo(rows), idLow.upTo(rows)]
  return (a, b) =>
    (time[a] as number) - (time[b] as number) ||
    (high[a] as number) - (high[b] as number) ||
    (low[a] as number) - (low[b] as number)
}
