import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { search, toAutomaton } from '../src/automaton.ts'
import { compilePattern, PatternError, parsePattern, patternLimits } from '../src/pattern.ts'

describe('a pattern', () => {
  const cases: readonly (readonly [source: string, matching: readonly string[], other: readonly string[]])[] =
    [
      ['', ['', 'a'], []],
      ['blog', ['blog', '/blog/1'], ['blo', 'Blog', '']],
      ['^/blog', ['/blog', '/blog/1'], ['/a/blog']],
      ['/blog$', ['/blog', '/a/blog'], ['/blog/']],
      ['^/blog$', ['/blog'], ['/blog/', '/a/blog']],
      ['^$', [''], ['a']],
      ['^/blog/.*', ['/blog/', '/blog/a'], ['/a/blog/']],
      ['^/(?:de|fr)/.+$', ['/de/a', '/fr/b'], ['/de/', '/en/a']],
      ['^a|b$', ['ax', 'xb'], ['xa', 'bx']],
      ['^(?:a|^b)', ['a', 'b'], ['xa', 'xb']],
      ['a||b', ['', 'x'], []],
      ['^()$', [''], ['a']],
      ['^(?P<word>a)(?<other>b)$', ['ab'], ['a']],
      ['^.$', ['a', '\r', '\u2028', 'é', '😀'], ['', '\n', 'ab', 'e\u0301']],
      ['^\\d{4}-\\d{2}$', ['2024-01'], ['2024-1', '2024-012', '٢٠٢٤-٠١']],
      ['^a{2}$', ['aa'], ['a', 'aaa']],
      ['^a{2,}$', ['aa', 'aaaaa'], ['', 'a']],
      ['^a{0,2}$', ['', 'a', 'aa'], ['aaa']],
      ['^a{0}$', [''], ['a']],
      ['^(ab){1,2}?c??$', ['ab', 'ababc'], ['', 'abababc']],
      ['^(a*)*$', ['', 'aaa'], ['ab']],
      ['^(a*)+?b$', ['b', 'aab'], ['a']],
      ['^(|a)+$', ['', 'aa'], ['b']],
      ['a{,2}', ['a{,2}'], ['aa']],
      ['^/item/{id}$', ['/item/{id}'], ['/item/id']],
      ['^\\w+$', ['a_Z9'], ['é', 'a-b', '']],
      ['^\\W$', ['é', '-'], ['a', '_']],
      ['^\\s$', [' ', '\t', '\n', '\f', '\r'], ['\u00a0', '\v', 'a']],
      ['^\\S\\D$', ['ab', 'é-'], ['a1', ' b']],
      ['\\bcat\\b', ['cat', 'a cat.', 'écat'], ['concat', 'cat_']],
      ['\\Bcat', ['concat'], ['cat', 'a cat']],
      ['^\\B$', [''], ['a']],
      ['^\\t\\n\\r\\f$', ['\t\n\r\f'], ['tnrf']],
      ['^\\x41\\x{1F600}\\u00e9$', ['A😀é'], ['A😀e']],
      ['^\\.\\*\\/\\-\\_\\\\\\@$', ['.*/-_\\@'], ['a*/-_\\@']],
      ['^[a-cx]$', ['a', 'b', 'c', 'x'], ['d', '-', '']],
      ['^[^a-c]$', ['d', '\n', '😀'], ['a', 'b', '']],
      ['^[]a]$', [']', 'a'], ['b']],
      ['^[^]a]$', ['b'], [']', 'a']],
      ['^[a-]$', ['a', '-'], ['b']],
      ['^[-a]$', ['a', '-'], ['b']],
      ['^[\\d\\-.]+$', ['1-2.3'], ['a']],
      ['^[\\D]$', ['a'], ['1']],
      ['^[^\\W\\d]$', ['a', '_'], ['1', '-']],
      ['^[а-яё😀-😎]+$', ['ёж', '😃'], ['Ёж', 'a']],
      ['^[[(.|*]+$', ['[(.|*'], ['a']],
      ['(?i)^straße[a-z]É$', ['STRAẞEqé', 'straßeQÉ'], ['strasseQé']],
      ['(?i)^[k]s$', ['K\u017f', 'kS', 'KS'], ['ks ']],
      ['(?i)^[^a]\\w$', ['bA'], ['Ab', 'ab']],
      ['(?i)i', ['I'], ['ı', 'İ']],
    ]
  for (const [source, matching, other] of cases) {
    test(`${source || '(empty)'} finds what it says`, () => {
      const matches = compilePattern(source)
      expect(matching.filter((text) => !matches(text))).toEqual([])
      expect(other.filter(matches)).toEqual([])
    })
  }

  test('finds what a RegExp finds', () => {
    let found = 0
    const same = ({ source, texts }: Trial, isFolded: boolean): void => {
      // Said in full: by itself V8 also looks between the halves of a surrogate pair, /\B/u in a😀a.
      const regExp = new RegExp(`^[^]*?(?:${source})`, isFolded ? 'iu' : 'u')
      const matches = compilePattern(isFolded ? `(?i)${source}` : source)
      for (const text of texts) {
        found += matches(text) ? 1 : 0
        expect([text, matches(text)]).toEqual([text, regExp.test(text)])
      }
    }
    fc.assert(
      fc.property(trial, (one) => same(one, false)),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(foldedTrial, (one) => same(one, true)),
      { numRuns: 500 },
    )
    expect(found).toBeGreaterThan(1000)
  })

  test('costs text times pattern and no more, whatever both hold', () => {
    const steps = (source: string, text: string): number => {
      const automaton = toAutomaton(parsePattern(source))
      const meter = { steps: 0 }
      search(automaton, text, meter)
      expect(meter.steps).toBeLessThanOrEqual(3 * automaton.states.length * (text.length + 1))
      return meter.steps
    }
    const hostile = [
      '(a+)+$',
      '(a|a)*b',
      '(.*)*x',
      '(a|aa)+$',
      '((a*)*)*b',
      '(?:a?){100}b',
      '(a*a*a*a*)*[^a]b',
      '(.*a){20}$',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
      '\\b(\\w+\\s*)+\\d',
      '(|a|a*|a+|a?)*$b',
    ]
    for (const source of hostile) {
      const short = steps(source, `${'a'.repeat(2000)}!`)
      expect(steps(source, `${'a'.repeat(20_000)}!`)).toBeLessThan(11 * short)
    }
  })

  test('asks a long class once a character, however often it is repeated', () => {
    const matches = compilePattern(`^[${'xyz'.repeat(300)}a]{990}b$`)
    expect(matches(`${'a'.repeat(990)}b`)).toBe(true)
    expect(matches('a'.repeat(2000))).toBe(false)
  })

  const refused: readonly (readonly [source: string, message: string])[] = [
    ['a(?=b)', 'a lookahead at character 2'],
    ['(?!b)', 'a lookahead at character 1'],
    ['(?<=b)a', 'a lookbehind at character 1'],
    ['ab(?<!b)', 'a lookbehind at character 3'],
    ['(?>a)', 'an atomic group at character 1'],
    ['(a)\\1', 'a backreference \\1 at character 4'],
    ['(?P<n>a)(?P=n)', 'a backreference at character 9'],
    ['a\\k<n>', 'an unknown escape \\k at character 2'],
    ['\\pL', 'an unknown escape \\p at character 1'],
    ['\\é', 'an unknown escape \\é at character 1'],
    ['\\0', 'an unknown escape \\0 at character 1'],
    ['[\\b]', 'an unknown escape \\b at character 2'],
    ['\\x4', 'an unknown escape \\x at character 1'],
    ['\\x{110000}', 'an escape that is no character at character 1'],
    ['\\ud83d\\ude00', 'an escape that is no character at character 1'],
    ['a\\', 'a \\ at its end at character 2'],
    ['a++', 'a possessive + at character 3'],
    ['a{2}+', 'a possessive + at character 5'],
    ['a**', 'a repetition of a repetition at character 3'],
    ['a{1000}{1000}', 'a repetition of a repetition at character 8'],
    ['*a', 'a repetition of nothing at character 1'],
    ['a|{2}', 'a repetition of nothing at character 3'],
    ['(?i)+', 'a repetition of nothing at character 5'],
    ['a(?i)b', 'a flag other than (?i) in front at character 2'],
    ['(?s).', 'a flag other than (?i) in front at character 1'],
    ['(?-i:a)', 'a flag other than (?i) in front at character 1'],
    ['(?#a)', 'an unknown group (? at character 1'],
    ['(?', 'an unknown group (? at character 1'],
    ['a(b(c)', 'a ( without its ) at character 2'],
    ['a)b', 'a ) without its ( at character 2'],
    ['a[b', 'a [ without its ] at character 2'],
    ['[]', 'a [ without its ] at character 1'],
    ['[^', 'a [ without its ] at character 1'],
    ['[a-', 'a range that does not go up at character 2'],
    ['[b-a]', 'a range that does not go up at character 2'],
    ['[a-\\d]', 'a range that does not go up at character 2'],
    ['[[:alpha:]]', 'a class by name at character 2'],
    ['a{3,2}', '{3,2}, which must count up and to 1000 at most, at character 2'],
    ['a{1001}', '{1001}, which must count up and to 1000 at most, at character 2'],
  ]
  for (const [source, message] of refused) {
    test(`${source} is refused`, () => {
      expect(() => compilePattern(source)).toThrow(new PatternError(`The pattern has ${message}.`))
    })
  }

  test('is refused past its limits', () => {
    const { length, states } = patternLimits
    expect(compilePattern('a'.repeat(length))('a'.repeat(length))).toBe(true)
    expect(() => compilePattern('a'.repeat(length + 1))).toThrow(PatternError)
    expect(() => compilePattern('\ud83d')).toThrow(PatternError)
    expect(toAutomaton(parsePattern('(a{999}b){2}')).states).toHaveLength(states + 1)
    expect(() => compilePattern('(a{1000}b){2}')).toThrow(/2000 states/)
    for (const source of [
      '(a{1000}){1000}',
      '((){1000}){1000}',
      `${'('.repeat(130)}a${'{999})'.repeat(130)}{0}`,
      '(.*a){1000}',
    ]) {
      expect(() => compilePattern(source)).toThrow(/2000 states/)
    }
    const deep = `${'('.repeat(499)}a${')'.repeat(499)}`
    expect(compilePattern(deep)('a')).toBe(true)
  })
})

