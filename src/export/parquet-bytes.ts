/** Bytes written one after another. Numbers of several bytes are little-endian, as everywhere in Parquet. */
export class Bytes {
  length = 0
  #bytes = new Uint8Array(256)

  /** What has been written; a view, good until more is. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    this.#grow(1)
    this.#bytes[this.length - 1] = value
  }

  bytes(values: Uint8Array): void {
    this.#grow(values.length)
    this.#bytes.set(values, this.length - values.length)
  }

  /** Room for `size` more bytes, which the caller fills before anything else is written. */
  room(size: number): DataView {
    this.#grow(size)
    return new DataView(this.#bytes.buffer, this.length - size, size)
  }

  /** A whole number of `size` bytes. */
  int(value: number, size: 2 | 4): void {
    for (let bit = 0; bit < size * 8; bit += 8) this.byte(value >> bit)
  }

  /** ULEB128 of a whole number up to 2^53, so that files may be larger than 2 GiB. */
  varint(value: number): void {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128)
    this.byte(rest)
  }

  #grow(size: number): void {
    this.length += size
    if (this.length <= this.#bytes.length) return
    const bytes = new Uint8Array(this.length * 2)
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }
}
