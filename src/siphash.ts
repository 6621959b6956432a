/** A secret of 128 bits, as four words of 32, the lowest first. */
export type SipKey = readonly [number, number, number, number]

const encoder: TextEncoder = new TextEncoder()

/**
 * SipHash-2-4 of a text's UTF-8 bytes, as 16 hex digits: without the key nobody can tell what was hashed,
 * nor make two texts meet (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). Synchronous,
 * where `crypto.subtle` costs a trip to another thread. Words of 64 bits are two variables each, a low and a
 * high half: in arrays they would take ten times as long.
 */
export function sipHash([k0, k1, k2, k3]: SipKey, text: string): string {
  const bytes = padded(text)
  const end = bytes.length - 8
  let [al, ah, bl, bh] = [k0 ^ 0x70736575, k1 ^ 0x736f6d65, k2 ^ 0x6e646f6d, k3 ^ 0x646f7261]
  let [cl, ch, dl, dh] = [k0 ^ 0x6e657261, k1 ^ 0x6c796765, k2 ^ 0x79746573, k3 ^ 0x74656462]
  let sum = 0
  let low = 0
  for (let i = 0; i <= end; i += 8) {
    const wordLow = wordAt(bytes, i)
    const wordHigh = wordAt(bytes, i + 4)
    if (i === end) cl ^= 0xff
    dl ^= wordLow
    dh ^= wordHigh
    for (let rounds = i === end ? 4 : 2; rounds > 0; rounds--) {
      sum = (al >>> 0) + (bl >>> 0)
      ah = (ah + bh + carry(sum)) | 0
      al = sum | 0
      low = ((bl << 13) | (bh >>> 19)) ^ al
      bh = ((bh << 13) | (bl >>> 19)) ^ ah
      bl = low
      low = al
      al = ah
      ah = low
      sum = (cl >>> 0) + (dl >>> 0)
      ch = (ch + dh + carry(sum)) | 0
      cl = sum | 0
      low = ((dl << 16) | (dh >>> 16)) ^ cl
      dh = ((dh << 16) | (dl >>> 16)) ^ ch
      dl = low
      sum = (al >>> 0) + (dl >>> 0)
      ah = (ah + dh + carry(sum)) | 0
      al = sum | 0
      low = ((dl << 21) | (dh >>> 11)) ^ al
      dh = ((dh << 21) | (dl >>> 11)) ^ ah
      dl = low
      sum = (cl >>> 0) + (bl >>> 0)
      ch = (ch + bh + carry(sum)) | 0
      cl = sum | 0
      low = ((bl << 17) | (bh >>> 15)) ^ cl
      bh = ((bh << 17) | (bl >>> 15)) ^ ch
      bl = low
      low = cl
      cl = ch
      ch = low
    }
    al ^= wordLow
    ah ^= wordHigh
  }
  return hex(ah ^ bh ^ ch ^ dh) + hex(al ^ bl ^ cl ^ dl)
}

/** Room for most texts: hashing is synchronous, so that one serves all. */
const room: Uint8Array = new Uint8Array(4096)

/** A text's bytes in words of 64 bits, the last of which ends with their number; then a word of zeros, which is the end. */
function padded(text: string): Uint8Array {
  const needed = text.length * 3 + 24
  const bytes = needed <= room.length ? room : new Uint8Array(needed)
  const { written } = encoder.encodeInto(text, bytes)
  const size = ((written >>> 3) + 2) * 8
  bytes.fill(0, written, size)
  bytes[size - 9] = written
  return bytes.subarray(0, size)
}

function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
  return low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
}

/** 1 where the sum of two words is beyond 32 bits. */
function carry(sum: number): number {
  return (sum / 0x1_0000_0000) | 0
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
