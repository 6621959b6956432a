import { type Dimension, eventFields, OTHER } from '../dimension.ts'
import { ENGAGEMENT, PAGEVIEW, type Scalar, textFields } from '../event.ts'
import { columnsOfDimension } from './axis.ts'
import { type Codec, type Codes, pack, toJsonBytes, toPlanes } from './bytes.ts'
import { attributeName, type Column, type ColumnName, type Day, fieldOf, kinds, propName } from './day.ts'
import { gatherSlowly } from './gather.ts'
import { numberIn } from './histogram.ts'
import type { FullDay, KeptId } from './open-day.ts'
import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'
import { type Compare, sortSlowly } from './slow-sort.ts'
import { SUMMARY_FROM, summarize } from './summary.ts'
import { kindsOf } from './visit.ts'

/** The version of the form that `docs/segment-format.md` describes. */
export const SEGMENT_FORMAT = 1

/** Packed parts of a segment, by name. */
export type Parts = ReadonlyMap<string, Uint8Array>

/** What a segment says of itself, in its part `header`. */
export interface SegmentHeader {
  readonly format: number
  readonly date: string
  readonly start: number
  readonly rows: number
  readonly visits: number
  readonly named: number
  readonly visitors: number
  readonly count: number
  readonly lastReceived: number
  readonly columns: Readonly<Record<string, ColumnHeader>>
  /** Names of all parts. */
  readonly parts: readonly string[]
}

export interface ColumnHeader {
  /** Different values. */
  readonly size: number
  /** Rare values were folded into `(other)`. */
  readonly isFolded?: true
}

/** Names of a column's parts. The kind comes first, since a property's key may be any text. */
export function codesPart(column: ColumnName): string {
  return `codes/${column}`
}

export function valuesPart(column: ColumnName): string {
  return `values/${column}`
}

export function restPart(column: ColumnName): string {
  return `rest/${column}`
}

/** Host and path as one text, and how many events have each: a dictionary without a column. */
export const URLS_PART = 'urls/values'

/** Parts by which events and visitors can be told again: they are removed 48 hours after receipt. */
export const forgottenParts: readonly string[] = ['ids', 'ids/erased', 'visitors']

/** Columns that are kept as facts of visits, and beside them what single events say otherwise. */
export const factFields: ReadonlySet<ColumnName> = new Set(
  textFields.filter((name) => !eventFields.has(name)),
)

/** Values that a column of a finished day keeps by name; the rarest beyond them become `(other)`. */
export const NAMES_LIMIT = 10_000
const URLS_LIMIT = 2 * NAMES_LIMIT

/** Different numbers that a property or attribute keeps beside names, so that percentiles of them are exact. */
export const NUMBERS_LIMIT = 100_000

/** Ids that are written in one go. */
const IDS = 10_000

const encoder: TextEncoder = new TextEncoder()

/** Columns whose values are no names: none of them may become another. */
const unfolded: ReadonlySet<ColumnName> = new Set(['revenue', 'depth', 'interactive'])

/** Names of events that say how an event counts. */
const meaningful: ReadonlySet<Scalar> = new Set([PAGEVIEW, ENGAGEMENT])

export interface SegmentOptions {
  /** The collection's. */
  readonly timezone: string
  /** How many values each column keeps by name. */
  readonly namesLimit: number
  readonly breathe: Breathe
  readonly codec: Codec
  /** Events from which on a day has summaries. */
  readonly summaryFrom?: number
}

/** Makes of a day the parts of a segment. However large it is, others go on in between, and a column at a time is in memory. */
export async function encodeSegment(day: FullDay, options: SegmentOptions): Promise<Parts> {
  const { timezone, namesLimit, breathe, codec } = options
  const columns: Record<string, ColumnHeader> = {}
  const packer = createPacker(codec, breathe)
  await putShape(packer, day, breathe)
  await putIds(packer, day, breathe)
  await day.prepare(['name', 'interactive', 'hostname', 'page'], breathe)
  for (const name of [...day.columnNames].sort()) {
    await breathe()
    const column = await day.readColumn(name, breathe)
    if (column) columns[name] = await putColumn(packer, name, column, day, { namesLimit, breathe })
  }
  await putUrls(packer, day, breathe)
  const isTooMany = (dimension: Dimension): boolean =>
    columnsOfDimension(dimension).some((name) => columns[fieldOf(name)]?.isFolded)
  const { summaryFrom = SUMMARY_FROM } = options
  const summaries = day.rows < summaryFrom ? [] : await summarize(day, timezone, isTooMany, breathe)
  for (const { name, tables } of summaries) await packer.put(name, toJsonBytes(tables))
  await packer.put('header', toJsonBytes(headerOf(day, columns, packer.names)))
  return packer.parts()
}

