import { isObject, tryParse } from '../json.ts'
import { createCsvReader } from './csv-records.ts'
import { formatOf } from './formats.ts'
import {
  type ImportOptions,
  type LineFormat,
  type Reading,
  type Row,
  type TableFormat,
  unreadable,
} from './reading.ts'

/** One record of a file: what is to be told of it, and what became of it. */
export interface FileRecord {
  /** Its text, or its cells, by which it is the same record elsewhere. */
  readonly text: string
  readonly reading: Reading
}

/** A file as it is read, whatever its format. */
export interface FileReader {
  readonly format: LineFormat | TableFormat
  push(text: string): readonly FileRecord[]
  end(): readonly FileRecord[]
}

/** Characters of a line; a longer one is no event. */
const LINE_LIMIT = 262_144

/** Reads a file that begins with this text, by the format that is given or that its first line tells. Gives why it cannot be. */
export function openFile(
  start: string,
  options: ImportOptions,
  given?: LineFormat | TableFormat,
): FileReader | string {
  const [first = ''] = start.replace(/^\ufeff/, '').split(/\r?\n/, 1)
  const format = given ?? formatOf(first)
  if (typeof format === 'string') return format
  if (format.kind === 'lines') return lineReader(format, (line) => format.read(line, options))
  return first.startsWith('{')
    ? lineReader(format, (line) => readJsonRow(line, format, options))
    : tableReader(format, options)
}

function lineReader(format: FileReader['format'], read: (line: string) => Reading): FileReader {
  let rest = ''
  const recordOf = (line: string): readonly FileRecord[] => {
    const text = line.replace(/^\ufeff/, '').replace(/\r$/, '')
    return text.trim() === '' ? [] : [{ text, reading: text.length > LINE_LIMIT ? unreadable : read(text) }]
  }
  return {
    format,
    push(text): readonly FileRecord[] {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      // What a line without end is cut to is still too long to be an event.
      if (rest.length > LINE_LIMIT) rest = rest.slice(0, LINE_LIMIT + 1)
      return lines.flatMap(recordOf)
    },
    end: () => recordOf(rest),
  }
}

function tableReader(format: TableFormat, options: ImportOptions): FileReader {
  const csv = createCsvReader()
  let columns: readonly string[] | undefined
  const recordsOf = (rows: readonly (readonly string[])[]): readonly FileRecord[] =>
    rows.flatMap((cells) => {
      if (columns === undefined) {
        columns = cells.map((name) => name.replace(/^\ufeff/, ''))
        return []
      }
      const isWhole = cells.length === columns.length
      const row: Row = Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']))
      return [{ text: cells.join('\u001f'), reading: isWhole ? format.read(row, options) : unreadable }]
    })
  return { format, push: (text) => recordsOf(csv.push(text)), end: () => recordsOf(csv.end()) }
}

function readJsonRow(line: string, format: TableFormat, options: ImportOptions): Reading {
  const value = tryParse(line)
  if (!isObject(value)) return unreadable
  const cells = Object.entries(value).map(([name, cell]) => [
    name,
    typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : String(cell ?? ''),
  ])
  return format.read(Object.fromEntries(cells), options)
}
