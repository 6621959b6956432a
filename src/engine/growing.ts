import type { Scalar } from '../event.ts'

const FIRST_CAPACITY = 256
const SLOTS = 1024

/** Numbers that grow with their day; rows that were never put are 0. */
export class GrowingNumbers {
  #numbers: Uint32Array<ArrayBufferLike> = new Uint32Array(FIRST_CAPACITY)

  put(row: number, number: number): void {
    this.#reserve(row + 1)
    this.#numbers[row] = number
  }

  /** The numbers of the first `rows` rows and possibly more; a later `put` does not change those. */
  upTo(rows: number): Uint32Array {
    this.#reserve(rows)
    return this.#numbers
  }

  adopt(numbers: Uint32Array): void {
    this.#numbers = numbers
  }

  #reserve(rows: number): void {
    if (rows <= this.#numbers.length) return
    const bigger = new Uint32Array(Math.max(rows, this.#numbers.length * 2))
    bigger.set(this.#numbers)
    this.#numbers = bigger
  }
}

/** A column of values that grows with its day. Code 0 is the absence of a value. */
export class GrowingColumn {
  readonly values: Scalar[] = ['']
  /** Events that are not engagement, by code. */
  readonly counts: number[] = [0]
  readonly #codeOf: Map<Scalar, number> = new Map()
  #codes: Uint16Array | Uint32Array = new Uint16Array(FIRST_CAPACITY)
  /** Codes that were last met in each slot: a Map must hash all of a text that was just read, a slot looks at a few characters. */
  readonly #met: Uint32Array = new Uint32Array(SLOTS)

  put(row: number, value: Scalar, isCounted: boolean): void {
    const slot = slotOf(value)
    let code = this.#met[slot] as number
    if (code === 0 || this.values[code] !== value) {
      code = this.#codeOf.get(value) ?? this.#newCode(value)
      this.#met[slot] = code
    }
    if (isCounted) this.counts[code] = (this.counts[code] as number) + 1
    if (row >= this.#codes.length) this.#reserve(row + 1)
    this.#codes[row] = code
  }

  /** The codes of the first `rows` rows and possibly more; a later `put` does not change those. */
  upTo(rows: number): Uint16Array | Uint32Array {
    this.#reserve(rows)
    return this.#codes
  }

  /** Takes over a column that was read. `isCounted`: 1 for each row that is not engagement. */
  adopt(codes: Uint16Array | Uint32Array, values: readonly Scalar[], isCounted: Uint8Array): void {
    this.#codes = codes
    for (let code = 1; code < values.length; code++) {
      const value = values[code] as Scalar
      this.values[code] = value
      this.counts[code] = 0
      this.#codeOf.set(value, code)
    }
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] as number
      if (code > 0) this.counts[code] = (this.counts[code] as number) + (isCounted[row] as number)
    }
  }

  #newCode(value: Scalar): number {
    const code = this.values.length
    this.#codeOf.set(value, code)
    this.values.push(value)
    this.counts.push(0)
    if (code > 0xffff && this.#codes instanceof Uint16Array) this.#codes = new Uint32Array(this.#codes)
    return code
  }

  #reserve(rows: number): void {
    if (rows <= this.#codes.length) return
    const Kind = this.#codes instanceof Uint16Array ? Uint16Array : Uint32Array
    const bigger = new Kind(Math.max(rows, this.#codes.length * 2))
    bigger.set(this.#codes)
    this.#codes = bigger
  }
}

/** A slot by length and four characters. Texts of one slot only cost a look-up. */
function slotOf(value: Scalar): number {
  if (typeof value !== 'string') return Number(value) & (SLOTS - 1)
  const { length } = value
  const middle = length >> 1
  const first = value.charCodeAt(0) + value.charCodeAt(middle >> 1) * 5
  const rest = value.charCodeAt(middle) * 17 + value.charCodeAt(length - 1) * 67
  return (first + rest + length * 257) & (SLOTS - 1)
}
