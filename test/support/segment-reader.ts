import { crc32, inflateRawSync } from 'node:zlib'

// Written from docs/segment-format.md alone, and sharing no code with src/engine: what it cannot read, the page
// does not say, or the writer does not keep to.

export type Value = string | number | boolean

export interface ReadHeader {
  readonly format: number
  readonly date: string
  readonly start: number
  readonly rows: number
  readonly count: number
  readonly visits: number
  readonly named: number
  readonly visitors: number
  readonly lastReceived: number
  readonly columns: Readonly<Record<string, { readonly size: number; readonly isFolded?: true }>>
  readonly parts: readonly string[]
}

export interface ReadEvent extends Readonly<Record<string, unknown>> {
  readonly time: number
  /** 16 hex digits; absent for nobody, and for all once visitors are forgotten. */
  readonly visitor?: string
  readonly id?: string
  readonly name?: string
  readonly ms?: number
  readonly depth?: number
  readonly interactive?: boolean
  readonly revenue?: { readonly amount: string; readonly currency: string }
  readonly attributes?: Readonly<Record<string, Value>>
  readonly props?: Readonly<Record<string, Value>>
}

export interface ReadVisit {
  /** Number of its first row. */
  readonly first: number
  readonly rows: number
  /** Number of its visitor in this segment; absent for nobody. */
  readonly visitor?: number
  /** Those of its first row. */
  readonly facts: Readonly<Record<string, Value>>
}

export interface ReadSegment {
  readonly header: ReadHeader
  /** One for each row, in the order of rows. */
  readonly events: readonly ReadEvent[]
  readonly visits: readonly ReadVisit[]
}

type Parts = ReadonlyMap<string, Uint8Array>
type Entry = readonly [name: string, value: Value]

const ofRows = new Set([
  'name',
  'page',
  'hostname',
  'title',
  'refusal',
  'bot',
  'interactive',
  'depth',
  'revenue',
])
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** All that is in `parts`; who wants less of a segment gives fewer. */
export function readSegment(parts: Parts): ReadSegment {
  for (const name of parts.keys()) readPart(parts, name)
  const header = readJson<ReadHeader>(parts, 'header')
  if (header.format !== 1) throw new Error(`Format ${header.format} is not known here`)
  const shapes = readShapes(parts, header)
  const firsts = new Set(shapes.map(({ first }) => first))
  const times = readTimes(parts, header, firsts)
  const visitors = readVisitors(parts, header)
  const engaged = parts.has('ms') ? readPlanes(parts, 'ms', [header.rows])[0] : []
  const ids = ['ids', 'ids/dated'].map((part) => readLines(parts, part, header.rows))
  const visitorOfRow = shapes.flatMap(({ rows, visitor }) => Array<number | undefined>(rows).fill(visitor))

  const entries = Array.from({ length: header.rows }, (): Entry[] => [])
  const facts = shapes.map((): Entry[] => [])
  for (const column of Object.keys(header.columns)) {
    const isFact = !ofRows.has(column) && !column.startsWith('attributes/') && !column.startsWith('props/')
    const codes = isFact
      ? readFact(parts, column, header, shapes)
      : readCodes(parts, `codes/${column}`, header.rows)
    const values = readDictionary(parts, `values/${column}`).map(([value]) => value)
    codes.forEach((code, row) => {
      if (code > 0) entries[row]?.push([column, at(values, code - 1)])
    })
    if (isFact)
      for (const [visit, { first }] of shapes.entries()) {
        const code = at(codes, first)
        if (code > 0) facts[visit]?.push([column, at(values, code - 1)])
      }
  }

  const events = entries.map((own, row): ReadEvent => {
    const visitor = visitorOfRow[row] === undefined ? undefined : visitors?.[visitorOfRow[row]]
    const id = ids.map((lines) => lines[row]).find((line) => line)
    const ms = engaged?.[row]
    return {
      time: at(times, row),
      ...(visitor !== undefined && { visitor }),
      ...(id && { id }),
      ...fieldsOf(own),
      ...(ms && { ms: ms - 1 }),
    }
  })
  return { header, events, visits: shapes.map((shape, i) => ({ ...shape, facts: toObject(at(facts, i)) })) }
}

/** Values in a part, the most frequent first, and how many events without engagement have them. */
export function readDictionary(parts: Parts, name: string): [value: Value, count: number][] {
  const { values, counts } = readJson<{ values: readonly Value[]; counts: readonly number[] }>(parts, name)
  if (values.length !== counts.length) throw damaged(name, `${values.length} values, ${counts.length} counts`)
  return values.map((value, i) => [value, at(counts, i)])
}

// ── Rows and visits ──

type Shape = Omit<ReadVisit, 'facts'>

