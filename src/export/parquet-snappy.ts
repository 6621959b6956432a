import { Bytes } from './parquet-bytes.ts'

/** Of four bytes with the same hash, in this many bits, only the last ones are found again. */
const HASH_BITS = 14
const FARTHEST = 0xffff

/**
 * Compresses with Snappy: four bytes that were there within the last 64 KiB, and those after them, become a copy.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappy(input: Uint8Array): Uint8Array {
  const out = new Bytes()
  const view = new DataView(input.buffer, input.byteOffset, input.length)
  const bits = Math.min(32 - Math.clz32(input.length), HASH_BITS)
  /** Where four bytes of a hash were seen last, one more than the index. */
  const seen = new Uint32Array(1 << bits)
  let literal = 0
  let at = 0
  out.varint(input.length)
  while (at + 4 <= input.length) {
    const word = view.getUint32(at, true)
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - bits)
    const back = at + 1 - (seen[slot] ?? 0)
    seen[slot] = at + 1
    if (back > Math.min(at, FARTHEST) || view.getUint32(at - back, true) !== word) {
      // What does not compress is gone through faster and faster.
      at += 1 + ((at - literal) >> 5)
      continue
    }
    writeLiteral(out, input.subarray(literal, at))
    literal = at + 4
    while (literal < input.length && input[literal] === input[literal - back]) literal++
    writeCopy(out, back, literal - at)
    at = literal
  }
  writeLiteral(out, input.subarray(literal))
  return out.written
}

/** Bytes as they are (tag 00): up to 60 with their length in the tag, more with two bytes for it. */
function writeLiteral(out: Bytes, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 65_536) {
    const part = bytes.subarray(at, at + 65_536)
    const length = part.length - 1
    if (length < 60) out.byte(length * 4)
    else {
      out.byte(61 * 4)
      out.int(length, 2)
    }
    out.bytes(part)
  }
}

/** `length` bytes from `back` before: 4 to 11 from nearby in two bytes (tag 01), else up to 64 in three (tag 10). */
function writeCopy(out: Bytes, back: number, length: number): void {
  for (let rest = length; rest > 0; rest -= 64) {
    const part = Math.min(rest, 64)
    if (part > 3 && part < 12 && back < 2048) {
      out.byte(1 + (part - 4) * 4 + (back >> 8) * 32)
      out.byte(back)
    } else {
      out.byte(2 + (part - 1) * 4)
      out.int(back, 2)
    }
  }
}