/** Packs payloads one after the other: each while the next one is made. */
interface Packer {
  readonly names: readonly string[]
  put(name: string, payload: Uint8Array): Promise<void>
  parts(): Promise<Parts>
}

function createPacker(codec: Codec, breathe: Breathe): Packer {
  const names: string[] = []
  const parts = new Map<string, Uint8Array>()
  let last: Promise<void> = Promise.resolve()

  async function packOne(name: string, payload: Uint8Array): Promise<void> {
    parts.set(name, await pack(payload, codec, breathe))
  }

  return {
    names,
    async put(name, payload): Promise<void> {
      await last
      names.push(name)
      last = packOne(name, payload)
      // Whoever waits for it next is told; until then nobody is.
      last.catch(() => {})
    },
    async parts(): Promise<Parts> {
      await last
      return parts
    },
  }
}

function headerOf(day: FullDay, columns: SegmentHeader['columns'], parts: readonly string[]): SegmentHeader {
  const { date, start, rows, visits, named, count, lastReceived } = day
  const visitors = day.visitorIds.high.length
  return {
    format: SEGMENT_FORMAT,
    date,
    start,
    rows,
    visits,
    named,
    visitors,
    count,
    lastReceived,
    columns,
    parts: ['header', ...parts],
  }
}

async function putColumn(
  packer: Packer,
  name: ColumnName,
  column: Column,
  day: FullDay,
  { namesLimit, breathe }: Pick<SegmentOptions, 'namesLimit' | 'breathe'>,
): Promise<ColumnHeader> {
  const limit = unfolded.has(name) ? Number.POSITIVE_INFINITY : namesLimit
  const areNumbersKept = name.startsWith(propName('')) || name.startsWith(attributeName(''))
  const ranked = await rank(column, day.countsOf(name), {
    limit,
    numbersLimit: areNumbersKept ? NUMBERS_LIMIT : 0,
    areEvents: name === 'name',
    breathe,
  })
  const { codes, values, counts, isFolded } = ranked
  await packer.put(valuesPart(name), toJsonBytes({ values: values.slice(1), counts: counts.slice(1) }))
  if (factFields.has(name)) await putFact(packer, name, codes, day, breathe)
  else await packer.put(codesPart(name), toPlanes(codes))
  const isFoldedNow = isFolded || day.folded.has(name)
  return { size: values.length - 1, ...(isFoldedNow && { isFolded: true as const }) }
}

/** `shape`: rows of each visit, then visits of each visitor. `time`: each visit's first, then the other rows' gaps. */
async function putShape(packer: Packer, day: FullDay, breathe: Breathe): Promise<void> {
  const { rows, visits, named, first, visitorOf, time } = day
  const { high, low } = day.visitorIds
  const sizes = first.subarray(0, visits).map((row, visit) => (first[visit + 1] as number) - row)
  const perVisitor = new Uint32Array(high.length)
  await inSlices(named, breathe, (from, to) => {
    for (let visit = from; visit < to; visit++) {
      const visitor = visitorOf[visit] as number
      perVisitor[visitor] = (perVisitor[visitor] as number) + 1
    }
  })
  const begins = first.subarray(0, visits).map((row) => time[row] as number)
  const gaps = new Uint32Array(rows - visits)
  await eachRestSlowly(day, breathe, (row, i) => {
    gaps[i] = (time[row] as number) - (time[row - 1] as number)
  })
  await packer.put('shape', join([toPlanes(sizes), toPlanes(perVisitor)]))
  await breathe()
  await packer.put('time', join([toPlanes(begins), toPlanes(gaps)]))
  await packer.put('visitors', join([toPlanes(high), toPlanes(low)]))
  if (day.ms) await packer.put('ms', toPlanes(day.ms))
}

