import { expect, test } from 'vitest'
import { makeId } from '../src/key.ts'

test('an id begins with a letter, whatever chance gives: it may be an argument on a command line', () => {
  for (let first = 0; first < 256; first++) {
    const id = makeId((bytes) => new Uint8Array(bytes).fill(255).with(0, first))
    expect(id).toMatch(/^[A-Za-f][\w-]{11}$/)
  }
})
