import { ByteWriter, ParquetWriter } from 'hyparquet-writer/src/index.js'
import type { KeptEvent, Scalar } from '../event.ts'
import { type Column, type ExportColumns, toColumns } from './columns.ts'
import { type RowEncoder, toStream } from './stream.ts'

/** Rows are gathered until there are this many, or this many characters in them, and written as a row group. */
export const rowGroupLimits = { rows: 10_000, characters: 4_000_000 } as const

/**
 * Events as Parquet, compressed with Snappy. Values of attributes are their text, properties are JSON text.
 * Never more than a row group is held, beside what the file's footer says of those before. Rejects if the
 * first event cannot be read.
 */
export function parquet(
  rows: AsyncIterable<KeptEvent>,
  columns: ExportColumns,
): Promise<ReadableStream<Uint8Array>> {
  return toStream(rows, rowGroups(toColumns(columns)))
}

function rowGroups(columns: readonly Column[]): RowEncoder {
  const writer = new ByteWriter()
  const file = new ParquetWriter({ writer, schema: toSchema(columns), statistics: false })
  let group = emptyGroup(columns)

  function write(): void {
    const columnData = group.columns.map(({ column, data }) => ({
      name: column.name,
      data,
      statistics: column.kind === 'time',
      offsetIndex: false,
    }))
    if (group.rows > 0) file.write({ columnData, rowGroupSize: group.rows })
    group = emptyGroup(columns)
  }

  function take(): Uint8Array {
    const bytes = writer.getBytes().slice()
    // The buffer is used again; `writer.offset` goes on to count the file.
    writer.index = 0
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
      file.finish()
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

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']

function toSchema(columns: readonly Column[]): Schema {
  return [{ name: 'events', num_children: columns.length }, ...columns.map(toElement)]
}

function toElement({ name, kind }: Column): Schema[number] {
  if (kind === 'number') return { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }
  if (kind === 'boolean') return { name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' }
  if (kind !== 'time') {
    const logical_type = { type: 'STRING' } as const
    return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type, repetition_type: 'OPTIONAL' }
  }
  const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const
  return {
    name,
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type,
    repetition_type: 'REQUIRED',
  }
}
