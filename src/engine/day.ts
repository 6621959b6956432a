import { OTHER } from '../dimension.ts'
import type { Scalar } from '../event.ts'
import type { Codes } from './bytes.ts'
import type { SumTable } from './sums.ts'

/** A column of values by code. Code 0 is the absence of a value; `values[0]` is never looked at. */
export interface Column {
  readonly codes: Codes
  readonly values: readonly Scalar[]
}

/** What kind of event a row is, as counts need it. */
export const kinds = { custom: 0, pageview: 1, engagement: 2, passive: 3 } as const

/** Columns that a scan may name. `visit/…` are facts of visits, all others of rows. */
export type ColumnName = string

/** The name of the column of a visit's fact. */
export function factName(field: string): ColumnName {
  return `visit/${field}`
}

/** The field that a column of facts or of rows holds. */
export function fieldOf(name: ColumnName): string {
  return name.startsWith('visit/') ? name.slice('visit/'.length) : name
}

export function propName(key: string): ColumnName {
  return `props/${key}`
}

/** The key of a property, by its column. Undefined: the column is of something else, or of many. */
export function propKey(name: ColumnName): string | undefined {
  return name.startsWith(propName('')) && name !== OTHER_PROPS ? name.slice(propName('').length) : undefined
}

/** Stands for the properties of a day beyond `PROPS_LIMIT`: an event with any of them has `(other)` here. */
export const OTHER_PROPS: ColumnName = propName(OTHER)

/**
 * Properties that a day keeps by name, those that came first. Each is a column as long as the day, so whoever
 * sends new names without end must not fill the memory. Declared attributes are not counted.
 */
export const PROPS_LIMIT = 200

export function attributeName(key: string): ColumnName {
  return `attributes/${key}`
}

/**
 * One day of one collection as columns. Rows (events) are ordered by visitor and time, so that a
 * visit's rows lie together, and a visitor's visits. Columns that were not loaded look empty.
 */
export interface Day {
  /** YYYY-MM-DD in the collection's zone. */
  readonly date: string
  /** The day's first instant, ms since 1970. */
  readonly start: number
  readonly rows: number
  readonly visits: number
  /** Visits from this one on have no visitor: each is a single event that nobody may be told by. */
  readonly named: number
  /** First row of each visit, and `rows` at the end. */
  readonly first: Uint32Array
  /** The visitor of each visit, as a number that is of use on this day only. */
  readonly visitorOf: Uint32Array
  /** ms since the day's start, of each row. */
  readonly time: Uint32Array
  /** Engaged ms of each row, 1 more than they are; 0 is absence. */
  readonly ms: Codes | undefined
  /** Columns in which rare values were folded into `(other)`. */
  readonly folded: ReadonlySet<ColumnName>
  /** Undefined if no event of the day has a value. */
  column(name: ColumnName): Column | undefined
  /** What is worked out from columns and kept with them. */
  derive<T extends Codes>(name: string, make: () => T): T
}

/** A day that may have to be read first. */
export interface DaySource {
  readonly date: string
  /** Events without engagement. */
  readonly count: number
  load(names: ReadonlySet<ColumnName>): Promise<Day>
  /** Tables that were worked out when the day was sealed; undefined if there are none of that name. */
  summary(name: string): Promise<readonly SumTable[] | undefined>
  /** Names of all columns that there are. */
  names(): Promise<readonly ColumnName[]>
}
