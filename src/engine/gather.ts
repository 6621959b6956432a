import type { Codes } from './bytes.ts'
import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'

/** The codes of rows, in their order. */
export function gather(source: Codes, rows: Codes): Uint16Array | Uint32Array {
  const result = emptyLike(source, rows.length)
  gatherSlice(source, rows, result, 0, rows.length)
  return result
}

/** The same, where rows may be many. */
export async function gatherSlowly(
  source: Codes,
  rows: Codes,
  breathe: Breathe,
): Promise<Uint16Array | Uint32Array> {
  const result = emptyLike(source, rows.length)
  await inSlices(rows.length, breathe, (from, to) => gatherSlice(source, rows, result, from, to))
  return result
}

function emptyLike(source: Codes, length: number): Uint16Array | Uint32Array {
  return source instanceof Uint32Array ? new Uint32Array(length) : new Uint16Array(length)
}

function gatherSlice(source: Codes, rows: Codes, result: Codes, from: number, to: number): void {
  for (let i = from; i < to; i++) result[i] = source[rows[i] as number] as number
}
