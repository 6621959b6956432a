import type { Goal } from '../collection.ts'
import { blankOf, isOfEvents, isProperty } from '../dimension.ts'
import { compilePattern } from '../pattern.ts'
import type { Clauses, Filter } from '../query.ts'
import { columnsOfDimension, doorColumn, labelsOf, rowColumn, visitColumn } from './axis.ts'
import type { Codes } from './bytes.ts'
import type { Column, ColumnName, Day } from './day.ts'
import { kinds } from './day.ts'
import { kindsOf, lookUp } from './visit.ts'

/** Which visits and which rows pass: both must, and where one is undefined all of it passes. */
export interface Masks {
  readonly visits: Uint8Array | undefined
  readonly rows: Uint8Array | undefined
}

/** How filters are judged on a day. */
export interface Judge {
  readonly goals: readonly Goal[]
  /** Whole visits are asked for: the page of a clause is where a visit entered. */
  readonly byEntry: boolean
}

/** The columns that filters look at. */
export function columnsOfFilter(filter: Filter): readonly ColumnName[] {
  if (filter.is === 'clauses') return columnsOfDimension(filter.dimension)
  return 'filters' in filter ? filter.filters.flatMap(columnsOfFilter) : columnsOfFilter(filter.filter)
}

/** Whether a filter looks at single events, other than what a visit has done. */
export function looksAtEvents(filter: Filter): boolean {
  if (filter.is === 'clauses') return isOfEvents(filter.dimension)
  if (filter.is === 'has_done' || filter.is === 'has_not_done') return false
  return 'filters' in filter ? filter.filters.some(looksAtEvents) : looksAtEvents(filter.filter)
}

/** What passes all filters on a day. */
export function masksOf(filters: readonly Filter[], day: Day, judge: Judge): Masks {
  return filters.reduce((before: Masks, filter) => narrowed(before, filter, day, judge), PASS)
}

const PASS: Masks = { visits: undefined, rows: undefined }

/** Clauses look only at what has passed before them; other filters are judged by themselves. */
function narrowed(before: Masks, filter: Filter, day: Day, judge: Judge): Masks {
  if (filter.is === 'and')
    return filter.filters.reduce((masks: Masks, one) => narrowed(masks, one, day, judge), before)
  if (filter.is === 'clauses' && filter.dimension.kind !== 'goal')
    return clausesMask(filter, day, judge, before)
  const masks = maskOf(filter, day, judge)
  return { visits: intersect(before.visits, masks.visits), rows: intersect(before.rows, masks.rows) }
}

