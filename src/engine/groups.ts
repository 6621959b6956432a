import type { Dimension } from '../dimension.ts'
import { type Axis, doorColumn, labelsOf, rowColumn, visitColumn } from './axis.ts'
import type { Codes } from './bytes.ts'
import type { Column, Day } from './day.ts'
import { type Slots, slotsOf } from './slots.ts'

/** The groups that rows or visits of a day fall into. */
export interface Groups {
  /** By row or visit; undefined: all are of one group. */
  readonly of: Codes | undefined
  readonly size: number
  /** A label for each dimension. */
  labels(group: number): readonly string[]
}

/** What labels of time depend on. */
export interface LabelContext {
  /** Days are of this zone. */
  readonly timezone: string
  /** Hours and minutes are shown in this one. */
  readonly labelZone: string
  /** The first day of the range: a week begins no earlier. */
  readonly firstDate: string
}

/** More combinations than these are numbered as they are met, instead of having a place each. */
const PLACES = 1 << 20

const ONE: Groups = { of: undefined, size: 1, labels: () => [] }

/** Groups of rows. Facts of visits are those of each row's visit. */
export function groupRows(day: Day, dimensions: readonly Dimension[], context: LabelContext): Groups {
  return dimensions.map((dimension) => rowAxis(day, dimension, context)).reduce(combine, ONE)
}

/**
 * Groups of visits; pages and hosts are those where a visit entered. Hours and minutes are left out, since a
 * visit may be in several: whoever asks puts them in at `slotAt`.
 */
export function groupVisits(day: Day, dimensions: readonly Dimension[], context: LabelContext): Groups {
  return dimensions
    .filter((dimension) => !isSlot(dimension))
    .map((dimension) => visitAxis(day, dimension, context))
    .reduce(combine, ONE)
}

/** The hours or minutes that are asked for, and the place of their label. */
export function slotAxis(
  day: Day,
  dimensions: readonly Dimension[],
  { timezone, labelZone }: LabelContext,
): (Slots & { readonly at: number }) | undefined {
  const at = dimensions.findIndex(isSlot)
  const dimension = dimensions[at]
  if (dimension?.kind !== 'time') return undefined
  return { ...slotsOf(day.date, timezone, labelZone, dimension.unit === 'hour' ? 'hour' : 'minute'), at }
}

export function isSlot(dimension: Dimension): boolean {
  return dimension.kind === 'time' && (dimension.unit === 'hour' || dimension.unit === 'minute')
}

function rowAxis(day: Day, dimension: Dimension, context: LabelContext): Groups {
  const slots = isSlot(dimension) ? slotAxis(day, [dimension], context) : undefined
  if (slots) return groupsOf({ codes: slotOfRows(day, slots), labels: slots.labels })
  if (dimension.kind === 'time') return constant(timeLabel(day.date, dimension.unit, context))
  const own = rowColumn(day, dimension)
  if (own) return groupsOf(distinctAxis(dimension, own))
  const fact = visitColumn(day, dimension)
  if (fact) return groupsOf(distinctAxis(dimension, { ...fact, codes: spread(day, fact.codes) }))
  return constant(blankLabel(dimension))
}

function visitAxis(day: Day, dimension: Dimension, context: LabelContext): Groups {
  if (dimension.kind === 'time') return constant(timeLabel(day.date, dimension.unit, context))
  const column =
    dimension.kind === 'event'
      ? doorColumn(day, dimension.field === 'page' ? 'entry_page' : 'entry_page_hostname')
      : visitColumn(day, dimension)
  if (!column) return constant(blankLabel(dimension))
  return groupsOf(distinctAxis(dimension, column))
}

function blankLabel(dimension: Dimension): string {
  return labelsOf(dimension, { codes: new Uint8Array(), values: [''] })[0] as string
}

/** Codes with the same label are one: the number 1 and the text "1", or a text that reads like the absence of a value. */
function distinctAxis(dimension: Dimension, column: Column): Axis {
  const labels = labelsOf(dimension, column)
  const mayRepeat = dimension.kind === 'prop' || (dimension.kind === 'visit' && dimension.inWords)
  if (!mayRepeat && !labels.includes(labels[0] as string, 1)) return { codes: column.codes, labels }
  const firsts = new Map<string, number>()
  const codeOf = Uint32Array.from(labels, (label, code) => {
    const first = firsts.get(label) ?? code
    firsts.set(label, first)
    return first
  })
  return {
    codes: firsts.size < labels.length ? column.codes.map((code) => codeOf[code] as number) : column.codes,
    labels,
  }
}

function groupsOf({ codes, labels }: Axis): Groups {
  return { of: codes, size: labels.length, labels: (group) => [labels[group] as string] }
}

function constant(label: string): Groups {
  return { of: undefined, size: 1, labels: () => [label] }
}

function combine(a: Groups, b: Groups): Groups {
  const labels = (key: number): readonly string[] => [
    ...a.labels(Math.floor(key / b.size)),
    ...b.labels(key % b.size),
  ]
  const size = a.size * b.size
  if (!a.of || !b.of) return { of: b.of ?? a.of, size, labels }
  const [left, right] = [a.of, b.of]
  if (size > PLACES) return number(left, right, b.size, labels)
  const of = new Uint32Array(left.length)
  for (let i = 0; i < of.length; i++) of[i] = (left[i] as number) * b.size + (right[i] as number)
  return { of, size, labels }
}

/** Numbers the combinations that are there. */
function number(left: Codes, right: Codes, rightSize: number, labels: Groups['labels']): Groups {
  const numbers = new Map<number, number>()
  const keys: number[] = []
  const of = new Uint32Array(left.length)
  for (let i = 0; i < of.length; i++) {
    const key = (left[i] as number) * rightSize + (right[i] as number)
    let found = numbers.get(key)
    if (found === undefined) {
      found = keys.length
      numbers.set(key, found)
      keys.push(key)
    }
    of[i] = found
  }
  return { of, size: Math.max(1, keys.length), labels: (group) => labels(keys[group] ?? 0) }
}

function spread({ rows, first, visits }: Day, codes: Codes): Codes {
  const result = codes instanceof Uint32Array ? new Uint32Array(rows) : new Uint16Array(rows)
  for (let visit = 0; visit < visits; visit++)
    result.fill(codes[visit] as number, first[visit], first[visit + 1])
  return result
}

function slotOfRows({ rows, time }: Day, { ofMinute }: Slots): Codes {
  const result = new Uint16Array(rows)
  for (let row = 0; row < rows; row++)
    result[row] = ofMinute[Math.floor((time[row] as number) / 60_000)] as number
  return result
}

/** The label of a day in a series of days, weeks or months. Weeks begin on Monday. */
export function timeLabel(
  date: string,
  unit: string,
  { firstDate }: Pick<LabelContext, 'firstDate'>,
): string {
  if (unit === 'month') return `${date.slice(0, 7)}-01`
  if (unit !== 'week') return date
  const noon = new Date(`${date}T12:00:00Z`)
  const monday = new Date(noon.getTime() - ((noon.getUTCDay() + 6) % 7) * 86_400_000)
    .toISOString()
    .slice(0, 10)
  return monday < firstDate ? firstDate : monday
}
