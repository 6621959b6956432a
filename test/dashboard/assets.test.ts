import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { buildTexts } from '../../scripts/texts.ts'
import { buildWorld } from '../../scripts/world.ts'
import { languageNames, wordsOf } from '../../src/dashboard/words.ts'
import { asset } from '../support/assets.ts'

test('the texts in assets/ are those of the source, and no language is without', async () => {
  const built = buildTexts()
  for (const [name, text] of built) expect([name, await asset(name)]).toEqual([name, text])
  expect([...built.keys()].sort()).toEqual([...languageNames.keys()].map((key) => `${key}.json`).sort())
})

test('a language that could not be read is read again', async () => {
  await expect(wordsOf('de', () => Promise.reject(new Error('not there')))).rejects.toThrow('not there')
  const words = await wordsOf('de', asset)
  expect([words('visitors'), words('current', { n: '3' })]).toEqual(['Besucher', '3 Besucher gerade hier'])
})

test('the map in assets/ is the one that is built, small, and has every country once', async () => {
  const world = await asset('world.svg')
  expect(world).toBe(await buildWorld())
  expect(gzipSync(world).length).toBeLessThan(15_000)
  const codes = [...world.matchAll(/<(?:path|circle) id="([^"]+)"/g)].map(([, code]) => code)
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes).toEqual(expect.arrayContaining(['DE', 'US', 'SG', 'MT', 'XK', 'TW', 'FR', 'NO', 'LI']))
  expect(codes.filter((code) => /^[A-Z]{2}$/.test(code ?? '')).length).toBeGreaterThan(220)
  expect(world).not.toMatch(/NaN|undefined/)
})
