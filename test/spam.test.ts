import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSpammers } from '../src/spam.ts'

const isSpammer = readSpammers(readFileSync(new URL('../assets/spam.txt', import.meta.url), 'utf8'))

test.each([
  ['semalt.com'],
  ['www.semalt.com'],
  ['67.semalt.com'],
  ['a.b.c.Semalt.COM'],
  ['semalt.com.'],
  ['buttons-for-website.com'],
  ['static.seders.website'],
  ['xn--oogle-wmc.com'],
])('%s is a spammer', (host) => {
  expect(isSpammer(host)).toBe(true)
})

test.each([
  ['notsemalt.com'],
  ['semalt.com.example'],
  ['com'],
  [''],
  ['.'],
  ['google.com'],
  ['10.0.0.1'],
  ['constructor'],
  ['__proto__'],
  [`${'a.'.repeat(200)}semalt.com`],
])('%s is none', (host) => {
  expect(isSpammer(host)).toBe(false)
})

test('an empty list knows no spammer', () => {
  for (const host of ['', 'semalt.com']) expect(readSpammers('')(host)).toBe(false)
})
