/** Whether a code point is meant. */
export type CharacterTest = (code: number) => boolean

/** Where a pattern may stand without reading: edges of the text, edges of a word. */
export type Edge = 'start' | 'end' | 'word' | 'inside'

/** A pattern as it was read. */
export type Node =
  | { readonly is: 'character'; readonly test: CharacterTest }
  | { readonly is: 'edge'; readonly edge: Edge }
  | { readonly is: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly is: 'choice'; readonly nodes: readonly Node[] }
  | { readonly is: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }

/** States that a node needs at most, counted repetition written out; at least 1. */
export function sizeOf(node: Node): number {
  if (node.is === 'character' || node.is === 'edge') return 1
  if (node.is === 'repeat') return repeatSize(sizeOf(node.node), node.min, node.max)
  const size = node.nodes.reduce((sum, one) => sum + sizeOf(one), 0)
  return node.is === 'choice' ? size + node.nodes.length - 1 : Math.max(size, 1)
}

function repeatSize(size: number, min: number, max: number): number {
  if (max === Number.POSITIVE_INFINITY) return Math.max(min, 1) * size + 1
  return Math.max(min * size + (max - min) * (size + 1), 1)
}

type State =
  | { readonly is: 'read'; readonly test: CharacterTest; readonly next: number }
  | { readonly is: 'edge'; readonly edge: Edge; readonly next: number }
  | { readonly is: 'fork'; readonly next: number; other: number }
  | { readonly is: 'found' }

/** A nondeterministic automaton (Thompson 1968): states that read a character, fork, or tell that it is found. */
export interface Automaton {
  readonly states: readonly State[]
  readonly start: number
  /** It can begin at the start of the text only. */
  readonly isAnchored: boolean
}

const FOUND = 0

/** Builds the automaton that finds what a node describes. */
export function toAutomaton(node: Node): Automaton {
  const states: State[] = [{ is: 'found' }]
  const start = build(node, FOUND, states)
  return { states, start, isAnchored: isAnchored(node) }
}

/** Adds the states of a node that go on to `next`; gives the first of them. */
function build(node: Node, next: number, states: State[]): number {
  switch (node.is) {
    case 'character':
      return states.push({ is: 'read', test: node.test, next }) - 1
    case 'edge':
      return states.push({ is: 'edge', edge: node.edge, next }) - 1
    case 'sequence':
      return node.nodes.reduceRight((after, one) => build(one, after, states), next)
    case 'choice':
      return node.nodes
        .map((one) => build(one, next, states))
        .reduceRight((other, entry) => states.push({ is: 'fork', next: entry, other }) - 1)
    case 'repeat':
      return buildRepeat(node, next, states)
  }
}

function buildRepeat({ node, min, max }: Node & { is: 'repeat' }, next: number, states: State[]): number {
  let entry = next
  let copies = min
  if (max === Number.POSITIVE_INFINITY) {
    const fork = { is: 'fork' as const, next, other: next }
    const loop = states.push(fork) - 1
    fork.other = build(node, loop, states)
    entry = min === 0 ? loop : fork.other
    copies = min - 1
  } else {
    for (let i = min; i < max; i++) {
      entry = states.push({ is: 'fork', next, other: build(node, entry, states) }) - 1
    }
  }
  for (let i = 0; i < copies; i++) entry = build(node, entry, states)
  return entry
}

function isAnchored(node: Node): boolean {
  if (node.is === 'edge') return node.edge === 'start'
  if (node.is === 'choice') return node.nodes.every(isAnchored)
  const [first] = node.is === 'sequence' ? node.nodes : []
  return first !== undefined && isAnchored(first)
}

/** Where there is no character: before and after the text. */
const NONE = -1

/**
 * Whether the text holds what the automaton looks for. All states it can be in are followed at once, so there
 * is nothing to go back to, and a character costs at most a few steps a state, whatever the pattern: never
 * more than `3 * states * (characters + 1)` in all. `meter` counts them.
 */
export function search(automaton: Automaton, text: string, meter: Meter = { steps: 0 }): boolean {
  const { states, start, isAnchored } = automaton
  const reached = new Uint32Array(states.length)
  let pending = [start]
  let before = NONE
  for (let at = 0, round = 1; at <= text.length && pending.length > 0; round++) {
    const after = text.codePointAt(at) ?? NONE
    const next = isAnchored ? [] : [start]
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      meter.steps++
      if (reached[i] === round) continue
      reached[i] = round
      if (i === FOUND) return true
      follow(states[i], before, after, pending, next)
    }
    pending = next
    before = after
    at += after > 0xffff ? 2 : 1
  }
  return false
}

/** Steps taken in searches. */
export interface Meter {
  steps: number
}

/** Adds the states that come after one: to `pending` where nothing is read, else to `next`. */
function follow(
  state: State | undefined,
  before: number,
  after: number,
  pending: number[],
  next: number[],
): void {
  if (state?.is === 'fork') pending.push(state.other, state.next)
  else if (state?.is === 'edge' && holds(state.edge, before, after)) pending.push(state.next)
  else if (state?.is === 'read' && after !== NONE && state.test(after)) next.push(state.next)
}

function holds(edge: Edge, before: number, after: number): boolean {
  if (edge === 'start') return before === NONE
  if (edge === 'end') return after === NONE
  return (isWord(before) !== isWord(after)) === (edge === 'word')
}

/** ASCII letters, digits and `_`, as in RE2. */
export function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x5f ||
    (code >= 0x61 && code <= 0x7a)
  )
}
