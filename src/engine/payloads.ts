import type { Scalar } from '../event.ts'
import { type Codes, DamagedError, fromJsonBytes, fromPlanes } from './bytes.ts'
import { type Column, type ColumnName, fieldOf } from './day.ts'
import { NOBODY } from './row-order.ts'
import { codesPart, eachRest, restPart, type SegmentHeader, valuesPart } from './segment.ts'

/** Unpacked parts of a segment, by name. */
export type Payloads = ReadonlyMap<string, Uint8Array>

/** Where visits begin, and whose they are. */
export interface Shape {
  readonly first: Uint32Array
  readonly visitorOf: Uint32Array
}

/** The payloads that were read, and what is already unpacked, of one segment. */
export interface Contents {
  readonly header: SegmentHeader
  readonly shape: Shape
  readonly payloads: Payloads
}

/** The parts that a column is made from. */
export function partsOf(name: ColumnName): readonly string[] {
  if (name === 'time' || name === 'ms') return [name]
  const field = fieldOf(name)
  return [codesPart(field), valuesPart(field)]
}

export function decode(
  name: ColumnName,
  { header, shape, payloads }: Contents,
): Column | Uint32Array | Codes | undefined {
  if (name === 'time') return timeOf(payloads, header, shape)
  if (name === 'ms') return planesOf(payloads, 'ms', header.rows)
  const isFact = name.startsWith('visit/')
  const field = fieldOf(name)
  if (!Object.hasOwn(header.columns, field)) return undefined
  const codes = planesOf(payloads, codesPart(field), isFact ? header.visits : header.rows)
  return codes && { codes, values: valuesOf(payloads, field).values }
}

export function shapeOf(payloads: Payloads, { rows, visits, visitors, named }: SegmentHeader): Shape {
  const payload = payloads.get('shape')
  if (!payload) throw new DamagedError('it is missing')
  const [sizes = [], perVisitor = []] = fromPlanes(payload, [visits, visitors])
  const first = new Uint32Array(visits + 1)
  for (let visit = 0; visit < visits; visit++)
    first[visit + 1] = (first[visit] as number) + (sizes[visit] as number)
  if (first[visits] !== rows) throw new DamagedError('its visits have another number of rows')
  const visitorOf = new Uint32Array(visits).fill(NOBODY, named)
  let visit = 0
  for (let visitor = 0; visitor < visitors; visitor++)
    for (let i = perVisitor[visitor] as number; i > 0; i--) visitorOf[visit++] = visitor
  if (visit !== named) throw new DamagedError('its visitors have another number of visits')
  return { first, visitorOf }
}

export function timeOf(payloads: Payloads, { rows, visits }: SegmentHeader, { first }: Shape): Uint32Array {
  const payload = payloads.get('time')
  if (!payload) throw new DamagedError('it is missing')
  const [begins = [], gaps = []] = fromPlanes(payload, [visits, rows - visits])
  const time = new Uint32Array(rows)
  let gap = 0
  for (let visit = 0; visit < visits; visit++) {
    const end = first[visit + 1] as number
    let at = begins[visit] as number
    time[first[visit] as number] = at
    for (let row = (first[visit] as number) + 1; row < end; row++) {
      at += gaps[gap++] as number
      time[row] = at
    }
  }
  return time
}

export function planesOf(
  payloads: Payloads,
  name: string,
  length: number,
): Uint16Array | Uint32Array | undefined {
  const payload = payloads.get(name)
  return payload && fromPlanes(payload, [length])[0]
}

interface Values {
  readonly values: readonly Scalar[]
  readonly counts: readonly number[]
}

export function valuesOf(payloads: Payloads, name: string): Values {
  return dictionaryOf(payloads, valuesPart(name))
}

export function dictionaryOf(payloads: Payloads, part: string): Values {
  const payload = payloads.get(part)
  if (!payload) return { values: [''], counts: [0] }
  const { values, counts } = fromJsonBytes(payload) as Values
  return { values: ['', ...values], counts: [0, ...counts] }
}

export function linesOf(payloads: Payloads, name: string): readonly string[] {
  const payload = payloads.get(name)
  return payload
    ? new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(payload).split('\n')
    : []
}

/** Bytes in memory, about. */
export function sizeOf(made: Column | Codes | undefined): number {
  if (!made) return 16
  if (!('values' in made && 'codes' in made)) return made.byteLength
  const texts = made.values.reduce<number>((sum, value) => sum + 24 + String(value).length, 0)
  return made.codes.byteLength + texts
}

/** What each event itself says of a field that is kept as a fact of its visit. */
export function ownCodes(
  payloads: Payloads,
  field: string,
  { rows, visits }: SegmentHeader,
  { first }: Shape,
): Codes {
  const facts = planesOf(payloads, codesPart(field), visits) ?? new Uint16Array(visits)
  const rest = planesOf(payloads, restPart(field), rows - visits)
  const codes = new Uint32Array(rows)
  for (let visit = 0; visit < visits; visit++)
    codes.fill(facts[visit] as number, first[visit], first[visit + 1])
  if (rest) {
    eachRest({ visits, first }, (row, i) => {
      if (rest[i] !== 0) codes[row] = (rest[i] as number) - 1
    })
  }
  return codes
}

/** Once they have been forgotten, visitors are told apart by where they stand. */
export function visitorIdsOf(payloads: Payloads, visitors: number): { high: Uint32Array; low: Uint32Array } {
  const payload = payloads.get('visitors')
  const [high, low] = payload ? fromPlanes(payload, [visitors, visitors]) : []
  return {
    high: high ? Uint32Array.from(high) : new Uint32Array(visitors),
    low: low ? Uint32Array.from(low) : Uint32Array.from({ length: visitors }, (_, i) => i),
  }
}
