/** 64-bit hashes of ids, as two halves. */
export interface IdSet {
  /** Whether it was not there yet. */
  put(high: number, low: number): boolean
  has(high: number, low: number): boolean
  readonly size: number
  /** Numbers of its tables, each of which is a part of the whole that is looked at in one go. */
  readonly tables: number
  each(table: number, look: (high: number, low: number) => void): void
}

/** Many small tables, so that none takes long to grow. */
const TABLES = 256
const FIRST_PLACES = 8

/** A table is filled so far, and then grows by so much: about 12 bytes an id. */
const FULL = 0.75
const GROWTH = 1.3

interface Table {
  /** High and low half in turn; both 0: empty. */
  pairs: Uint32Array
  size: number
}

/** A set over typed arrays with open addressing. */
export function createIdSet(): IdSet {
  const tables = Array.from({ length: TABLES }, (): Table => ({ pairs: new Uint32Array(0), size: 0 }))
  let size = 0

  function tableOf(high: number): Table {
    return tables[high >>> 24] as Table
  }

  return {
    put(high, low): boolean {
      const table = tableOf(high)
      if (table.size + 1 > (FULL * table.pairs.length) / 2) grow(table)
      if (!putInto(table.pairs, high, low || 1)) return false
      table.size++
      size++
      return true
    },
    has(high, low): boolean {
      const { pairs } = tableOf(high)
      return pairs.length > 0 && pairs[placeOf(pairs, high, low || 1) + 1] !== 0
    },
    get size(): number {
      return size
    },
    tables: TABLES,
    each(table, look): void {
      const { pairs } = tables[table] as Table
      for (let at = 0; at < pairs.length; at += 2)
        if (pairs[at + 1] !== 0) look(pairs[at] as number, pairs[at + 1] as number)
    },
  }
}

/** Where a pair is, or the empty place where it would be. */
function placeOf(pairs: Uint32Array, high: number, low: number): number {
  const places = pairs.length / 2
  let place = Math.floor((low / 0x1_0000_0000) * places)
  for (;;) {
    const at = 2 * place
    if (pairs[at + 1] === 0 || (pairs[at + 1] === low && pairs[at] === high)) return at
    place = place + 1 === places ? 0 : place + 1
  }
}

function putInto(pairs: Uint32Array, high: number, low: number): boolean {
  const at = placeOf(pairs, high, low)
  if (pairs[at + 1] !== 0) return false
  pairs[at] = high
  pairs[at + 1] = low
  return true
}

function grow(table: Table): void {
  const before = table.pairs
  table.pairs = new Uint32Array(2 * Math.max(FIRST_PLACES, Math.ceil((before.length / 2) * GROWTH)))
  for (let at = 0; at < before.length; at += 2)
    if (before[at + 1] !== 0) putInto(table.pairs, before[at] as number, before[at + 1] as number)
}
