import { type Histogram, merged } from './histogram.ts'

/** What is added up over the visits and rows of a group; metrics are made from these, and days are merged by adding. */
const sumNames = [
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
  readonly numbers?: NumberTable
}

/** The numbers of a dimension. */
interface NumberTable {
  /** Its name. */
  readonly of: string
  /** By group. */
  readonly histograms: readonly Histogram[]
}

/** What there may be of groups, and of different numbers in all of them. */
export interface SumLimits {
  readonly groups: number
  readonly values: number
}

/** Adds up tables of days whose groups have the same labels. Throws through `onFull` past a limit. */
export class SumTotals {
  readonly labels: (readonly string[])[] = []
  readonly sums: Partial<Record<SumName, number[]>> = {}
  readonly takings: (Takings | undefined)[] = []
  /** By the name of a dimension, then by group. */
  readonly #numbers: Map<string, (Histogram | undefined)[]> = new Map()
  #values = 0
  readonly #groups: Map<string, number> = new Map()
  readonly #limits: SumLimits
  readonly #onFull: (limit: keyof SumLimits) => never

  constructor(limits: SumLimits, onFull: (limit: keyof SumLimits) => never) {
    this.#limits = limits
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
    if (table.numbers) this.#addNumbers(table.numbers, groups)
  }

  find(labels: readonly string[]): number | undefined {
    return this.#groups.get(labels.join(SEPARATOR))
  }

  sum(name: SumName, group: number): number {
    return this.sums[name]?.[group] ?? 0
  }

  /** The numbers that a dimension has in a group. */
  histogram(of: string, group: number): Histogram | undefined {
    return this.#numbers.get(of)?.[group]
  }

  #groupOf(labels: readonly string[]): number {
    const key = labels.length === 1 ? (labels[0] as string) : labels.join(SEPARATOR)
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group = this.labels.length
    if (group >= this.#limits.groups) this.#onFull('groups')
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

  #addNumbers({ of, histograms }: NumberTable, groups: readonly number[]): void {
    const target = this.#numbers.get(of) ?? []
    this.#numbers.set(of, target)
    for (const [i, histogram] of histograms.entries()) {
      const group = groups[i] as number
      const before = target[group]
      const both = before ? merged(before, histogram) : histogram
      target[group] = both
      this.#values += both.values.length - (before?.values.length ?? 0)
      if (this.#values > this.#limits.values) this.#onFull('values')
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
