import { type CharacterTest, type Edge, isWord, type Node, search, sizeOf, toAutomaton } from './automaton.ts'

/** Limits of a pattern: characters as written, times that `{m,n}` may say, states of its automaton. */
export const patternLimits = { length: 1000, repeat: 1000, states: 2000 } as const

/** A pattern that cannot be used; the message says why and where. */
export class PatternError extends Error {}

/**
 * Compiles a regular expression to a test of whether a text has a match anywhere. It speaks a subset of RE2:
 * literals, `.`, classes, `\d \w \s \b` (ASCII, as in RE2), `^ $` (of the text), `|`, groups, `* + ? {m,n}`
 * and their lazy forms, and `(?i)` in front. The time of a test grows with text times pattern and no faster
 * (Thompson, "Regular Expression Search Algorithm", 1968; Cox, "Regular Expression Matching Can Be Simple
 * And Fast", 2007): what cannot be had at that price, as backreferences and lookaround, throws a `PatternError`.
 *
 * @example compilePattern('^/blog/\\d{4}/')('/blog/2024/hello') // true
 */
export function compilePattern(source: string): (text: string) => boolean {
  const node = parsePattern(source)
  const plain = plainSearch(source)
  if (plain) return plain
  const automaton = toAutomaton(node)
  return (text) => search(automaton, text)
}

/** Reads a pattern. Throws a `PatternError` if it is none, or past a limit. */
export function parsePattern(source: string): Node {
  if (source.length > patternLimits.length)
    throw new PatternError(`A pattern may have ${patternLimits.length} characters.`)
  if (!source.isWellFormed()) throw new PatternError('A pattern must not have half a surrogate pair.')
  const node = new Parser(source).parse()
  // Not `>`: repetition in repetition can exceed what a number holds.
  if (!(sizeOf(node) <= patternLimits.states))
    throw new PatternError(`A pattern may have ${patternLimits.states} states, its repetitions written out.`)
  return node
}

/** A pattern that is a plain text but for its ends needs no automaton. */
function plainSearch(source: string): ((text: string) => boolean) | undefined {
  const [, start, plain = '', end] = /^(\^?)([^\\^$.|?*+()[{]*)(\$?)$/.exec(source) ?? []
  if (start === undefined) return undefined
  if (start && end) return (text) => text === plain
  if (start) return (text) => text.startsWith(plain)
  return end ? (text) => text.endsWith(plain) : (text) => text.includes(plain)
}

const ANY: CharacterTest = (code) => code !== 0x0a
const SETS: ReadonlyMap<string, CharacterTest> = new Map<string, CharacterTest>([
  ['d', (code) => code >= 0x30 && code <= 0x39],
  ['w', isWord],
  ['s', (code) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d],
])
const EDGES: ReadonlyMap<string, Edge> = new Map([
  ['^', 'start'],
  ['$', 'end'],
  ['\\b', 'word'],
  ['\\B', 'inside'],
])
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['r', 0x0d],
  ['f', 0x0c],
])
const HEX = /x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})/y
/** What may follow `(?` in other languages. */
const REFUSED_GROUPS: readonly (readonly [start: RegExp, what: string])[] = [
  [/[=!]/y, 'a lookahead'],
  [/<[=!]/y, 'a lookbehind'],
  [/>/y, 'an atomic group'],
  [/P=/y, 'a backreference'],
  [/[a-zA-Z-]+[:)]/y, 'a flag other than (?i) in front'],
]

/** Recursive descent, deepest first by what binds: choice, sequence, repeat, atom. */
class Parser {
  readonly #source: string
  readonly #isFolded: boolean
  #at = 0

  constructor(source: string) {
    this.#source = source
    this.#isFolded = this.#take('(?i)')
  }

