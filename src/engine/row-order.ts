import { VISIT_GAP_MS } from './visit.ts'

/** The visitor number of a row that has none. */
export const NOBODY = 0xffffffff

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
export function orderRows(arrivals: Arrivals, ranks: Uint32Array): RowOrder {
  const { rows, visitor, time } = arrivals
  const people = ranks.length
  const starts = startsOf(arrivals, ranks)
  const named = starts[people] as number
  const arrival = new Uint32Array(rows)
  const next = starts.slice()
  for (let row = 0; row < rows; row++) {
    const rank = visitor[row] === NOBODY ? people : (ranks[visitor[row] as number] as number)
    arrival[next[rank] as number] = row
    next[rank] = (next[rank] as number) + 1
  }
  for (let rank = 0; rank <= people; rank++)
    sortSlice(arrival, starts[rank] as number, starts[rank + 1] as number, arrivals)
  return cutVisits(arrival, starts, named, time)
}

/** Where each rank's rows begin; after the last visitor those of nobody. */
function startsOf({ rows, visitor }: Arrivals, ranks: Uint32Array): Uint32Array {
  const people = ranks.length
  const starts = new Uint32Array(people + 2)
  for (let row = 0; row < rows; row++) {
    const rank = visitor[row] === NOBODY ? people : (ranks[visitor[row] as number] as number)
    starts[rank + 1] = (starts[rank + 1] as number) + 1
  }
  for (let rank = 0; rank <= people; rank++)
    starts[rank + 1] = (starts[rank + 1] as number) + (starts[rank] as number)
  return starts
}

/** Rows mostly arrive in order of time, so looking comes before sorting. */
function sortSlice(arrival: Uint32Array, from: number, to: number, { time, compare }: Arrivals): void {
  for (let i = from + 1; i < to; i++) {
    const [before, after] = [arrival[i - 1] as number, arrival[i] as number]
    const gap = (time[after] as number) - (time[before] as number)
    if (gap > 0 || (gap === 0 && compare(before, after) <= 0)) continue
    arrival.subarray(from, to).sort(compare)
    return
  }
}

function cutVisits(arrival: Uint32Array, starts: Uint32Array, named: number, time: Uint32Array): RowOrder {
  const rows = arrival.length
  const people = starts.length - 2
  const first = new Uint32Array(rows + 1)
  const visitorOf = new Uint32Array(rows)
  let visits = 0
  for (let rank = 0; rank < people; rank++) {
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
  const namedVisits = visits
  for (let i = named; i < rows; i++) first[visits++] = i
  first[visits] = rows
  return {
    arrival,
    first: first.slice(0, visits + 1),
    visitorOf: visitorOf.slice(0, visits).fill(NOBODY, namedVisits),
    visits,
    named: namedVisits,
  }
}
