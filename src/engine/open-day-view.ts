import type { Codes } from './bytes.ts'
import { type Column, type ColumnName, OTHER_PROPS } from './day.ts'
import { gather } from './gather.ts'
import type { FullDay, KeptId, OpenDay } from './open-day.ts'
import { orderRows, type RowOrder } from './row-order.ts'

/** An open day as it was at one moment. */
export class OpenDayView implements FullDay {
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
  readonly #day: OpenDay
  readonly #visitors: Uint32Array
  readonly #counts: ReadonlyMap<ColumnName, readonly number[]>
  readonly #made: Map<string, Column> = new Map()
  readonly #derived: Map<string, Codes> = new Map()

  /** `visitors`: their numbers, in the order in which they shall stand. */
  constructor(day: OpenDay, visitors: Uint32Array) {
    const { rows } = day
    const time = day.time.upTo(rows)
    const ranks = new Uint32Array(visitors.length)
    for (let rank = 0; rank < visitors.length; rank++) ranks[visitors[rank] as number] = rank
    const order = orderRows(
      { rows, visitor: day.visitor.upTo(rows), time, compare: byTime(time, day) },
      ranks,
    )
    this.date = day.date
    this.start = day.start
    this.rows = rows
    this.count = day.count
    this.folded = day.columns.has(OTHER_PROPS) ? new Set([...day.folded, OTHER_PROPS]) : day.folded
    this.erasedIds = day.erasedIds
    this.lastReceived = day.lastReceived
    this.visits = order.visits
    this.named = order.named
    this.first = order.first
    this.visitorOf = order.visitorOf
    this.time = gather(time, order.arrival) as Uint32Array
    this.ms = day.ms && (gather(day.ms.upTo(rows), order.arrival) as Uint32Array)
    this.columnNames = [...day.columns.keys()]
    this.#counts = new Map([...day.columns].map(([name, { counts }]) => [name, counts.slice()]))
    this.#order = order
    this.#day = day
    this.#visitors = visitors
  }

  column(name: ColumnName): Column | undefined {
    const made = this.#made.get(name)
    if (made) return made
    const isFact = name.startsWith('visit/')
    const source = this.#day.columns.get(isFact ? name.slice(6) : name)
    if (!source) return undefined
    const { arrival, first, visits } = this.#order
    const rows = isFact ? first.subarray(0, visits).map((row) => arrival[row] as number) : arrival
    const column = { codes: gather(source.upTo(this.rows), rows), values: source.values }
    this.#made.set(name, column)
    return column
  }

  countsOf(name: ColumnName): readonly number[] {
    return this.#counts.get(name) ?? []
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
    const id = this.#day.ids[arrival]
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
function byTime(time: Uint32Array, { idHigh, idLow, rows }: OpenDay): (a: number, b: number) => number {
  const [high, low] = [idHigh.upTo(rows), idLow.upTo(rows)]
  return (a, b) =>
    (time[a] as number) - (time[b] as number) ||
    (high[a] as number) - (high[b] as number) ||
    (low[a] as number) - (low[b] as number)
}
