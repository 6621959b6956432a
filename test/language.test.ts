import { expect, test } from 'vitest'
import { languageOf, preferredLanguage } from '../src/language.ts'

test.each([
  ['de', 'de'],
  ['de-de', 'de-DE'],
  ['DE_de', 'de-DE'],
  ['zh-hant-tw', 'zh-Hant-TW'],
  ['es-419', 'es-419'],
  ['de-DE-1996', 'de-DE'],
  ['en-US-u-ca-gregory', 'en-US'],
  ['english', 'english'],
  ['', ''],
  ['<b>', '<b>'],
])('%s is %s', (text, language) => {
  expect(languageOf(text)).toBe(language)
})

test.each([
  ['de-DE,de;q=0.9,en;q=0.8', 'de-DE'],
  ['fr', 'fr'],
  ['*', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is liked best: %s', (accepted, language) => {
  expect(preferredLanguage(accepted)).toBe(language)
})
