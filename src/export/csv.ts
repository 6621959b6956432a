import type { KeptEvent } from '../event.ts'
import { type Column, type ExportColumns, toColumns } from './columns.ts'
import { lines, toStream } from './stream.ts'

/**
 * Events as CSV (RFC 4180) with a line of names. A text that a spreadsheet would take for a formula gets a `'`
 * in front. Rejects if the first event cannot be read.
 */
export function csv(
  rows: AsyncIterable<KeptEvent>,
  columns: ExportColumns,
): Promise<ReadableStream<Uint8Array>> {
  const table = toColumns(columns)
  const head = table.map(({ name }) => quoted(name))
  return toStream(
    rows,
    lines((row) => record(table.map((column) => cell(column, row))), record(head)),
  )
}

/** A line of CSV with cells of any kind. */
export function csvRecord(cells: readonly (string | number | null | undefined)[]): string {
  return record(cells.map((value) => (typeof value === 'string' ? textCell(value) : String(value ?? ''))))
}

function record(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`
}

/** What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"), full-width forms included. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^\s*[\t\r\n]/

function cell({ kind, read }: Column, row: KeptEvent): string {
  const value = read(row)
  if (value === undefined) return ''
  if (kind === 'time') return new Date(Number(value)).toISOString()
  if (typeof value !== 'string' || kind === 'decimal') return String(value)
  return textCell(value)
}

/** A text as a cell: quoted where it must be, and no formula. */
export function textCell(value: string): string {
  return quoted(FORMULA.test(value) ? `'${value}` : value)
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