/** `ids`: those that are forgotten after 48 h; `ids/dated`: those that stay; a line each, empty where a row has none. */
async function putIds(packer: Packer, day: FullDay, breathe: Breathe): Promise<void> {
  const recent: Uint8Array[] = []
  const dated: Uint8Array[] = []
  let [hasRecent, hasDated] = [false, false]
  await inSlices(
    day.rows,
    breathe,
    (from, to) => {
      const kept = Array.from({ length: to - from }, (_, i) => day.idOf(from + i))
      hasRecent ||= kept.some((one) => one?.isDated === false)
      hasDated ||= kept.some((one) => one?.isDated)
      const end = to < day.rows ? '\n' : ''
      recent.push(lines(kept.map((one) => (one && !one.isDated ? one.id : ''))), lines([end]))
      dated.push(lines(kept.map((one) => (one?.isDated ? one.id : ''))), lines([end]))
    },
    IDS,
  )
  if (hasRecent) await packer.put('ids', join(recent))
  if (hasDated) await packer.put('ids/dated', join(dated))
  for (const [name, ids] of [
    ['ids/erased', idsOf(day.erasedIds, false)],
    ['ids/erased/dated', idsOf(day.erasedIds, true)],
  ] as const)
    if (ids.length > 0) await packer.put(name, lines(ids))
}

function idsOf(kept: readonly KeptId[], isDated: boolean): string[] {
  return kept.filter((one) => one.isDated === isDated).map(({ id }) => id)
}

function lines(all: readonly string[]): Uint8Array {
  return encoder.encode(all.join('\n'))
}

/** How many events each page has on each host, where a day has several: what a page given as URL is counted by. */
async function putUrls(packer: Packer, day: FullDay, breathe: Breathe): Promise<void> {
  const [hosts, pages] = [day.column('hostname'), day.column('page')]
  if (!hosts || !pages) return
  const kind = kindsOf(day)
  const counts = new Map<number, number>()
  const { length } = pages.values
  await inSlices(day.rows, breathe, (from, to) => {
    for (let row = from; row < to; row++) {
      const host = hosts.codes[row] as number
      const page = pages.codes[row] as number
      if (host === 0 || page === 0 || kind[row] === kinds.engagement) continue
      counts.set(host * length + page, (counts.get(host * length + page) ?? 0) + 1)
    }
  })
  const keys = [...counts.keys()]
  const uses = [...counts.values()]
  const urlAt = (i: number): string => {
    const key = keys[i] as number
    return `${hosts.values[Math.floor(key / length)]}${pages.values[key % length]}`
  }
  const order = Uint32Array.from(keys, (_, i) => i)
  await sortSlowly(
    order,
    (a, b) => (uses[b] as number) - (uses[a] as number) || (urlAt(a) < urlAt(b) ? -1 : 1),
    breathe,
  )
  const first = [...order.subarray(0, URLS_LIMIT)]
  const urls = { values: first.map(urlAt), counts: first.map((i) => uses[i] as number) }
  await packer.put(URLS_PART, toJsonBytes(urls))
}

/** The visits' facts; and where single events of a visit say otherwise, what they say: 0 the same, else 1 more than the code. */
async function putFact(
  packer: Packer,
  name: string,
  codes: Codes,
  day: Day,
  breathe: Breathe,
): Promise<void> {
  const { rows, visits, first } = day
  const facts = first.subarray(0, visits).map((row) => codes[row] as number)
  await packer.put(codesPart(name), toPlanes(facts))
  const rest = new Uint32Array(rows - visits)
  let differs = false
  await eachRestSlowly(day, breathe, (row, i, begin) => {
    if (codes[row] === codes[begin]) return
    rest[i] = (codes[row] as number) + 1
    differs = true
  })
  if (differs) await packer.put(restPart(name), toPlanes(rest))
}

type LookAtRest = (row: number, i: number, begin: number) => void