  parse(): Node {
    const node = this.#choice()
    if (this.#at < this.#source.length) this.#refuse('a ) without its (')
    return node
  }

  #choice(): Node {
    const nodes = [this.#sequence()]
    while (this.#take('|')) nodes.push(this.#sequence())
    return single(nodes) ?? { is: 'choice', nodes }
  }

  #sequence(): Node {
    const nodes: Node[] = []
    while (this.#at < this.#source.length && !this.#sees('|') && !this.#sees(')')) nodes.push(this.#repeat())
    return single(nodes) ?? { is: 'sequence', nodes }
  }

  #repeat(): Node {
    const start = this.#at
    if (this.#quantifier()) this.#refuse('a repetition of nothing', start)
    const node = this.#atom()
    const quantifier = this.#quantifier()
    if (!quantifier) return node
    this.#take('?')
    const at = this.#at
    if (this.#quantifier())
      this.#refuse(this.#source[at] === '+' ? 'a possessive +' : 'a repetition of a repetition', at)
    return { is: 'repeat', node, ...quantifier }
  }

  /** A brace that is no repetition is a plain character, as in RE2. */
  #quantifier(): { readonly min: number; readonly max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { min: 0, max: 1 }
    const at = this.#at
    const [all, from, open, to = from] = this.#match(/\{(\d+)(?:(,\})|,(\d+)\}|\})/y) ?? []
    if (all === undefined) return undefined
    const min = Number(from)
    const max = Number(to)
    if (min > max || max > patternLimits.repeat)
      this.#refuse(`${all}, which must count up and to ${patternLimits.repeat} at most,`, at)
    return { min, max: open ? Number.POSITIVE_INFINITY : max }
  }

  #atom(): Node {
    for (const [sign, edge] of EDGES) if (this.#take(sign)) return { is: 'edge', edge }
    if (this.#take('(')) return this.#group()
    if (this.#take('[')) return { is: 'character', test: this.#class() }
    if (this.#take('.')) return { is: 'character', test: ANY }
    const one = this.#character()
    return { is: 'character', test: typeof one === 'number' ? this.#range(one, one) : one }
  }

  #group(): Node {
    const at = this.#at - 1
    if (this.#take('?') && !this.#take(':') && !this.#match(/P?<[A-Za-z_]\w*>/y)) {
      const [, what = 'an unknown group (?'] = REFUSED_GROUPS.find(([start]) => this.#match(start)) ?? []
      this.#refuse(what, at)
    }
    const node = this.#choice()
    if (!this.#take(')')) this.#refuse('a ( without its )', at)
    return node
  }

  #class(): CharacterTest {
    const at = this.#at - 1
    const isNegated = this.#take('^')
    const tests: CharacterTest[] = []
    // A ] in front is one of the class.
    do {
      if (this.#at >= this.#source.length) this.#refuse('a [ without its ]', at)
      tests.push(this.#classItem())
    } while (!this.#take(']'))
    return remember((code) => tests.some((test) => test(code)) !== isNegated)
  }

  #classItem(): CharacterTest {
    const at = this.#at
    if (this.#match(/\[:\^?\w+:\]/y)) this.#refuse('a class by name', at)
    const low = this.#character()
    if (!this.#sees('-') || this.#sees('-]')) return typeof low === 'number' ? this.#range(low, low) : low
    this.#at++
    const high = this.#at < this.#source.length ? this.#character() : undefined
    if (typeof low !== 'number' || typeof high !== 'number' || low > high)
      return this.#refuse('a range that does not go up', at)
    return this.#range(low, high)
  }

  /** A code point, or the test of a set such as `\d`. */
  #character(): number | CharacterTest {
    const at = this.#at
    const code = this.#source.codePointAt(at) ?? 0
    this.#at += code > 0xffff ? 2 : 1
    if (code !== 0x5c) return code
    const [all, two, many, four] = this.#match(HEX) ?? []
    return all ? this.#codePoint(Number.parseInt(two ?? many ?? four ?? '', 16), at) : this.#escape(at)
  }

  #escape(at: number): number | CharacterTest {
    const letter = this.#source[this.#at++]
    if (letter === undefined) return this.#refuse('a \\ at its end', at)
    const set = SETS.get(letter.toLowerCase())
    if (set) return letter === letter.toLowerCase() ? this.#folded(set) : negated(this.#folded(set))
    if (/[1-9]/.test(letter)) return this.#refuse(`a backreference \\${letter}`, at)
    if (/[!-/:-@[-`{-~ ]/.test(letter)) return letter.charCodeAt(0)
    return CONTROLS.get(letter) ?? this.#refuse(`an unknown escape \\${letter}`, at)
  }

  #codePoint(code: number, at: number): number {
    const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    return isCharacter ? code : this.#refuse('an escape that is no character', at)
  }

  #range(low: number, high: number): CharacterTest {
    if (low < high) return this.#folded((code) => code >= low && code <= high)
    const folded = fold(low)
    return this.#isFolded ? (code) => fold(code) === folded : (code) => code === low
  }

  #folded(test: CharacterTest): CharacterTest {
    if (!this.#isFolded) return test
    return (code) => test(code) || test(fold(code)) || test(upper(fold(code)))
  }

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    const isThere = this.#sees(text)
    if (isThere) this.#at += text.length
    return isThere
  }

  #match(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#at
    const match = token.exec(this.#source) ?? undefined
    if (match) this.#at = token.lastIndex
    return match
  }

  #refuse(what: string, at = this.#at): never {
    throw new PatternError(`The pattern has ${what} at character ${at + 1}.`)
  }
}

function single(nodes: readonly Node[]): Node | undefined {
  return nodes.length === 1 ? nodes[0] : undefined
}

function negated(test: CharacterTest): CharacterTest {
  return (code) => !test(code)
}

/** Many states may ask of one character; one answer is enough. */
function remember(test: CharacterTest): CharacterTest {
  let last = -1
  let answer = false
  return (code) => {
    if (code !== last) answer = test(code)
    last = code
    return answer
  }
}

const DOTLESS_I = 0x131

/** One code point for all that differ in case only (simple case folding; `ı` is no `i`). */
function fold(code: number): number {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
  return code === DOTLESS_I ? code : one(String.fromCodePoint(upper(code)).toLowerCase(), code)
}

function upper(code: number): number {
  return one(String.fromCodePoint(code).toUpperCase(), code)
}

/** The only code point of a text; another one if it has several. */
function one(text: string, otherwise: number): number {
  const code = text.codePointAt(0) ?? otherwise
  return String.fromCodePoint(code) === text ? code : otherwise
}
