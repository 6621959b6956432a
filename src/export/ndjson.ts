import type { KeptEvent } from '../event.ts'
import type { ExportColumns } from './columns.ts'
import { toRow } from './row.ts'
import { lines, toStream } from './stream.ts'

/** Events as NDJSON, a row a line. Rejects if the first of them cannot be read. */
export function ndjson(
  rows: AsyncIterable<KeptEvent>,
  _columns: ExportColumns,
): Promise<ReadableStream<Uint8Array>> {
  return toStream(
    rows,
    lines((row) => `${JSON.stringify(toRow(row))}\n`),
  )
}
