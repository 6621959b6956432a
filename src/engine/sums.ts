/** What is added up over the visits and rows of a group; metrics are made from these, and days are merged by adding. */
export const sumNames = [
  'visitors',
  'visits',
  'pageviews',
  'events',
  /** Visits of which bounces, durations and views are told. */
  'entered',
  'bounces',
  /** ms. */
  'durations',
  /** Page views of whole visits. */
  'views',
  /** Engaged ms, and the visits that were engaged. */
  'engaged',
  'readers',
  /** The deepest scroll of each visit and page in percent, and how many they are. */
  'depths',
  'readings',
] as const

export type SumName = (typeof sumNames)[number]

/** Money by currency: millionths of its unit, and the number of events. */
export type Takings = Map<string, { micros: bigint; events: number }>

/** Groups of a day (or of many): their labels, and what was added up of each. */
export interface SumTable {
  /** A label for each dimension, of each group. */
  readonly labels: readonly (readonly string[])[]
  readonly sums: Readonly<Partial<Record<SumName, readonly number[]>>>
  /** By group; where revenue was asked. */
  readonly takings?: readonly (Takings | undefined)[]
}

/** Adds up tables of days whose groups have the same labels. Throws through `onFull` past `limit` groups. */
export class SumTotals {
  readonly labels: (readonly string[])[] = []
  readonly sums: Partial<Record<SumName, number[]>> = {}
  readonly takings: (Takings | undefined)[] = []
  readonly #groups: Map<string, number> = new Map()
  readonly #limit: number
  readonly #onFull: () => never

  constructor(limit: number, onFull: () => never) {
    this.#limit = limit
    this.#onFull = onFull
  }

  add(table: SumTable): void {
    const groups = table.labels.map((labels) => this.#groupOf(labels))
    for (const name of sumNames) {
      const source = table.sums[name]
      if (source) this.#addSums(name, source, groups)
    }
    for (const [i, takings] of (table.takings ?? []).entries()) {
      if (takings) this.#addTakings(groups[i] as number, takings)
    }
  }

  find(labels: readonly string[]): number | undefined {
    return this.#groups.get(labels.join(SEPARATOR))
  }

  sum(name: SumName, group: number): number {
    return this.sums[name]?.[group] ?? 0
  }

  #groupOf(labels: readonly string[]): number {
    const key = labels.length === 1 ? (labels[0] as string) : labels.join(SEPARATOR)
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group = this.labels.length
    if (group >= this.#limit) this.#onFull()
    this.#groups.set(key, group)
    this.labels.push(labels)
    return group
  }

  #addSums(name: SumName, source: readonly number[], groups: readonly number[]): void {
    const target = this.sums[name] ?? []
    this.sums[name] = target
    for (let i = target.length; i < this.labels.length; i++) target.push(0)
    for (let i = 0; i < source.length; i++) {
      const group = groups[i] as number
      target[group] = (target[group] as number) + (source[i] as number)
    }
  }

  #addTakings(group: number, takings: Takings): void {
    const target = this.takings[group] ?? new Map()
    this.takings[group] = target
    for (const [currency, { micros, events }] of takings) {
      const before = target.get(currency) ?? { micros: 0n, events: 0 }
      target.set(currency, { micros: before.micros + micros, events: before.events + events })
    }
  }
}

/** No label holds it: C0 characters are taken out of all text. */
const SEPARATOR = '\u0000'
