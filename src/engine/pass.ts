import { isOfEvents } from '../dimension.ts'
import type { Day } from './day.ts'
import { looksAtEvents } from './filter.ts'
import type { Groups } from './groups.ts'
import type { Scan } from './scan.ts'
import type { SumName, SumTable } from './sums.ts'

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
  /** The visits that it looks at, in order; undefined: all. */
  readonly visits: Uint32Array | undefined
  /** Looks at the visits from one place of `visits` to another. */
  look(from: number, to: number): void
  table(): SumTable
}

/** The visits that a mask lets through. */
export function passing(mask: Uint8Array | undefined): Uint32Array | undefined {
  if (!mask) return undefined
  const visits = new Uint32Array(mask.length)
  let count = 0
  for (let visit = 0; visit < mask.length; visit++) {
    visits[count] = visit
    count += mask[visit] as number
  }
  return visits.subarray(0, count)
}

/** Whether visitors and visits are those of single events that match, or of visits as wholes. */
export function countsByEvents({ dimensions, filters, goal }: Scan): boolean {
  return goal !== undefined || dimensions.some(isOfEvents) || filters.some(looksAtEvents)
}

/**
 * What a pass adds up. Whole numbers of a group stand side by side, `STRIDE` cells for each, so that a row
 * touches one line of the processor's cache; of a pass's own sums no two share a cell.
 */
export interface Tally {
  readonly cells: Uint32Array
  /** Sums that may grow beyond 32 bits, by group; empty where they were not asked for. */
  readonly durations: Float64Array
  readonly engaged: Float64Array
}

export const STRIDE = 8

/** Places of whole numbers among a group's cells. */
export const cellOf = {
  visitors: 0,
  visits: 1,
  pageviews: 2,
  events: 3,
  entered: 0,
  bounces: 1,
  views: 2,
  readers: 0,
  readings: 1,
  depths: 2,
  /** The visit and the visitor that were counted last, 1 more than they are. */
  lastVisit: 4,
  lastVisitor: 5,
} as const

export function createTally(size: number, asked: readonly SumName[]): Tally {
  return {
    cells: new Uint32Array(size * STRIDE),
    durations: new Float64Array(asked.includes('durations') ? size : 0),
    engaged: new Float64Array(asked.includes('engaged') ? size : 0),
  }
}

function readerOf({ cells, durations, engaged }: Tally, name: SumName): ReadSum {
  if (name === 'durations') return (group) => durations[group] as number
  if (name === 'engaged') return (group) => engaged[group] as number
  const place = cellOf[name]
  return (group) => cells[group * STRIDE + place] as number
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

/** A sum of a group. */
export type ReadSum = (group: number) => number

/** Those of so many groups that are there, by the sums that were asked for. */
export function presentGroups(sums: ReadonlyMap<SumName, ReadSum>, groups: number): readonly number[] {
  const signs = [...sums].flatMap(([name, read]) => (PRESENCE.has(name) ? [read] : []))
  const present: number[] = []
  for (let group = 0; group < groups; group++) {
    for (const read of signs) {
      if (read(group) === 0) continue
      present.push(group)
      break
    }
  }
  return present
}

/** The groups that are there, and their sums. */
export function tableOf(groups: Groups, tally: Tally, sums: readonly SumName[]): SumTable {
  const readers = new Map(sums.map((name) => [name, readerOf(tally, name)]))
  const present = presentGroups(readers, groups.size)
  return {
    labels: present.map((group) => groups.labels(group)),
    sums: Object.fromEntries([...readers].map(([name, read]) => [name, present.map(read)])),
  }
}

/** Counts a visit in a group. */
export type Count = (visit: number, group: number) => void

/**
 * Counts a visit and its visitor in a group, once each, however often it is told of them. Visits come in order
 * of their visitors, so a look at the last one is a look at all.
 */
export function visitCounter({ visitorOf }: Pick<Day, 'visitorOf'>, { cells }: Tally): Count {
  return (visit, group) => {
    const at = group * STRIDE
    if (cells[at + cellOf.lastVisit] === visit + 1) return
    cells[at + cellOf.lastVisit] = visit + 1
    add(cells, at + cellOf.visits, 1)
    const visitor = (visitorOf[visit] as number) + 1
    if (cells[at + cellOf.lastVisitor] === visitor) return
    cells[at + cellOf.lastVisitor] = visitor
    add(cells, at + cellOf.visitors, 1)
  }
}

export function add(numbers: Uint32Array | Float64Array, at: number, number: number): void {
  numbers[at] = (numbers[at] as number) + number
}
