import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRawSync } from 'node:zlib'
import type { Codec } from '../../src/engine/bytes.ts'

/** Node's zlib. Inflating a column takes a millisecond or two, less than handing it to another thread and back. */
export const zlibCodec: Codec = {
  crc32,
  deflate: promisify(deflateRaw),
  inflate: async (bytes) => inflateRawSync(bytes, { chunkSize: Math.max(16_384, 8 * bytes.length) }),
}
