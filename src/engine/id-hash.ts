/** The low half of the last hash: `hashId` gives the high half, and two numbers at once would cost an object each time. */
export let lowHalf = 0

/**
 * A 64-bit hash of a text, in two halves: the returned one and `lowHalf`. Two multiply-rotate lanes over
 * the UTF-16 units, each finished as MurmurHash3's `fmix32` (public domain, Appleby). It guards against
 * chance, not against an enemy: whoever may add events could at most hide his own.
 */
export function hashId(text: string): number {
  let a = 0x9e3779b9 ^ text.length
  let b = 0x85ebca6b
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0xcc9e2d51)
    a = (a << 15) | (a >>> 17)
    b = Math.imul(b ^ unit, 0x1b873593)
    b = ((b << 13) | (b >>> 19)) + a
  }
  lowHalf = finish(b ^ (a >>> 3))
  return finish(a + Math.imul(b, 5))
}

function finish(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
