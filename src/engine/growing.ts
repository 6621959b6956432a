import type { Scalar } from '../event.ts'

const FIRST_CAPACITY = 256
const SLOTS = 1024

/** Up to so many rows arrays grow to double the size, larger ones by a quarter: of a large day little stays unused. */
const LARGE = 65_536

/** Room for so many, where there was room for `before`. */
function roomFor(wanted: number, before: number): number {
  return Math.max(wanted, before < LARGE ? 2 * before : before + (before >> 2))
}

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
    const bigger = new Uint32Array(roomFor(rows, this.#numbers.length))
    bigger.set(this.#numbers)
    this.#numbers = bigger
  }
}

const encoder: TextEncoder = new TextEncoder()
const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** Short texts that grow with their day: bytes of UTF-8, since texts by themselves take twice the room, and the collector's time. */
export class GrowingTexts {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(16 * FIRST_CAPACITY)
  /** Where the text of each row ends. */
  readonly #ends: GrowingNumbers = new GrowingNumbers()
  #rows = 0
  #end = 0

  /** Puts the text of the next row. */
  push(text: string): void {
    const room = this.#end + 3 * text.length
    if (room > this.#bytes.length) this.#grow(room)
    this.#end += putAscii(this.#bytes, this.#end, text) ?? this.#putUtf8(text)
    this.#ends.put(this.#rows++, this.#end)
  }

  /** The text of a row. */
  at(row: number): string {
    const ends = this.#ends.upTo(this.#rows)
    const from = row === 0 ? 0 : (ends[row - 1] as number)
    return decoder.decode(this.#bytes.subarray(from, ends[row]))
  }

  #putUtf8(text: string): number {
    return encoder.encodeInto(text, this.#bytes.subarray(this.#end)).written
  }

  #grow(room: number): void {
    const bigger = new Uint8Array(roomFor(room, this.#bytes.length))
    bigger.set(this.#bytes)
    this.#bytes = bigger
  }
}

/** Its bytes put into an array, and how many; undefined: it is not all ASCII. */
function putAscii(bytes: Uint8Array, at: number, text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return undefined
    bytes[at + i] = unit
  }
  return text.length
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
    const bigger = new Kind(roomFor(rows, this.#codes.length))
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
