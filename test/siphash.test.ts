import { expect, test } from 'vitest'
import { type SipKey, sipHash } from '../src/siphash.ts'

/** The paper's key: bytes 00 to 0f. */
const key: SipKey = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c]

/** Of the reference implementation's vectors, for the bytes 00 01 02 … of each length. */
const vectors: readonly (readonly [length: number, hash: string])[] = [
  [0, '726fdb47dd0e0e31'],
  [1, '74f839c593dc67fd'],
  [2, '0d6c8009d9a94f5a'],
  [3, '85676696d7fb7e2d'],
  [7, 'ab0200f58b01d137'],
  [8, '93f5f5799a932462'],
  [15, 'a129ca6149be45e5'],
  [63, '958a324ceb064572'],
]

for (const [length, hash] of vectors) {
  test(`hashes ${length} bytes as the reference does`, () => {
    const text = String.fromCharCode(...Array.from({ length }, (_, i) => i))
    expect(sipHash(key, text)).toBe(hash)
  })
}

test('another key gives another hash', () => {
  expect(sipHash([1, 2, 3, 4], 'a')).not.toBe(sipHash([1, 2, 3, 5], 'a'))
})
