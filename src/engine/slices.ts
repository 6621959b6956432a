import type { Breathe } from './scan.ts'

/** Rows that are looked at before others may go on: a few milliseconds, also where each is somewhere else in memory. */
const SLICE = 100_000

/** Does work on numbers from 0 up to `length`, a slice at a time: others go on in between. */
export async function inSlices(
  length: number,
  breathe: Breathe,
  work: (from: number, to: number) => void,
  size: number = SLICE,
): Promise<void> {
  for (let from = 0; from < length; from += size) {
    if (from > 0) await breathe()
    work(from, Math.min(length, from + size))
  }
}
