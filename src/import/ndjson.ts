import { isObject, refuseDeep, tryParse } from '../json.ts'
import { type LineFormat, unreadable } from './reading.ts'

/** Lines of events as `GET /:collection/events` gives and `POST /:collection` takes them, each with its `time`. */
export const ndjsonLines: LineFormat = {
  name: 'ndjson',
  meaning: 'lines of JSON with the fields of docs/api.md, such as `skerry export` writes',
  kind: 'lines',
  matches: (line) => isObject(line.startsWith('{') ? tryParse(line) : undefined),
  read(line) {
    const value = tryParse(line)
    return isObject(value) && value.time !== undefined && !isDeep(value) ? { item: value } : unreadable
  },
}

/** A server refuses all of a batch for one of these. */
function isDeep(value: unknown): boolean {
  try {
    refuseDeep(value)
    return false
  } catch {
    return true
  }
}
