import type { Scalar } from '../event.ts'
import type { Column } from './columns.ts'
import type { Bytes } from './parquet-bytes.ts'

/** How values and levels are written, `Encoding` in parquet.thrift. */
export const encodings = { plain: 0, rle: 3, rleDictionary: 8 } as const

const encoder = new TextEncoder()

/**
 * PLAIN: values one after another. Times are INT64, numbers DOUBLE, booleans bits, texts UTF-8 with their length.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md#PLAIN
 */
export function writePlain(out: Bytes, kind: Column['kind'], values: readonly Scalar[]): void {
  if (kind === 'boolean') writeBits(out, values.map(Number), 1)
  else if (kind === 'time' || kind === 'number') {
    const view = out.room(values.length * 8)
    for (const [i, value] of values.entries()) {
      if (kind === 'time') view.setBigInt64(i * 8, BigInt(value), true)
      else view.setFloat64(i * 8, Number(value), true)
    }
  } else {
    for (const value of values) {
      const bytes = encoder.encode(String(value))
      out.int(bytes.length, 4)
      out.bytes(bytes)
    }
  }
}

/** The bits that every whole number below `count` has room in. */
export function widthOf(count: number): number {
  return 32 - Math.clz32(count - 1)
}

/**
 * RLE: eight or more times the same number is a run, what is in between is packed in bits, eight by eight.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE
 */
export function writeRuns(out: Bytes, numbers: readonly number[], width: number): void {
  let from = 0
  let at = 0
  while (at < numbers.length) {
    const end = endOfRun(numbers, at)
    if (end - at < 8) {
      at += 8
      continue
    }
    writePacked(out, numbers.slice(from, at), width)
    out.varint((end - at) * 2)
    for (let bit = 0; bit < width; bit += 8) out.byte((numbers[at] ?? 0) >> bit)
    from = end
    at = end
  }
  writePacked(out, numbers.slice(from), width)
}

function endOfRun(numbers: readonly number[], at: number): number {
  let end = at + 1
  while (end < numbers.length && numbers[end] === numbers[at]) end++
  return end
}

function writePacked(out: Bytes, numbers: readonly number[], width: number): void {
  const groups = Math.ceil(numbers.length / 8)
  if (groups === 0) return
  out.varint(groups * 2 + 1)
  const end = out.length + groups * width
  writeBits(out, numbers, width)
  while (out.length < end) out.byte(0)
}

/** Numbers of up to 24 bits, from the lowest bit of a byte to the highest. */
function writeBits(out: Bytes, numbers: readonly number[], width: number): void {
  let bits = 0
  let count = 0
  for (const number of numbers) {
    bits |= number << count
    count += width
    for (; count > 7; count -= 8) {
      out.byte(bits)
      bits >>>= 8
    }
  }
  if (count > 0) out.byte(bits)
}
