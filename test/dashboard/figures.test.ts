import { expect, test } from 'vitest'
import { figuresOf } from '../../src/dashboard/figures.ts'

test('formats are made once for a language, and not kept for each that a browser may name', () => {
  const german = figuresOf('de')
  expect(figuresOf('de')).toBe(german)
  for (let i = 0; i < 40; i++) figuresOf(`de-${String.fromCharCode(65 + (i >> 4), 65 + (i & 15))}`)
  expect(figuresOf('de')).not.toBe(german)
  expect(figuresOf('de').whole(1234)).toBe('1.234')
})
