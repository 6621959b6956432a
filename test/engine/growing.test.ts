import { expect, test } from 'vitest'
import { GrowingTexts } from '../../src/engine/growing.ts'

test('texts come back as they were put, whatever is in them', () => {
  const some = [
    '',
    'a',
    '\ufeffbegins with a mark',
    'Grüße',
    '日本語',
    '👩‍🚀',
    '\u0000',
    'x'.repeat(64),
    '\ufffd',
  ]
  const texts = Array.from({ length: 20_000 }, (_, i) => `${some[i % some.length]}${i % 7 ? i : ''}`)
  const kept = new GrowingTexts()
  for (const text of texts) kept.push(text)
  expect(texts.map((_, row) => kept.at(row))).toEqual(texts)
})
