import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'

export type Compare = (a: number, b: number) => number

/** Numbers that are sorted, or merged, in one go. */
const RUN = 4096

/** Sorts numbers in place, equals as they stood. However many there are, others go on in between. */
export async function sortSlowly(numbers: Uint32Array, compare: Compare, breathe: Breathe): Promise<void> {
  const { length } = numbers
  await inSlices(length, breathe, (from, to) => numbers.subarray(from, to).sort(compare), RUN)
  let source = numbers
  let target = new Uint32Array(length > RUN ? length : 0)
  for (let width = RUN; width < length; width *= 2) {
    for (let from = 0; from < length; from += 2 * width)
      await merge(source, target, [from, from + width, from + 2 * width], compare, breathe)
    const merged = target
    target = source as Uint32Array<ArrayBuffer>
    source = merged
  }
  if (source !== numbers) numbers.set(source)
}

/** Merges two sorted stretches that lie side by side. */
async function merge(
  source: Uint32Array,
  target: Uint32Array,
  [from, middle, end]: readonly [from: number, middle: number, end: number],
  compare: Compare,
  breathe: Breathe,
): Promise<void> {
  const to = Math.min(end, source.length)
  let left = from
  let right = Math.min(middle, to)
  const leftEnd = right
  await inSlices(
    to - from,
    breathe,
    (first, last) => {
      for (let at = from + first; at < from + last; at++) {
        const isLeft =
          right >= to || (left < leftEnd && compare(source[left] as number, source[right] as number) <= 0)
        target[at] = source[isLeft ? left++ : right++] as number
      }
    },
    RUN,
  )
}
