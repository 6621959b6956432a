import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildLists, parseRows } from '../scripts/lists.ts'
import { readSources } from '../src/sources.ts'
import { readSpammers } from '../src/spam.ts'

const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const own = { sources: text('lists/sources.txt'), spam: text('lists/spam.txt') }

test('what is committed is what the lists give', () => {
  for (const [name, built] of Object.entries(buildLists(own))) expect(text(`assets/${name}`)).toBe(built)
})

test('every key of ours stands for one source', () => {
  const keys = parseRows(own.sources).flatMap((row) => row.keys.filter((key) => key !== '-'))
  const plain = keys.map((key) => key.replace(/^[=+]/, ''))
  expect(plain.filter((key, i) => plain.indexOf(key) !== i)).toEqual([])
  expect(keys.length).toBeGreaterThan(800)
})

test('a line that cannot be read is named', () => {
  const build = (sources: string) => () => buildLists({ sources, spam: '' })
  expect(build('[search]\nFind: find.example/path')).toThrow('find.example/path')
  expect(build('[search]\nFind find.example')).toThrow('Find find.example')
  expect(build('[weather]\nSun: sun.example')).toThrow('in [weather]')
  expect(build('Sun: sun.example')).toThrow('Sun: sun.example')
})

const others = new Map([
  [
    'SearchEngines.yml',
    [
      '# a comment',
      'Finder:',
      '  -',
      '    urls:',
      '      - www.finder.example',
      "      - 'finder.{}'",
      "      - '{}.finder.example'",
      '    params:',
      '      - q.param',
      "      - '/find\\/([^\\/]+)/'",
      "    backlink: 'search?q={k}'",
      '    charsets:',
      '      - iso-8859.2',
      'Known:',
      '  -',
      '    urls:',
      '      - ours.example',
      '    hiddenkeyword:',
      "      - '/^$/'",
    ].join('\n'),
  ],
  ['Socials.yml', '"Chat: the place":\n  - chat.example\n  - chat.example.org\n\nOne:\n  - one.example\n'],
  ['AIAssistants.yml', 'Thinker:\n  - thinker.example\n'],
  [
    'ga4_source_categories.csv',
    'source,source_category\nshelf.example,SOURCE_CATEGORY_SHOPPING\nchat.example,SOURCE_CATEGORY_VIDEO\n',
  ],
  ['spammers.txt', 'bad.example\nworse.bad.example\nA.Example\n'],
])

test('lists of others add to ours and change nothing of it', () => {
  const lists = buildLists({ sources: '[site]\nOurs: ours.example', spam: 'mine.example' }, others)
  const sources = readSources(lists['sources.txt'])
  const found = (host: string) => sources.byHost(host)
  expect(found('www.finder.example')).toEqual({ name: 'Finder', category: 'search' })
  expect(found('finder.co.uk')).toEqual({ name: 'Finder', category: 'search' })
  expect(found('ours.example')).toEqual({ name: 'Ours', category: 'site' })
  expect(found('chat.example')).toEqual({ name: 'Chat: the place', category: 'social' })
  expect(found('one.example')).toEqual({ name: 'One', category: 'social' })
  expect(found('thinker.example')).toEqual({ name: 'Thinker', category: 'ai' })
  expect(found('shelf.example')).toEqual({ name: 'shelf.example', category: 'shopping' })
  for (const other of ['q.param', 'iso-8859.2']) expect(found(other)).toEqual({ name: other })
  expect(lists['spam.txt']).toBe('a.example\nbad.example\nmine.example\n')
  const isSpammer = readSpammers(lists['spam.txt'])
  expect(['worse.bad.example', 'mine.example', 'example'].map(isSpammer)).toEqual([true, true, false])
})

test('a file that is no such list is named', () => {
  expect(() => buildLists(own, new Map([['constructor', '']]))).toThrow('"constructor" is none of')
})
