import { type Dimension, eventFields, OTHER } from '../dimension.ts'
import { ENGAGEMENT, PAGEVIEW, type Scalar, textFields } from '../event.ts'
import { columnsOfDimension } from './axis.ts'
import { type Codec, type Codes, pack, toJsonBytes, toPlanes } from './bytes.ts'
import { type Column, type ColumnName, type Day, fieldOf, kinds } from './day.ts'
import type { FullDay, KeptId } from './open-day.ts'
import type { Breathe } from './scan.ts'
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

/** Parts by which events and visitors can be told again: they are removed 48 hours after receipt. */
export const forgottenParts: readonly string[] = ['ids', 'ids/erased', 'visitors']

/** Columns that are kept as facts of visits, and beside them what single events say otherwise. */
export const factFields: ReadonlySet<ColumnName> = new Set(
  textFields.filter((name) => !eventFields.has(name)),
)

/** Values that a column of a finished day keeps by name; the rarest beyond them become `(other)`. */
export const NAMES_LIMIT = 10_000
const URLS_LIMIT = 2 * NAMES_LIMIT

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

/** Makes of a day the parts of a segment. */
export async function encodeSegment(day: FullDay, options: SegmentOptions): Promise<Parts> {
  const { timezone, namesLimit, breathe, codec } = options
  const columns: Record<string, ColumnHeader> = {}
  const payloads = new Map<string, Uint8Array>()
  putShape(payloads, day)
  putIds(payloads, day)
  for (const name of [...day.columnNames].sort()) {
    const column = day.column(name)
    if (column) columns[name] = putColumn(payloads, name, column, day, namesLimit)
    await breathe()
  }
  putUrls(payloads, day)
  const isTooMany = (dimension: Dimension): boolean =>
    columnsOfDimension(dimension).some((name) => columns[fieldOf(name)]?.isFolded)
  const { summaryFrom = SUMMARY_FROM } = options
  const summaries = day.rows < summaryFrom ? [] : await summarize(day, timezone, isTooMany, breathe)
  for (const { name, tables } of summaries) payloads.set(name, toJsonBytes(tables))
  payloads.set('header', toJsonBytes(headerOf(day, columns, [...payloads.keys()])))
  return packAll(payloads, codec)
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

function putColumn(
  payloads: Map<string, Uint8Array>,
  name: ColumnName,
  column: Column,
  day: FullDay,
  namesLimit: number,
): ColumnHeader {
  const limit = unfolded.has(name) ? Number.POSITIVE_INFINITY : namesLimit
  const { codes, values, counts, isFolded } = rank(column, day.countsOf(name), limit, name === 'name')
  payloads.set(valuesPart(name), toJsonBytes({ values: values.slice(1), counts: counts.slice(1) }))
  if (factFields.has(name)) putFact(payloads, name, codes, day)
  else payloads.set(codesPart(name), toPlanes(codes))
  const isFoldedNow = isFolded || day.folded.has(name)
  return { size: values.length - 1, ...(isFoldedNow && { isFolded: true as const }) }
}

async function packAll(payloads: ReadonlyMap<string, Uint8Array>, codec: Codec): Promise<Parts> {
  return new Map(
    await Promise.all(
      [...payloads].map(async ([name, payload]) => [name, await pack(payload, codec)] as const),
    ),
  )
}

/** `shape`: rows of each visit, then visits of each visitor. `time`: each visit's first, then the other rows' gaps. */
function putShape(payloads: Map<string, Uint8Array>, day: FullDay): void {
  const { rows, visits, named, first, visitorOf, time } = day
  const { high, low } = day.visitorIds
  const sizes = first.subarray(0, visits).map((row, visit) => (first[visit + 1] as number) - row)
  const perVisitor = new Uint32Array(high.length)
  for (let visit = 0; visit < named; visit++) {
    const visitor = visitorOf[visit] as number
    perVisitor[visitor] = (perVisitor[visitor] as number) + 1
  }
  const begins = first.subarray(0, visits).map((row) => time[row] as number)
  const gaps = new Uint32Array(rows - visits)
  eachRest(day, (row, i) => {
    gaps[i] = (time[row] as number) - (time[row - 1] as number)
  })
  payloads.set('shape', join([toPlanes(sizes), toPlanes(perVisitor)]))
  payloads.set('time', join([toPlanes(begins), toPlanes(gaps)]))
  payloads.set('visitors', join([toPlanes(high), toPlanes(low)]))
  if (day.ms) payloads.set('ms', toPlanes(day.ms))
}

/** `ids`: those that are forgotten after 48 h; `ids/dated`: those that stay; a line each, empty where a row has none. */
function putIds(payloads: Map<string, Uint8Array>, day: FullDay): void {
  const recent: string[] = []
  const dated: string[] = []
  for (let row = 0; row < day.rows; row++) {
    const kept = day.idOf(row)
    recent.push(kept && !kept.isDated ? kept.id : '')
    dated.push(kept?.isDated ? kept.id : '')
  }
  putLines(payloads, 'ids', recent)
  putLines(payloads, 'ids/dated', dated)
  putLines(payloads, 'ids/erased', idsOf(day.erasedIds, false))
  putLines(payloads, 'ids/erased/dated', idsOf(day.erasedIds, true))
}

function idsOf(kept: readonly KeptId[], isDated: boolean): string[] {
  return kept.filter((one) => one.isDated === isDated).map(({ id }) => id)
}

function putLines(payloads: Map<string, Uint8Array>, name: string, lines: readonly string[]): void {
  if (lines.some((line) => line !== '')) payloads.set(name, new TextEncoder().encode(lines.join('\n')))
}

/** How many events each page has on each host, where a day has several: what a page given as URL is counted by. */
function putUrls(payloads: Map<string, Uint8Array>, day: FullDay): void {
  const [hosts, pages] = [day.column('hostname'), day.column('page')]
  if (!hosts || !pages) return
  const kind = kindsOf(day)
  const counts = new Map<number, number>()
  const { length } = pages.values
  for (let row = 0; row < day.rows; row++) {
    const host = hosts.codes[row] as number
    const page = pages.codes[row] as number
    if (host === 0 || page === 0 || kind[row] === kinds.engagement) continue
    counts.set(host * length + page, (counts.get(host * length + page) ?? 0) + 1)
  }
  const urls = [...counts]
    .map(([key, n]) => [`${hosts.values[Math.floor(key / length)]}${pages.values[key % length]}`, n] as const)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, URLS_LIMIT)
  payloads.set(
    'urls/values',
    toJsonBytes({ values: urls.map(([url]) => url), counts: urls.map(([, n]) => n) }),
  )
}

