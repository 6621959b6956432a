import { expect, test } from 'vitest'
import { halfSipHash } from '../src/half-siphash.ts'

/** HalfSipHash-2-4, 32 bits, of the bytes 00, 01, … n-1 under the key 00 … 07: vectors of its authors (CC0). */
const vectors: readonly (readonly [length: number, hash: number])[] = [
  [0, 0x5b9f35a9],
  [1, 0xb85a4727],
  [2, 0x03a662fa],
  [3, 0x04e7fe8a],
  [4, 0x89466e2a],
  [5, 0x69b6fac5],
  [8, 0x8f84b8d0],
  [15, 0x972bfe74],
  [32, 0x1221e7fe],
  [63, 0x744aea59],
]

test.each(vectors)('%i bytes hash as their authors say', (length, hash) => {
  const text = String.fromCharCode(...Array.from({ length }, (_, i) => i))
  expect(halfSipHash([0x03020100, 0x07060504], text)).toBe(hash)
})

test('another key hashes otherwise', () => {
  expect(halfSipHash([1, 2], '192.0.2.1')).not.toBe(halfSipHash([1, 3], '192.0.2.1'))
})