function readShapes(parts: Parts, { rows, visits, named, visitors }: ReadHeader): Shape[] {
  const [lengths = [], visitsOf = []] = readPlanes(parts, 'shape', [visits, visitors])
  const visitorOf = visitsOf.flatMap((count, visitor) => Array<number>(count).fill(visitor))
  if (visitorOf.length !== named) throw damaged('shape', `visits of visitors are not ${named}`)
  let first = 0
  const shapes = lengths.map((length, visit) => {
    const visitor = visitorOf[visit]
    const shape = { first, rows: length, ...(visitor !== undefined && { visitor }) }
    first += length
    return shape
  })
  if (first !== rows) throw damaged('shape', `rows of visits are not ${rows}`)
  return shapes
}

function readTimes(parts: Parts, { start, rows, visits }: ReadHeader, firsts: ReadonlySet<number>): number[] {
  const [beginnings = [], steps = []] = readPlanes(parts, 'time', [visits, rows - visits])
  let [visit, step, time] = [0, 0, 0]
  return Array.from({ length: rows }, (_, row) => {
    time = firsts.has(row) ? start + at(beginnings, visit++) : time + at(steps, step++)
    return time
  })
}

/** Undefined once they are forgotten. */
function readVisitors(parts: Parts, { visitors }: ReadHeader): string[] | undefined {
  if (!parts.has('visitors')) return
  const [high = [], low = []] = readPlanes(parts, 'visitors', [visitors, visitors])
  return high.map((one, i) => [one, at(low, i)].map((half) => half.toString(16).padStart(8, '0')).join(''))
}

// ── Columns ──

function readCodes(parts: Parts, part: string, length: number): number[] {
  return readPlanes(parts, part, [length])[0] ?? []
}

/** The code of each row. */
function readFact(parts: Parts, column: string, header: ReadHeader, shapes: readonly Shape[]): number[] {
  const codes = readCodes(parts, `codes/${column}`, header.visits)
  const rest = parts.has(`rest/${column}`)
    ? readCodes(parts, `rest/${column}`, header.rows - header.visits)
    : undefined
  let other = 0
  return shapes.flatMap(({ rows }, visit) => {
    const code = at(codes, visit)
    const others = Array.from({ length: rows - 1 }, () => {
      const own = rest ? at(rest, other++) : 0
      return own === 0 ? code : own - 1
    })
    return [code, ...others]
  })
}

function fieldsOf(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  const under = (prefix: string): Entry[] =>
    entries.flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : []))
  const plain = entries.filter(([name]) => !name.includes('/') && name !== 'revenue')
  const [amount = '', currency = ''] = String(entries.find(([name]) => name === 'revenue')?.[1] ?? '').split(
    ' ',
  )
  const [attributes, props] = [under('attributes/'), under('props/')]
  return {
    ...toObject(plain),
    ...(amount && { revenue: { amount, currency } }),
    ...(attributes.length > 0 && { attributes: toObject(attributes) }),
    ...(props.length > 0 && { props: toObject(props) }),
  }
}

function toObject(entries: readonly Entry[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(entries)
}

// ── Parts ──

/** A line for each row; none where the segment has no such part. */
function readLines(parts: Parts, name: string, rows: number): string[] {
  if (!parts.has(name)) return []
  const lines = decoder.decode(readPart(parts, name)).split('\n')
  if (lines.length !== rows) throw damaged(name, `${lines.length} lines, not ${rows}`)
  return lines
}

function readJson<T>(parts: Parts, name: string): T {
  return JSON.parse(decoder.decode(readPart(parts, name)))
}

/** As many numbers as each of `lengths` says, and not a byte after them. */
function readPlanes(parts: Parts, name: string, lengths: readonly number[]): number[][] {
  const bytes = readPart(parts, name)
  let offset = 0
  const numbers = lengths.map((length) => {
    const width = bytes[offset++] ?? 5
    if (width > 4) throw damaged(name, `no width of planes: ${width}`)
    const planes = bytes.subarray(offset, offset + width * length)
    offset += width * length
    return Array.from({ length }, (_, i) => {
      let number = 0
      for (let plane = width - 1; plane >= 0; plane--) number = number * 256 + at(planes, plane * length + i)
      return number
    })
  })
  if (offset !== bytes.length) throw damaged(name, `${bytes.length} bytes, not ${offset}`)
  return numbers
}

function readPart(parts: Parts, name: string): Uint8Array {
  const part = parts.get(name)
  if (!part) throw new Error(`The segment has no part ${name}`)
  if (part.length < 5) throw damaged(name, 'too short')
  const sum = new DataView(part.buffer, part.byteOffset).getUint32(0, true)
  if (crc32(part.subarray(4)) !== sum) throw damaged(name, 'checksum')
  const form = part[4]
  if (form !== 0 && form !== 1) throw damaged(name, `no form: ${form}`)
  return form === 1 ? inflateRawSync(part.subarray(5)) : part.subarray(5)
}

function damaged(name: string, why: string): Error {
  return new Error(`Part ${name} is damaged: ${why}`)
}

function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index]
  if (value === undefined) throw new Error(`There is no number ${index} among ${list.length}`)
  return value
}
