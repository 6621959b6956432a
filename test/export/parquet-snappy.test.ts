import fc from 'fast-check'
import { snappyUncompress } from 'hyparquet'
import { expect, test } from 'vitest'
import { snappy } from '../../src/export/parquet-snappy.ts'

/** Uncompresses what `snappy` makes of these bytes, and tells how much that was. */
function comesBack(bytes: Uint8Array): number {
  const compressed = snappy(bytes)
  const back = new Uint8Array(bytes.length)
  if (bytes.length > 0) snappyUncompress(compressed, back)
  expect(back.every((byte, i) => byte === bytes[i])).toBe(true)
  return compressed.length
}

/** Bytes in which hardly four come twice. */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 24
  })
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

test('no bytes are their length', () => {
  expect(snappy(new Uint8Array())).toEqual(new Uint8Array(1))
})

test('literals of every length come back', () => {
  for (const length of [1, 3, 4, 5, 59, 60, 61, 62, 255, 256, 257, 65_535, 65_536, 65_537, 200_000]) {
    expect(comesBack(noise(length))).toBeLessThan(length + 12 + length / 1000)
  }
})

test('copies of every length come back, from near and far', () => {
  for (const distance of [1, 2, 3, 4, 5, 2047, 2048, 2049, 65_534, 65_535, 65_536, 65_537]) {
    for (const length of [3, 4, 11, 12, 60, 63, 64, 65, 66, 67, 68, 128, 131]) {
      const bytes = joined(noise(distance), new Uint8Array(length))
      for (let i = distance; i < bytes.length; i++) bytes[i] = bytes[i - distance] ?? 0
      comesBack(joined(bytes, Uint8Array.of(1, 2, 3)))
    }
  }
})

test('what repeats takes little room', () => {
  expect(comesBack(new Uint8Array(100_000))).toBeLessThan(5000)
  const text = new TextEncoder().encode('Every page of this site is read again. '.repeat(1000))
  expect(comesBack(text)).toBeLessThan(text.length / 15)
})

test('a part of a buffer is read from its start to its end', () => {
  const bytes = noise(1000)
  const part = joined(bytes, bytes).subarray(100, 1500)
  expect(comesBack(part)).toBeLessThan(1100)
})

test('all bytes come back', () => {
  const bytes = fc.array(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(noise(20), noise(300))))
  fc.assert(
    fc.property(bytes, (parts) => {
      comesBack(joined(...parts))
    }),
  )
})
