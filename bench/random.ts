/** A number from 0 up to, not including, 1. */
export type Random = () => number

/** Chris Doty-Humphrey's sfc32: small, fast, and the same on every machine. `stream` tells sequences of a seed apart. */
export function createRandom(seed: number, stream = 0): Random {
  let a = seed | 0
  let b = stream | 0
  let c = 0x9e3779b9 | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round += 1) next()
  return () => next() / 0x1_0000_0000
}

/** Picks items as often as their weights say. */
export type Choice<T> = (random: Random) => T

export function choice<T>(weighted: readonly (readonly [item: T, weight: number])[]): Choice<T> {
  const items = weighted.map(([item]) => item)
  const ends = new Float64Array(weighted.length)
  let total = 0
  for (const [index, [, weight]] of weighted.entries()) {
    total += weight
    ends[index] = total
  }
  return (random) => items[firstAbove(ends, random() * total)] as T
}

/** Zipf's law: the n-th item is picked 1/n^exponent as often as the first. */
export function zipf<T>(items: readonly T[], exponent = 1): Choice<T> {
  return choice(items.map((item, index) => [item, 1 / (index + 1) ** exponent] as const))
}

export function even<T>(items: readonly T[]): Choice<T> {
  return (random) => items[Math.floor(random() * items.length)] as T
}

function firstAbove(ends: Float64Array, value: number): number {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}
