/** Numbers pairs of 32-bit words in the order in which they are first met: ids and visitors by their 64 bits. */
export interface PairTable {
  /** The number of a pair, which is `size` before if it is new. */
  put(high: number, low: number): number
  has(high: number, low: number): boolean
  readonly size: number
  /** By number; longer than `size`. */
  readonly highs: Uint32Array
  readonly lows: Uint32Array
}

const FIRST_CAPACITY = 256

/** An open-addressing table over typed arrays: 16 to 24 bytes a pair, where a Map of texts needs about 100. */
export function createPairTable(): PairTable {
  let highs = new Uint32Array(FIRST_CAPACITY)
  let lows = new Uint32Array(FIRST_CAPACITY)
  /** The number of the pair in each place, 1 more than it is; 0: empty. There are twice as many places as pairs. */
  let places = new Uint32Array(2 * FIRST_CAPACITY)
  let size = 0

  /** Where a pair is, or the empty place where it would be. */
  function placeOf(high: number, low: number): number {
    const mask = places.length - 1
    let place = (low ^ (high >>> 7)) & mask
    for (;;) {
      const number = places[place] as number
      if (number === 0 || (lows[number - 1] === low && highs[number - 1] === high)) return place
      place = (place + 1) & mask
    }
  }

  function grow(): void {
    highs = doubled(highs)
    lows = doubled(lows)
    places = new Uint32Array(2 * places.length)
    for (let number = 0; number < size; number++)
      places[placeOf(highs[number] as number, lows[number] as number)] = number + 1
  }

  return {
    put(high, low): number {
      const place = placeOf(high, low)
      const number = places[place] as number
      if (number > 0) return number - 1
      highs[size] = high
      lows[size] = low
      places[place] = ++size
      if (size === highs.length) grow()
      return size - 1
    },
    has: (high, low) => places[placeOf(high, low)] !== 0,
    get size(): number {
      return size
    },
    get highs(): Uint32Array {
      return highs
    },
    get lows(): Uint32Array {
      return lows
    },
  }
}

function doubled(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(2 * numbers.length)
  bigger.set(numbers)
  return bigger
}
