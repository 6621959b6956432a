import type { Codes } from './bytes.ts'

/** The codes of rows, in their order. */
export function gather(source: Codes, rows: Uint32Array): Uint16Array | Uint32Array {
  const result = source instanceof Uint32Array ? new Uint32Array(rows.length) : new Uint16Array(rows.length)
  for (let i = 0; i < rows.length; i++) result[i] = source[rows[i] as number] as number
  return result
}