/** Every row that is not the first of its visit, counted on, with its visit's first. */
export function eachRest(day: Pick<Day, 'visits' | 'first'>, look: LookAtRest): void {
  restOf(day, 0, day.visits, look)
}

async function eachRestSlowly(
  day: Pick<Day, 'visits' | 'first'>,
  breathe: Breathe,
  look: LookAtRest,
): Promise<void> {
  await inSlices(day.visits, breathe, (from, to) => restOf(day, from, to, look))
}

/** Before a visit stand as many rows that are not the first of theirs as there are rows, less one for each visit. */
function restOf({ first }: Pick<Day, 'first'>, from: number, to: number, look: LookAtRest): void {
  let i = (first[from] as number) - from
  for (let visit = from; visit < to; visit++) {
    const begin = first[visit] as number
    for (let row = begin + 1; row < (first[visit + 1] as number); row++) look(row, i++, begin)
  }
}

interface Ranked {
  readonly codes: Uint32Array
  readonly values: readonly Scalar[]
  readonly counts: readonly number[]
  readonly isFolded: boolean
}

interface Ranking {
  readonly limit: number
  /** Numbers that are kept beside so many names; 0: they count as names. */
  readonly numbersLimit: number
  readonly areEvents: boolean
  readonly breathe: Breathe
}

/** Codes by frequency, so that most are small; and of too many values the rarest as one. */
async function rank(column: Column, counts: readonly number[], ranking: Ranking): Promise<Ranked> {
  const { values } = column
  const used = await byUse(column, ranking.breathe)
  const kept = used.length > ranking.limit ? keptCodes(used, values, ranking) : used
  const isFolded = kept.length < used.length
  const newCode = new Uint32Array(values.length).fill(isFolded ? kept.length + 1 : 0)
  newCode[0] = 0
  for (const [i, code] of kept.entries()) newCode[code] = i + 1
  const newCounts = Array<number>(kept.length + (isFolded ? 2 : 1)).fill(0)
  for (const code of used) {
    const at = newCode[code] as number
    newCounts[at] = (newCounts[at] as number) + (counts[code] ?? 0)
  }
  const names = Array.from(kept, (code) => values[code] as Scalar)
  return {
    codes: (await gatherSlowly(newCode, column.codes, ranking.breathe)) as Uint32Array,
    values: ['', ...names, ...(isFolded ? [OTHER] : [])],
    counts: newCounts,
    isFolded,
  }
}

/** The codes that rows have, the most frequent first. */
async function byUse(column: Column, breathe: Breathe): Promise<Uint32Array> {
  const { values } = column
  const uses = await usesOf(column, breathe)
  const used = Uint32Array.from(values, (_, code) => code).filter(
    (code) => code > 0 && (uses[code] as number) > 0,
  )
  const byFrequency: Compare = (a, b) =>
    (uses[b] as number) - (uses[a] as number) || compareScalars(values[a], values[b])
  await sortSlowly(used, byFrequency, breathe)
  return used
}

/** The most frequent codes, and with them those that must stay. */
function keptCodes(
  used: Uint32Array,
  values: readonly Scalar[],
  { limit, numbersLimit, areEvents }: Ranking,
): Uint32Array {
  let [names, numbers] = [0, 0]
  return used.filter((code) => {
    const value = values[code] as Scalar
    if (value === OTHER) return false
    if (numbersLimit > 0 && !Number.isNaN(numberIn(value))) return numbers++ < numbersLimit
    return names++ < limit || (areEvents && meaningful.has(value))
  })
}

/** How many rows have each code. */
async function usesOf({ codes, values }: Column, breathe: Breathe): Promise<Uint32Array> {
  const uses = new Uint32Array(values.length)
  await inSlices(codes.length, breathe, (from, to) => {
    for (let row = from; row < to; row++) {
      const code = codes[row] as number
      uses[code] = (uses[code] as number) + 1
    }
  })
  return uses
}

/** By text, and of the same text by type. */
function compareScalars(a: Scalar | undefined, b: Scalar | undefined): number {
  const [left, right] = [String(a), String(b)]
  if (left === right) return typeof a < typeof b ? -1 : typeof a > typeof b ? 1 : 0
  return left < right ? -1 : 1
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
