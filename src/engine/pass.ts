import { isOfEvents } from '../dimension.ts'
import type { Day } from './day.ts'
import { looksAtEvents } from './filter.ts'
import type { Groups } from './groups.ts'
import type { Scan } from './scan.ts'
import { type SumName, type SumTable, sumNames } from './sums.ts'

/** What all passes of a scan share. */
export interface Facts {
  readonly day: Day
  readonly scan: Scan
  /** What passes the filters, and lies in the range. */
  readonly visits: Uint8Array | undefined
  readonly rows: Uint8Array | undefined
  readonly rowsInRange: Uint8Array | undefined
  readonly visitsInRange: Uint8Array | undefined
  readonly byEvents: boolean
}

/** One way of counting, on its way through a day. */
export interface Pass {
  look(from: number, to: number): void
  table(): SumTable
}

/** Whether visitors and visits are those of single events that match, or of visits as wholes. */
export function countsByEvents({ dimensions, filters, goal }: Scan): boolean {
  return goal !== undefined || dimensions.some(isOfEvents) || filters.some(looksAtEvents)
}

/** What is being added up, by group. */
export type Tally = Readonly<Record<SumName, Float64Array>> & {
  /** Of each group the visit and the visitor that were last counted, 1 more than they are. */
  readonly lastVisit: Uint32Array
  readonly lastVisitor: Uint32Array
}

export function createTally(size: number): Tally {
  const sums = Object.fromEntries(sumNames.map((name) => [name, new Float64Array(size)]))
  return {
    ...(sums as Record<SumName, Float64Array>),
    lastVisit: new Uint32Array(size),
    lastVisitor: new Uint32Array(size),
  }
}

/** Those of a pass's sums that were asked for. */
export function asked({ sums }: Scan, ofPass: readonly SumName[]): readonly SumName[] {
  return ofPass.filter((name) => sums.has(name))
}

/** The sums by which a group is there at all. */
const PRESENCE: ReadonlySet<SumName> = new Set<SumName>([
  'visitors',
  'visits',
  'pageviews',
  'events',
  'entered',
  'readers',
  'readings',
])

/** Those of so many groups that are there, by the sums that were asked for. */
export function presentGroups(
  sums: readonly (readonly [SumName, ArrayLike<number>])[],
  groups: number,
): readonly number[] {
  const signs = sums.flatMap(([name, column]) => (PRESENCE.has(name) ? [column] : []))
  const present: number[] = []
  for (let group = 0; group < groups; group++)
    if (signs.some((sign) => (sign[group] as number) > 0)) present.push(group)
  return present
}

/** The groups that are there, and their sums. */
export function tableOf(groups: Groups, tally: Tally, sums: readonly SumName[]): SumTable {
  const columns = sums.map((name) => [name, tally[name]] as const)
  const present = presentGroups(columns, groups.size)
  return {
    labels: present.map((group) => groups.labels(group)),
    sums: Object.fromEntries(
      columns.map(([name, column]) => [name, present.map((group) => column[group] as number)]),
    ),
  }
}

/** Counts a visit in a group. */
export type Count = (visit: number, group: number) => void

/**
 * Counts a visit and its visitor in a group, once each, however often it is told of them. Visits come in order
 * of their visitors, so a look at the last one is a look at all.
 */
export function visitCounter({ visitorOf }: Day, { visitors, visits, lastVisit, lastVisitor }: Tally): Count {
  return (visit, group) => {
    if (lastVisit[group] === visit + 1) return
    lastVisit[group] = visit + 1
    visits[group] = (visits[group] as number) + 1
    const visitor = (visitorOf[visit] as number) + 1
    if (lastVisitor[group] === visitor) return
    lastVisitor[group] = visitor
    visitors[group] = (visitors[group] as number) + 1
  }
}