/** The visits' facts; and where single events of a visit say otherwise, what they say: 0 the same, else 1 more than the code. */
function putFact(payloads: Map<string, Uint8Array>, name: string, codes: Codes, day: Day): void {
  const { rows, visits, first } = day
  payloads.set(codesPart(name), toPlanes(first.subarray(0, visits).map((row) => codes[row] as number)))
  const rest = new Uint32Array(rows - visits)
  let differs = false
  eachRest(day, (row, i, begin) => {
    if (codes[row] === codes[begin]) return
    rest[i] = (codes[row] as number) + 1
    differs = true
  })
  if (differs) payloads.set(restPart(name), toPlanes(rest))
}

/** Every row that is not the first of its visit, counted on, with its visit's first. */
export function eachRest(
  { visits, first }: Pick<Day, 'visits' | 'first'>,
  look: (row: number, i: number, begin: number) => void,
): void {
  let i = 0
  for (let visit = 0; visit < visits; visit++) {
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

/** Codes by frequency, so that most are small; and of too many values the rarest as one. */
function rank(column: Column, counts: readonly number[], limit: number, areEvents: boolean): Ranked {
  const { values } = column
  const uses = usesOf(column)
  const used = values.flatMap((_, code) => (code > 0 && (uses[code] as number) > 0 ? [code] : []))
  used.sort((a, b) => (uses[b] as number) - (uses[a] as number) || compareScalars(values[a], values[b]))
  const isFolded = used.length > limit
  const mustStay = (code: number): boolean => areEvents && meaningful.has(values[code] as Scalar)
  const kept = isFolded ? keptCodes(used, values, limit, mustStay) : used
  const newCode = new Uint32Array(values.length).fill(isFolded ? kept.length + 1 : 0)
  newCode[0] = 0
  for (const [i, code] of kept.entries()) newCode[code] = i + 1
  const newCounts = Array<number>(kept.length + (isFolded ? 2 : 1)).fill(0)
  for (const code of used) {
    const at = newCode[code] as number
    newCounts[at] = (newCounts[at] as number) + (counts[code] ?? 0)
  }
  const names = kept.map((code) => values[code] as Scalar)
  return {
    codes: recoded(column.codes, newCode),
    values: ['', ...names, ...(isFolded ? [OTHER] : [])],
    counts: newCounts,
    isFolded,
  }
}

/** The most frequent codes, and with them those that must stay. */
function keptCodes(
  used: readonly number[],
  values: readonly Scalar[],
  limit: number,
  mustStay: (code: number) => boolean,
): readonly number[] {
  const names = used.filter((code) => values[code] !== OTHER)
  return names.filter((code, i) => i < limit || mustStay(code))
}

/** How many rows have each code. */
function usesOf({ codes, values }: Column): Uint32Array {
  const uses = new Uint32Array(values.length)
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number
    uses[code] = (uses[code] as number) + 1
  }
  return uses
}

function recoded(codes: Codes, newCode: Uint32Array): Uint32Array {
  const result = new Uint32Array(codes.length)
  for (let row = 0; row < codes.length; row++) result[row] = newCode[codes[row] as number] as number
  return result
}

function compareScalars(a: Scalar | undefined, b: Scalar | undefined): number {
  const [left, right] = [`${a}${typeof a}`, `${b}${typeof b}`]
  return left < right ? -1 : left > right ? 1 : 0
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
