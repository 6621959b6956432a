/** Ids that are known, as 64-bit hashes: what makes an event that comes again count once. */
export interface IdTable {
  /** True if the id was not known; it is from now on. */
  add(high: number, low: number): boolean
  has(high: number, low: number): boolean
  readonly size: number
}

const FIRST_CAPACITY = 1024

/** An open-addressing table of two typed arrays: 16 bytes an id at most, where a Set of texts needs about 100. */
export function createIdTable(): IdTable {
  let capacity = FIRST_CAPACITY
  let highs = new Uint32Array(capacity)
  let lows = new Uint32Array(capacity)
  let size = 0
  /** A pair of zeros marks an empty place, so that id is remembered apart. */
  let hasZero = false

  /** Where the id is, or the empty place where it would be. */
  function find(high: number, low: number): number {
    const mask = capacity - 1
    let at = (low ^ (high >>> 7)) & mask
    while ((highs[at] !== 0 || lows[at] !== 0) && (highs[at] !== high || lows[at] !== low))
      at = (at + 1) & mask
    return at
  }

  function grow(): void {
    const [oldHighs, oldLows] = [highs, lows]
    capacity *= 2
    highs = new Uint32Array(capacity)
    lows = new Uint32Array(capacity)
    for (let i = 0; i < oldHighs.length; i++) {
      const [high, low] = [oldHighs[i] as number, oldLows[i] as number]
      if (high === 0 && low === 0) continue
      const at = find(high, low)
      highs[at] = high
      lows[at] = low
    }
  }

  return {
    add(high, low): boolean {
      if (high === 0 && low === 0) {
        const isNew = !hasZero
        hasZero = true
        return isNew
      }
      const at = find(high, low)
      if (highs[at] === high && lows[at] === low) return false
      highs[at] = high
      lows[at] = low
      size++
      if (size * 4 > capacity * 3) grow()
      return true
    },
    has(high, low): boolean {
      if (high === 0 && low === 0) return hasZero
      const at = find(high, low)
      return highs[at] === high && lows[at] === low
    },
    get size(): number {
      return size + (hasZero ? 1 : 0)
    },
  }
}

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
