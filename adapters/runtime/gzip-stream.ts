import { Duplex } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Gzip } from '../../src/gzip.ts'

/** Gzip that lets each piece out at once, as `CompressionStream` does not. */
export const gzipStream: Gzip = (body) => {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
  return body.pipeThrough(Duplex.toWeb(gzip) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>)
}
