import { isObject, tryParse } from '../json.ts'
import { accessLog } from './access-log.ts'
import { createCsvReader } from './csv-records.ts'
import { goatcounter } from './goatcounter.ts'
import { caddyLog, nginxLog } from './json-log.ts'
import { ndjsonLines } from './ndjson.ts'
import { plausible } from './plausible.ts'
import type { LineFormat, TableFormat } from './reading.ts'
import { umami } from './umami.ts'

/** All that can be imported. The first that a file's first line fits is its format. */
export const formats: readonly (LineFormat | TableFormat)[] = [
  plausible,
  umami,
  goatcounter,
  caddyLog,
  nginxLog,
  ndjsonLines,
  accessLog,
]

/** The format of a file that begins with this line; else why there is none. */
export function formatOf(line: string): LineFormat | TableFormat | string {
  const columns = columnsOf(line)
  const found = formats.find((format) =>
    format.kind === 'table' ? format.matches(columns) : format.matches(line),
  )
  if (found) return found
  const areSums = ['visitors', 'visits', 'pageviews', 'views'].some((name) => columns.has(name))
  return areSums
    ? 'these are sums of days, not events: of what they were sums nobody can tell any more'
    : 'the format cannot be told by the first line'
}

/** The names of a table's columns, or of the members of a JSON object. */
function columnsOf(line: string): ReadonlySet<string> {
  const value = line.startsWith('{') ? tryParse(line) : undefined
  if (isObject(value)) return new Set(Object.keys(value))
  const reader = createCsvReader()
  const [names = []] = [...reader.push(line), ...reader.end()]
  return new Set(names)
}
