import type { Layer } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { isKnown } from '../etag.ts'
import { type Gzip, gzipped } from '../gzip.ts'
import { empty, type Reply } from '../reply.ts'
import type { StaticFiles } from '../static-files.ts'

export interface StaticFileOptions {
  readonly files: StaticFiles
  readonly gzip?: Gzip | undefined
}

/** A file of the pages. Under the address that tells its content it is kept for a year. */
export function staticFile({ files, gzip }: StaticFileOptions): Layer {
  return async function staticFile(c): Promise<Reply> {
    const found = await files.file(c.req.param('file') ?? '')
    if (!found) throw new SkerryError('not_found')
    const isNamed = c.req.query('v') === found.version
    const headers = {
      'Cache-Control': isNamed ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: `W/"${found.version}"`,
      'Content-Type': found.type,
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
    }
    if (isKnown(headers.ETag, c.req.header('if-none-match'))) return empty(304, headers)
    return gzipped(c, { status: 200, body: found.text, headers }, gzip)
  }
}
