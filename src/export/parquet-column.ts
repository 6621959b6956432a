import type { Scalar } from '../event.ts'
import type { Column } from './columns.ts'
import { Bytes } from './parquet-bytes.ts'
import { encodings, widthOf, writePlain, writeRuns } from './parquet-encodings.ts'
import { binary, i32, i64, list, struct, TRUE, text, type Value } from './parquet-thrift.ts'

/** `Type` in parquet.thrift: BOOLEAN, INT64, DOUBLE, BYTE_ARRAY. */
const types = { boolean: 0, time: 2, number: 5, text: 6, decimal: 6 } as const
const repetitions = { required: 0, optional: 1 } as const
const codecs = { uncompressed: 0 } as const
const pages = { data: 0, dictionary: 2 } as const

/** What bytes mean: `ConvertedType`, which old readers know, and `LogicalType` in parquet.thrift. */
const UTF8 = { converted: i32(0), logical: struct({ 1: struct({}) }) }
const TIMESTAMP_MILLIS = {
  converted: i32(9),
  logical: struct({ 8: struct({ 1: TRUE, 2: struct({ 1: struct({}) }) }) }),
}

/** A `SchemaElement`. Every column may be empty in a row, but for the time. */
export function toElement({ name, kind }: Column): Value {
  const meanings = {
    time: TIMESTAMP_MILLIS,
    text: UTF8,
    decimal: UTF8,
    number: undefined,
    boolean: undefined,
  }
  return struct({
    1: i32(types[kind]),
    3: i32(kind === 'time' ? repetitions.required : repetitions.optional),
    4: text(name),
    6: meanings[kind]?.converted,
    10: meanings[kind]?.logical,
  })
}

/**
 * Writes a column of a row group, at `offset` in the file: a page of values (data page v1), before it one of the
 * texts they refer to if these repeat. Gives its `ColumnChunk`.
 */
export function writeChunk(
  out: Bytes,
  { name, kind }: Column,
  cells: readonly (Scalar | undefined)[],
  offset: number,
): Value {
  const start = out.length
  const values = cells.filter((cell) => cell !== undefined)
  const dictionary = kind === 'text' || kind === 'decimal' ? toDictionary(values) : undefined
  const encoding = dictionary ? encodings.rleDictionary : encodings.plain
  if (dictionary) writeDictionary(out, kind, dictionary.texts)
  const dataOffset = offset + out.length - start

  const body = new Bytes()
  if (kind !== 'time') writeLevels(body, cells)
  if (dictionary) writePlaces(body, dictionary)
  else writePlain(body, kind, values)
  const header = { 1: i32(cells.length), 2: i32(encoding), 3: i32(encodings.rle), 4: i32(encodings.rle) }
  writePage(out, pages.data, body.written, { 5: struct(header) })

  const metadata = struct({
    1: i32(types[kind]),
    2: list([...new Set([encodings.plain, encodings.rle, encoding])].map(i32)),
    3: list([text(name)]),
    4: i32(codecs.uncompressed),
    5: i64(cells.length),
    6: i64(out.length - start),
    7: i64(out.length - start),
    9: i64(dataOffset),
    11: dictionary && i64(offset),
    12: kind === 'time' ? toStatistics(values.map(Number)) : undefined,
  })
  return struct({ 2: i64(0), 3: metadata })
}

interface Dictionary {
  readonly texts: readonly Scalar[]
  /** Where each of the column's values is in `texts`. */
  readonly places: readonly number[]
}

/** None if the values hardly repeat: a text has to come twice, on average. */
function toDictionary(values: readonly Scalar[]): Dictionary | undefined {
  const known = new Map<Scalar, number>()
  const places: number[] = []
  for (const value of values) {
    const place = known.get(value) ?? known.size
    if (place === known.size) known.set(value, place)
    if (known.size * 2 > values.length) return undefined
    places.push(place)
  }
  return places.length > 0 ? { texts: [...known.keys()], places } : undefined
}

function writeDictionary(out: Bytes, kind: Column['kind'], texts: readonly Scalar[]): void {
  const body = new Bytes()
  writePlain(body, kind, texts)
  const header = struct({ 1: i32(texts.length), 2: i32(encodings.plain) })
  writePage(out, pages.dictionary, body.written, { 7: header })
}

/** Definition levels: 1 where the row has a value. In a data page v1 their length comes first. */
function writeLevels(body: Bytes, cells: readonly (Scalar | undefined)[]): void {
  const levels = new Bytes()
  writeRuns(
    levels,
    cells.map((cell) => (cell === undefined ? 0 : 1)),
    1,
  )
  body.int(levels.length, 4)
  body.bytes(levels.written)
}

/** RLE_DICTIONARY: the width of places, then the places. */
function writePlaces(body: Bytes, { texts, places }: Dictionary): void {
  const width = widthOf(texts.length)
  body.byte(width)
  writeRuns(body, places, width)
}

/** Writes a page after its `PageHeader`. */
function writePage(out: Bytes, type: number, body: Uint8Array, header: Record<number, Value>): void {
  const { bytes } = struct({ 1: i32(type), 2: i32(body.length), 3: i32(body.length), ...header })
  out.bytes(bytes)
  out.bytes(body)
}

/** `Statistics` of the times, by which readers pass over row groups: no nulls, the last and the first. */
function toStatistics(times: readonly number[]): Value {
  const bound = (time: number): Value => {
    const bytes = new Bytes()
    writePlain(bytes, 'time', [time])
    return binary(bytes.written)
  }
  return struct({ 3: i64(0), 5: bound(Math.max(...times)), 6: bound(Math.min(...times)) })
}
