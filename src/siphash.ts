/** A secret of 128 bits, as four words of 32, the lowest first. */
export type SipKey = readonly [number, number, number, number]

const encoder: TextEncoder = new TextEncoder()

/**
 * SipHash-2-4 of a text's UTF-8 bytes, as 16 hex digits: without the key nobody can tell what was hashed,
 * nor make two texts meet (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). Synchronous,
 * where `crypto.subtle` costs a trip to another thread.
 */
export function sipHash(key: SipKey, text: string): string {
  const bytes = encoder.encode(text)
  const state = new State(key)
  const whole = bytes.length & ~7
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0; i < whole; i += 8) state.absorb(words.getUint32(i, true), words.getUint32(i + 4, true))
  state.absorb(tail(bytes, whole), (tail(bytes, whole + 4) | (bytes.length << 24)) >>> 0)
  return state.finish()
}

/** Up to four bytes from a place, the lowest first. */
function tail(bytes: Uint8Array, from: number): number {
  let word = 0
  for (let i = Math.min(bytes.length, from + 4) - 1; i >= from; i--) word = (word << 8) | (bytes[i] as number)
  return word >>> 0
}

/** Four words of 64 bits, each as a low and a high half. */
class State {
  #v: Uint32Array = new Uint32Array(8)

  constructor([k0, k1, k2, k3]: SipKey) {
    this.#v.set([
      k0 ^ 0x70736575,
      k1 ^ 0x736f6d65,
      k2 ^ 0x6e646f6d,
      k3 ^ 0x646f7261,
      k0 ^ 0x6e657261,
      k1 ^ 0x6c796765,
      k2 ^ 0x79746573,
      k3 ^ 0x74656462,
    ])
  }

  absorb(low: number, high: number): void {
    const v = this.#v
    v[6] = (v[6] as number) ^ low
    v[7] = (v[7] as number) ^ high
    this.#round()
    this.#round()
    v[0] = (v[0] as number) ^ low
    v[1] = (v[1] as number) ^ high
  }

  finish(): string {
    const v = this.#v
    v[4] = (v[4] as number) ^ 0xff
    for (let i = 0; i < 4; i++) this.#round()
    const half = (i: 0 | 1): string =>
      (((v[i] as number) ^ (v[i + 2] as number) ^ (v[i + 4] as number) ^ (v[i + 6] as number)) >>> 0)
        .toString(16)
        .padStart(8, '0')
    return half(1) + half(0)
  }

  #round(): void {
    this.#mix(0, 2, 13)
    this.#swap(0)
    this.#mix(4, 6, 16)
    this.#mix(0, 6, 21)
    this.#mix(4, 2, 17)
    this.#swap(4)
  }

  /** a += b; b = (b rotated left by `bits`) ^ a. */
  #mix(a: number, b: number, bits: number): void {
    const v = this.#v
    const [bl, bh] = [v[b] as number, v[b + 1] as number]
    const low = (v[a] as number) + bl
    v[a] = low
    v[a + 1] = (v[a + 1] as number) + bh + (low > 0xffffffff ? 1 : 0)
    v[b] = ((bl << bits) | (bh >>> (32 - bits))) ^ (v[a] as number)
    v[b + 1] = ((bh << bits) | (bl >>> (32 - bits))) ^ (v[a + 1] as number)
  }

  /** A rotation by 32 bits. */
  #swap(a: number): void {
    const v = this.#v
    const low = v[a] as number
    v[a] = v[a + 1] as number
    v[a + 1] = low
  }
}