export function intersect(a: Uint8Array, b: Uint8Array | undefined): Uint8Array
export function intersect(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined
export function intersect(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (!a || !b) return a ?? b
  const result = new Uint8Array(a.length)
  for (let i = 0; i < a.length; i++) result[i] = (a[i] as number) & (b[i] as number)
  return result
}

function maskOf(filter: Filter, day: Day, judge: Judge): Masks {
  switch (filter.is) {
    case 'clauses':
      return clausesMask(filter, day, judge, PASS)
    case 'and':
      return masksOf(filter.filters, day, judge)
    case 'or':
      return anyOf(
        filter.filters.map((one) => maskOf(one, day, judge)),
        day,
      )
    case 'not':
      return negate(maskOf(filter.filter, day, judge), day)
    default: {
      const done = visitsWith(rowsOf(maskOf(filter.filter, day, { ...judge, byEntry: false }), day), day)
      return { visits: filter.is === 'has_done' ? done : inverse(done), rows: undefined }
    }
  }
}

/** Of masks of visits a mask of visits, else of rows. */
function anyOf(masks: readonly Masks[], day: Day): Masks {
  if (masks.every(({ rows }) => !rows)) {
    const visits = masks.map((mask) => mask.visits ?? new Uint8Array(day.visits).fill(1))
    return { visits: visits.reduce(unite), rows: undefined }
  }
  return { visits: undefined, rows: masks.map((mask) => rowsOf(mask, day)).reduce(unite) }
}

function negate(mask: Masks, day: Day): Masks {
  if (mask.rows) return { visits: undefined, rows: inverse(rowsOf(mask, day)) }
  return { visits: inverse(mask.visits ?? new Uint8Array(day.visits).fill(1)), rows: undefined }
}

function unite(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((bit, i) => bit | (b[i] as number))
}

function inverse(mask: Uint8Array): Uint8Array {
  return mask.map((bit) => 1 - bit)
}

/** A mask of both kinds as one of rows. */
export function rowsOf({ visits, rows }: Masks, { rows: count, first, visits: visitCount }: Day): Uint8Array {
  const result = rows ? rows.slice() : new Uint8Array(count).fill(1)
  if (!visits) return result
  for (let visit = 0; visit < visitCount; visit++)
    if (visits[visit] === 0) result.fill(0, first[visit], first[visit + 1])
  return result
}

/** Visits that have an event, engagement left out, among the rows of a mask. */
export function visitsWith(rows: Uint8Array, day: Day): Uint8Array {
  const kind = kindsOf(day)
  const { first } = day
  const result = new Uint8Array(day.visits)
  for (let visit = 0; visit < day.visits; visit++) {
    const end = first[visit + 1] as number
    let row = first[visit] as number
    while (row < end && (rows[row] === 0 || kind[row] === kinds.engagement)) row++
    if (row < end) result[visit] = 1
  }
  return result
}

function clausesMask(filter: Clauses, day: Day, judge: Judge, before: Masks): Masks {
  const { dimension } = filter
  if (dimension.kind === 'goal') {
    const named = judge.goals.filter(({ name }) => matcherOf(filter)(name))
    return { ...before, rows: goalRows(named, day) }
  }
  if (judge.byEntry && dimension.kind === 'event' && isDoor(dimension.field)) {
    const entry = doorColumn(day, `entry_${DOORS[dimension.field]}`)
    return { ...before, visits: codesMask(filter, entry, day.visits, before.visits) }
  }
  if (isOfEvents(dimension))
    return { ...before, rows: codesMask(filter, rowColumn(day, dimension), day.rows, before.rows) }
  return { ...before, visits: codesMask(filter, visitColumn(day, dimension), day.visits, before.visits) }
}

const DOORS = { page: 'page', hostname: 'page_hostname' } as const

function isDoor(field: string): field is keyof typeof DOORS {
  return field === 'page' || field === 'hostname'
}

/** Judges each value once; what is left is a look-up by code, of what has passed before. */
function codesMask(
  filter: Clauses,
  column: Column | undefined,
  length: number,
  before: Uint8Array | undefined,
): Uint8Array {
  const passes = passesOf(filter, column ?? { codes: new Uint8Array(), values: [''] })
  if (!column) return intersect(new Uint8Array(length).fill(passes[0] as number), before)
  return before ? lookUpPassed(passes, column.codes, before) : lookUp(passes, column.codes)
}

/** Without a branch on what passed before: a processor cannot guess it, and a wrong guess costs more than a look. */
function lookUpPassed(passes: Uint8Array, codes: Codes, before: Uint8Array): Uint8Array {
  const result = new Uint8Array(codes.length)
  for (let i = 0; i < codes.length; i++)
    result[i] = (before[i] as number) & (passes[codes[i] as number] as number)
  return result
}

function passesOf(filter: Clauses, column: Column): Uint8Array {
  const matches = matcherOf(filter)
  const labels = labelsOf(filter.dimension, column)
  return Uint8Array.from(labels, (label, code) => {
    if (code === 0) return blankPasses(filter, matches) ? 1 : 0
    return matches(label) !== filter.isNegated ? 1 : 0
  })
}

/** Whether the absence of a value passes: equality knows it by its label, a search finds nothing in it. */
function blankPasses({ dimension, match, isNegated }: Clauses, matches: (text: string) => boolean): boolean {
  if (match === 'equal') return matches(blankOf(dimension)) !== isNegated
  if (isProperty(dimension)) return false
  return matches('') !== isNegated
}

/** Whether any of the clauses matches a text. */
function matcherOf({ match, clauses, caseSensitive }: Clauses): (text: string) => boolean {
  if (match === 'pattern') {
    const patterns = clauses.map(compilePattern)
    return (text) => patterns.some((matches) => matches(text))
  }
  const fold = caseSensitive ? (text: string) => text : (text: string) => text.toLowerCase()
  const folded = clauses.map(fold)
  if (match === 'contain') return (text) => folded.some((clause) => fold(text).includes(clause))
  const set = new Set(folded)
  return (text) => set.has(fold(text))
}

/** 1 for each row that reaches any of the goals. */
export function goalRows(goals: readonly Goal[], day: Day): Uint8Array {
  const result = new Uint8Array(day.rows)
  for (const goal of goals) markGoal(result, goal, day)
  return result
}

function markGoal(result: Uint8Array, goal: Goal, day: Day): void {
  const isEvent = 'event' in goal
  const column = day.column(isEvent ? 'name' : 'page')
  const matches = isEvent ? (text: string) => text === goal.event : pageMatcher(goal.page)
  const passes = Uint8Array.from(column?.values ?? [], (value, code) =>
    code > 0 && matches(String(value)) ? 1 : 0,
  )
  if (!column || !passes.includes(1)) return
  const kind = kindsOf(day)
  for (let row = 0; row < result.length; row++) {
    if (passes[column.codes[row] as number] === 1 && (isEvent || kind[row] === kinds.pageview))
      result[row] = 1
  }
}

/** A page goal's pattern, in which `*` stands for any characters. Each piece is looked for once, from left to right. */
function pageMatcher(pattern: string): (page: string) => boolean {
  const [head = '', ...pieces] = pattern.split('*')
  const tail = pieces.pop()
  if (tail === undefined) return (page) => page === pattern
  return (page) => {
    if (!page.startsWith(head) || page.length < head.length + tail.length || !page.endsWith(tail))
      return false
    let at = head.length
    for (const piece of pieces) {
      const found = page.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= page.length - tail.length
  }
}
