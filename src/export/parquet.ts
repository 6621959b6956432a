import type { KeptEvent, Scalar } from '../event.ts'
import { type Column, type ExportColumns, toColumns } from './columns.ts'
import { Bytes } from './parquet-bytes.ts'
import { toElement, writeChunk } from './parquet-column.ts'
import { i32, i64, list, struct, text, type Value } from './parquet-thrift.ts'
import { type RowEncoder, toStream } from './stream.ts'

/** Rows are gathered until there are this many, or this many characters in them, and written as a row group. */
export const rowGroupLimits = { rows: 10_000, characters: 4_000_000 } as const

/** What a file begins and ends with. */
const MAGIC = new TextEncoder().encode('PAR1')

/**
 * Events as Parquet (https://parquet.apache.org/docs/file-format), in dictionaries and runs, otherwise not compressed. Values of attributes are
 * their text, properties are JSON text. Never more than a row group is held, beside what the file's footer says of
 * those before. Rejects if the first event cannot be read.
 */
export function parquet(
  rows: AsyncIterable<KeptEvent>,
  columns: ExportColumns,
): Promise<ReadableStream<Uint8Array>> {
  return toStream(rows, rowGroups(toColumns(columns)))
}

function rowGroups(columns: readonly Column[]): RowEncoder {
  const written: WrittenGroup[] = []
  let group = emptyGroup(columns)
  let out = new Bytes()
  /** Bytes given away before those in `out`. */
  let given = 0
  out.bytes(MAGIC)

  function write(): void {
    if (group.rows > 0) written.push(writeGroup(out, group, given))
    group = emptyGroup(columns)
  }

  function take(): Uint8Array {
    const bytes = out.written
    given += bytes.length
    out = new Bytes()
    return bytes
  }

  return {
    add(row): Uint8Array | undefined {
      addRow(group, row)
      if (group.rows < rowGroupLimits.rows && group.characters < rowGroupLimits.characters) return undefined
      write()
      return take()
    },
    end(): Uint8Array {
      write()
      writeFooter(out, columns, written)
      return take()
    },
  }
}

interface RowGroup {
  rows: number
  characters: number
  readonly columns: readonly { readonly column: Column; readonly data: (Scalar | undefined)[] }[]
}

function emptyGroup(columns: readonly Column[]): RowGroup {
  return { rows: 0, characters: 0, columns: columns.map((column) => ({ column, data: [] })) }
}

function addRow(group: RowGroup, row: KeptEvent): void {
  group.rows++
  for (const { column, data } of group.columns) {
    const value = column.read(row)
    const isText = column.kind === 'text' || column.kind === 'decimal'
    const stored = isText && value !== undefined ? String(value) : value
    if (typeof stored === 'string') group.characters += stored.length
    data.push(stored)
  }
}

/** What the footer says of a row group. */
interface WrittenGroup {
  readonly rows: number
  /** Its `RowGroup`. */
  readonly value: Value
}

function writeGroup(out: Bytes, { rows, columns }: RowGroup, given: number): WrittenGroup {
  const start = out.length
  const chunks = columns.map(({ column, data }) => writeChunk(out, column, data, given + out.length))
  const value = struct({
    1: list(chunks),
    2: i64(out.length - start),
    3: i64(rows),
    5: i64(given + start),
    6: i64(out.length - start),
  })
  return { rows, value }
}

/**
 * Writes `FileMetaData`, its length and the magic. Without field 7, column orders (of each type its own), readers
 * may not trust the statistics. `version` is 1 in files for every reader.
 */
function writeFooter(out: Bytes, columns: readonly Column[], groups: readonly WrittenGroup[]): void {
  const { bytes } = struct({
    1: i32(1),
    2: list([struct({ 4: text('events'), 5: i32(columns.length) }), ...columns.map(toElement)]),
    3: i64(groups.reduce((sum, { rows }) => sum + rows, 0)),
    4: list(groups.map(({ value }) => value)),
    6: text('skerry'),
    7: list(columns.map(() => struct({ 1: struct({}) }))),
  })
  out.bytes(bytes)
  out.int(bytes.length, 4)
  out.bytes(MAGIC)
}
