import { promisify } from 'node:util'
import { deflateRaw, inflateRawSync } from 'node:zlib'
import type { Codec } from '../../src/engine/bytes.ts'

/** Node's zlib. Inflating a column takes a millisecond or two, less than handing it to another thread and back. */
export const zlibCodec: Codec = {
  deflate: promisify(deflateRaw),
  inflate: async (bytes) => inflateRawSync(bytes),
}
