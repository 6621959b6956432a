import type { Dimension } from '../dimension.ts'
import type { Scalar } from '../event.ts'
import { rowColumn } from './axis.ts'
import { kinds } from './day.ts'
import { type Groups, groupRows } from './groups.ts'
import { numberIn } from './histogram.ts'
import { add, type Facts, type Pass, passing } from './pass.ts'
import type { SumTable } from './sums.ts'
import { kindsOf } from './visit.ts'

/** How often each number of a property or attribute occurs, engagement left out. */
export function numbersPass(dimension: Dimension): (facts: Facts) => Pass | undefined {
  return ({ day, scan, visits: visitMask, rows: rowMask }) => {
    const column = rowColumn(day, dimension)
    if (!column) return undefined
    const { codes } = column
    const { numbers, rankOf } = ranked(column.values)
    if (numbers.length === 0) return undefined
    const groups = groupRows(day, scan.dimensions, scan)
    const counter = createCounter(groups.size * numbers.length)
    const kind = kindsOf(day)
    const { first } = day

    function lookAt(visit: number): void {
      for (let row = first[visit] as number; row < (first[visit + 1] as number); row++) {
        const rank = rankOf[codes[row] as number] as number
        if (rank === 0 || kind[row] === kinds.engagement || (rowMask && rowMask[row] === 0)) continue
        const group = groups.of ? (groups.of[row] as number) : 0
        counter.count(group * numbers.length + rank - 1)
      }
    }

    const visits = passing(visitMask)
    return {
      visits,
      look(from, to): void {
        for (let i = from; i < to; i++) lookAt(visits ? (visits[i] as number) : i)
      },
      table: () => tableOf(counter, groups, numbers, dimension.name),
    }
  }
}

interface Ranked {
  /** Ascending, each once. */
  readonly numbers: Float64Array
  /** By code: the place among them, 1 more than it is; 0: it is no number. */
  readonly rankOf: Uint32Array
}

function ranked(values: readonly Scalar[]): Ranked {
  const ofCode = Float64Array.from(values, (value, code) => (code === 0 ? Number.NaN : numberIn(value)))
  const sorted = ofCode.filter((number) => !Number.isNaN(number)).sort()
  const numbers = sorted.filter((number, i) => i === 0 || number !== sorted[i - 1])
  const places = new Map(Array.from(numbers, (number, i) => [number, i + 1]))
  return { numbers, rankOf: Uint32Array.from(ofCode, (number) => places.get(number) ?? 0) }
}

/** Counts by whole numbers below a size. */
interface Counter {
  count(key: number): void
  /** Those that were counted, ascending. */
  each(look: (key: number, count: number) => void): void
}

/** Places that are counted in a list, however few of them are used: 4 MB. */
const PLACES = 1 << 20

function createCounter(size: number): Counter {
  if (size > PLACES) return createSparseCounter()
  const counts = new Uint32Array(size)
  return {
    count: (key) => add(counts, key, 1),
    each(look): void {
      for (let key = 0; key < size; key++) if (counts[key] !== 0) look(key, counts[key] as number)
    },
  }
}

function createSparseCounter(): Counter {
  const counts = new Map<number, number>()
  return {
    count: (key) => void counts.set(key, (counts.get(key) ?? 0) + 1),
    each(look): void {
      for (const key of Float64Array.from(counts.keys()).sort()) look(key, counts.get(key) as number)
    },
  }
}

function tableOf(counter: Counter, groups: Groups, numbers: Float64Array, of: string): SumTable {
  const labels: (readonly string[])[] = []
  const histograms: { values: number[]; counts: number[] }[] = []
  let last = -1
  counter.each((key, count) => {
    const group = Math.floor(key / numbers.length)
    if (group !== last) {
      labels.push(groups.labels(group))
      histograms.push({ values: [], counts: [] })
    }
    last = group
    histograms.at(-1)?.values.push(numbers[key % numbers.length] as number)
    histograms.at(-1)?.counts.push(count)
  })
  return { labels, sums: {}, numbers: { of, histograms } }
}
