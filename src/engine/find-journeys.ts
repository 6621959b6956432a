import { SkerryError } from '../errors.ts'
import { unitOf } from '../funnel.ts'
import { type Journey, type Journeys, type JourneysReport, journeyLimits } from '../journeys.ts'
import { spanOf } from '../range.ts'
import { type Day, kinds } from './day.ts'
import { type Days, readDays, withinDay } from './days.ts'
import { gaps } from './gaps.ts'
import { hundredths, percent } from './measure.ts'
import { shownFilter, shownRange } from './resolved-query.ts'
import { beginnings, columnsOfPaths, eventsThat } from './rows-in-order.ts'
import type { Scan } from './scan.ts'
import { inSlices } from './slices.ts'
import type { AnswerContext } from './sum-up.ts'
import { kindsOf } from './visit.ts'
import { createWayTree, type WayTree } from './way-tree.ts'

/** Answers a question for journeys: the ways that are taken most often, repeats of a step told once. */
export async function findJourneys(
  asked: Journeys,
  days: Days,
  context: AnswerContext,
): Promise<JourneysReport> {
  const { definition, now } = context
  const { timezone } = definition
  const { filters, from, to } = asked
  const span = spanOf(asked.dateRange, { now, timezone, since: days.all[0]?.date, trim: false })
  const looked = [...filters, ...(from ?? []), ...(to ?? [])]
  const names = createNames()
  const tree = createWayTree(journeyLimits.ways, refuseTooMany)
  let isFolded = false
  await readDays(
    span,
    days,
    async (source) => {
      const part = withinDay(source, span, timezone)
      return { day: await source.load(columnsOfPaths(looked, part).add(fieldOf(asked.of))), part }
    },
    async ({ day, part }) => {
      isFolded ||= day.folded.has(fieldOf(asked.of))
      await addDay(tree, names, day, part, asked, context)
    },
  )
  return {
    results: journeysOf(tree, names, asked),
    meta: {
      visitors: span.firstDate === span.lastDate ? 'distinct' : 'sum_of_daily_visitors',
      ...gaps(span, days),
      totals: { [unitOf(asked.within)]: tree.total },
      total_rows: tree.size,
      other: isFolded ? [`event:${fieldOf(asked.of)}`] : [],
    },
    query: {
      of: asked.of,
      ...(from && { from: from.map(shownFilter) }),
      ...(to && { to: to.map(shownFilter) }),
      steps: asked.steps,
      within: asked.within,
      date_range: shownRange(span, timezone),
      filters: filters.map(shownFilter),
      limit: asked.limit,
    },
  }
}

/** The column that the steps of a way are read from. */
function fieldOf(of: Journeys['of']): string {
  return of === 'page' ? 'page' : 'name'
}

async function addDay(
  tree: WayTree,
  names: Names,
  day: Day,
  part: Scan['within'],
  asked: Journeys,
  { definition: { goals }, breathe }: AnswerContext,
): Promise<void> {
  const allowed = eventsThat(asked.filters, day, goals, part)
  const begins = beginnings(day, asked.within)
  const column = day.column(fieldOf(asked.of))
  const steps = stepsOfRows(day, asked, allowed)
  const numberOf = names.numbersOf(column?.values.map(String) ?? [])
  const from = asked.from && eventsThat(asked.from, day, goals)
  const to = asked.to && eventsThat(asked.to, day, goals)
  await inSlices(begins.length - 1, breathe, (first, last) => {
    for (let one = first; one < last; one++) {
      const [begin, end] = [begins[one] as number, begins[one + 1] as number]
      const way = to
        ? wayTo(begin, find(to, allowed, begin, end), end, steps, asked.steps)
        : wayFrom(from ? find(from, allowed, begin, end) : begin, end, steps, asked.steps)
      if (way.length > 0) tree.take(way.map(numberOf))
    }
  })
}

/** The code of each row's step; 0: the row is none. */
function stepsOfRows(day: Day, { of }: Journeys, allowed: Uint8Array): Uint32Array {
  const steps = new Uint32Array(day.rows)
  const column = day.column(fieldOf(of))
  const kind = kindsOf(day)
  for (let row = 0; column && row < steps.length; row++)
    if (allowed[row] === 1 && (of === 'event' || kind[row] === kinds.pageview))
      steps[row] = column.codes[row] as number
  return steps
}

/** The first row that is meant; `end` if there is none. */
function find(rows: Uint8Array, allowed: Uint8Array, begin: number, end: number): number {
  let row = begin
  while (row < end && (rows[row] === 0 || allowed[row] === 0)) row++
  return row
}

function wayFrom(begin: number, end: number, steps: Uint32Array, most: number): readonly number[] {
  const way: number[] = []
  for (let row = begin; row < end && way.length < most; row++) {
    const step = steps[row] as number
    if (step !== 0 && step !== way.at(-1)) way.push(step)
  }
  return way
}

/** Ends with the given row; from there backwards. `end`: there is none. */
function wayTo(
  begin: number,
  last: number,
  end: number,
  steps: Uint32Array,
  most: number,
): readonly number[] {
  const way: number[] = []
  for (let row = last; last < end && row >= begin && way.length < most; row--) {
    const step = steps[row] as number
    if (step !== 0 && step !== way.at(-1)) way.push(step)
  }
  return way.reverse()
}

/** Texts of steps by number, the same on all days. */
interface Names {
  /** Gives the number of each code of a day's column. */
  numbersOf(values: readonly string[]): (code: number) => number
  textOf(number: number): string
}

function createNames(): Names {
  const texts: string[] = []
  const numbers = new Map<string, number>()
  return {
    numbersOf: (values) => (code) => {
      const text = values[code] as string
      const number = numbers.get(text) ?? texts.length
      if (number === texts.length) texts.push(text)
      numbers.set(text, number)
      return number
    },
    textOf: (number) => texts[number] as string,
  }
}

function journeysOf(tree: WayTree, names: Names, { limit, within }: Journeys): readonly Journey[] {
  return tree
    .frequent(limit)
    .map(({ steps, count }) => ({ path: steps.map(names.textOf), count }))
    .sort((a, b) => b.count - a.count || compareTexts(a.path, b.path))
    .slice(0, limit)
    .map(({ path, count }) => ({
      path,
      [unitOf(within)]: count,
      percentage: hundredths(percent(count, tree.total)),
    }))
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((text, i) => text !== b[i])
  if (at < 0) return a.length - b.length
  return at >= b.length || (a[at] as string) > (b[at] as string) ? 1 : -1
}

function refuseTooMany(): never {
  const detail = `The journeys come to more than ${journeyLimits.ways} different ways. Ask for fewer steps, or filter.`
  throw new SkerryError('invalid_query', { faults: [{ pointer: '/steps', detail }] })
}
