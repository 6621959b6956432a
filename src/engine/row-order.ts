import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'
import { sortSlowly } from './slow-sort.ts'
import { VISIT_GAP_MS } from './visit.ts'

/** The visitor number of a row that has none. */
export const NOBODY = 0xffffffff

/** Visitors that are looked at in one go, and rows of one visitor that are. */
const RANKS = 20_000
const MANY = 1000

/** How the rows of a day, numbered by arrival, lie by visitor and time, and where visits begin. */
export interface RowOrder {
  /** The arrival number of each row. */
  readonly arrival: Uint32Array
  readonly first: Uint32Array
  /** The visitor of each visit. */
  readonly visitorOf: Uint32Array
  readonly visits: number
  /** Visits from this one on have no visitor: each is one row. */
  readonly named: number
}

export interface Arrivals {
  readonly rows: number
  /** Of each row, or `NOBODY`. */
  readonly visitor: Uint32Array
  readonly time: Uint32Array
  /** Two rows of one visitor: which comes first. */
  readonly compare: (a: number, b: number) => number
}

/** Orders rows by `ranks` of their visitors and by time: a counting sort, then each visitor's few rows by themselves. */
export async function orderRows(arrivals: Arrivals, ranks: Uint32Array, breathe: Breathe): Promise<RowOrder> {
  const { rows, visitor } = arrivals
  const people = ranks.length
  const starts = await startsOf(arrivals, ranks, breathe)
  const arrival = new Uint32Array(rows)
  const next = starts.slice()
  await inSlices(rows, breathe, (from, to) => {
    for (let row = from; row < to; row++) {
      const rank = visitor[row] === NOBODY ? people : (ranks[visitor[row] as number] as number)
      arrival[next[rank] as number] = row
      next[rank] = (next[rank] as number) + 1
    }
  })
  await sortEach(arrival, starts, arrivals, breathe)
  return cutVisits(arrival, starts, arrivals, breathe)
}

/** Where each rank's rows begin; after the last visitor those of nobody. */
async function startsOf(
  { rows, visitor }: Arrivals,
  ranks: Uint32Array,
  breathe: Breathe,
): Promise<Uint32Array> {
  const people = ranks.length
  const starts = new Uint32Array(people + 2)
  await inSlices(rows, breathe, (from, to) => {
    for (let row = from; row < to; row++) {
      const rank = visitor[row] === NOBODY ? people : (ranks[visitor[row] as number] as number)
      starts[rank + 1] = (starts[rank + 1] as number) + 1
    }
  })
  for (let rank = 0; rank <= people; rank++)
    starts[rank + 1] = (starts[rank + 1] as number) + (starts[rank] as number)
  return starts
}

/** Puts each rank's rows in order. Those of few rows, most, are sorted at once. */
async function sortEach(
  arrival: Uint32Array,
  starts: Uint32Array,
  arrivals: Arrivals,
  breathe: Breathe,
): Promise<void> {
  const many: Uint32Array[] = []
  await inSlices(
    starts.length - 1,
    breathe,
    (from, to) => {
      for (let rank = from; rank < to; rank++) {
        const rows = arrival.subarray(starts[rank], starts[rank + 1])
        if (rows.length > MANY) many.push(rows)
        else if (!isInOrder(rows, 1, rows.length, arrivals)) rows.sort(arrivals.compare)
      }
    },
    RANKS,
  )
  for (const rows of many) await sortMany(rows, arrivals, breathe)
}

async function sortMany(rows: Uint32Array, arrivals: Arrivals, breathe: Breathe): Promise<void> {
  let isSorted = true
  await inSlices(rows.length, breathe, (from, to) => {
    isSorted &&= isInOrder(rows, Math.max(1, from), to, arrivals)
  })
  if (!isSorted) await sortSlowly(rows, arrivals.compare, breathe)
}

/** Rows mostly arrive in order of time, so looking comes before sorting. */
function isInOrder(rows: Uint32Array, from: number, to: number, { time, compare }: Arrivals): boolean {
  for (let i = from; i < to; i++) {
    const [before, after] = [rows[i - 1] as number, rows[i] as number]
    const gap = (time[after] as number) - (time[before] as number)
    if (gap < 0 || (gap === 0 && compare(before, after) > 0)) return false
  }
  return true
}

async function cutVisits(
  arrival: Uint32Array,
  starts: Uint32Array,
  { rows, time }: Arrivals,
  breathe: Breathe,
): Promise<RowOrder> {
  const people = starts.length - 2
  const first = new Uint32Array(rows + 1)
  const visitorOf = new Uint32Array(rows)
  let visits = 0
  await inSlices(
    people,
    breathe,
    (from, to) => {
      for (let rank = from; rank < to; rank++) {
        let last = -Infinity
        for (let i = starts[rank] as number; i < (starts[rank + 1] as number); i++) {
          const at = time[arrival[i] as number] as number
          if (at - last > VISIT_GAP_MS) {
            visitorOf[visits] = rank
            first[visits++] = i
          }
          last = at
        }
      }
    },
    RANKS,
  )
  const named = visits
  for (let i = starts[people] as number; i < rows; i++) first[visits++] = i
  first[visits] = rows
  return {
    arrival,
    first: first.slice(0, visits + 1),
    visitorOf: visitorOf.slice(0, visits).fill(NOBODY, named),
    visits,
    named,
  }
}
