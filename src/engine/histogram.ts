import type { Scalar } from '../event.ts'

/** How often numbers occur: each once, ascending. */
export interface Histogram {
  readonly values: readonly number[]
  readonly counts: readonly number[]
}

/** Linear on any text: no two of its parts can take the same digit. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** The number that a value is, or is the decimal text of; NaN: none that is finite. */
export function numberIn(value: Scalar): number {
  if (typeof value === 'boolean' || (typeof value === 'string' && !DECIMAL.test(value))) return Number.NaN
  const number = Number(value)
  return Number.isFinite(number) ? number + 0 : Number.NaN
}

export function merged(a: Histogram, b: Histogram): Histogram {
  const values: number[] = []
  const counts: number[] = []
  let [i, j] = [0, 0]
  while (i < a.values.length || j < b.values.length) {
    const left = a.values[i] ?? Number.POSITIVE_INFINITY
    const right = b.values[j] ?? Number.POSITIVE_INFINITY
    values.push(Math.min(left, right))
    counts.push(
      (left <= right ? (a.counts[i++] as number) : 0) + (right <= left ? (b.counts[j++] as number) : 0),
    )
  }
  return { values, counts }
}

/** What the numbers of a group that has any come to. `take`: `min`, `max`, `avg`, `sum`, or a percentile as `p75`. */
export function tell(numbers: Histogram, take: string): number {
  const { values, counts } = numbers
  switch (take) {
    case 'min':
      return values[0] as number
    case 'max':
      return values[values.length - 1] as number
    case 'avg':
      return plain(sumOf(numbers) / total(counts))
    case 'sum':
      return plain(sumOf(numbers))
    default:
      return nearestRank(numbers, Number(take.slice(1)))
  }
}

/**
 * The least number that at least so many percent of all are not above: the inverse of the distribution function,
 * definition 1 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996).
 */
function nearestRank({ values, counts }: Histogram, percent: number): number {
  const rank = Math.ceil((percent * total(counts)) / 100)
  let seen = 0
  const at = counts.findIndex((count) => {
    seen += count
    return seen >= rank
  })
  return values[at] as number
}

function sumOf({ values, counts }: Histogram): number {
  return values.reduce((sum, value, i) => sum + value * (counts[i] as number), 0)
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Twelve digits: what adding in binary leaves behind the last of them is nobody's number. */
function plain(number: number): number {
  return Number(number.toPrecision(12))
}