interface Trial {
  readonly source: string
  readonly texts: readonly string[]
}

/** Patterns of what RE2 and RegExp have in common, over few characters, and texts of the same. */
function trials(characters: readonly string[], sets: readonly string[], edges: readonly string[]) {
  const character = fc.constantFrom(...characters)
  const klass = fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(fc.oneof(character, fc.constantFrom('a-b', '1-3', 'c-é', ...sets)), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([negation, items]) => `[${negation}${items.join('')}]`)
  const { choice } = fc.letrec<Record<'choice' | 'sequence' | 'repeat' | 'atom', string>>((tie) => ({
    choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
    sequence: fc
      .array(
        fc.oneof(
          { weight: 6, arbitrary: tie('repeat') },
          { weight: 1, arbitrary: fc.constantFrom(...edges) },
        ),
        { maxLength: 4 },
      )
      .map((all) => all.join('')),
    repeat: fc
      .tuple(
        tie('atom'),
        fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?', '??', '{1,3}?'),
      )
      .map((all) => all.join('')),
    atom: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      character,
      fc.constantFrom('.', ...sets),
      klass,
      fc.tuple(fc.constantFrom('(', '(?:'), tie('choice')).map(([open, inner]) => `${open}${inner})`),
    ),
  }))
  const text = fc.array(fc.constantFrom(...characters), { maxLength: 5 }).map((all) => all.join(''))
  return fc.record<Trial>({ source: choice, texts: fc.array(text, { minLength: 5, maxLength: 5 }) })
}
const trial = trials(
  ['a', 'b', 'c', '1', '_', ' ', 'é', '😀', '\n', '/'],
  ['\\d', '\\w', '\\s', '\\D', '\\W', '\\S'],
  ['^', '$', '\\b', '\\B'],
)
// In RegExp, \w and \b mean more characters once case is folded; in RE2, \b does not.
const foldedTrial = trials(
  ['a', 'A', 'b', 'k', '\u212a', 'S', 'ſ', 'é', 'É', 'ß', 'ẞ', 'σ', 'ς'],
  ['\\d'],
  ['^', '$'],
)
