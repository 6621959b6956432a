import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRaw, inflateRawSync } from 'node:zlib'
import type { Codec } from '../../src/engine/bytes.ts'

/** Fewer deflated bytes are inflated in a millisecond or two, less than handing them to another thread and back. */
const SMALL = 200_000

const inflateElsewhere = promisify<Uint8Array, { chunkSize: number }, Uint8Array>(inflateRaw)

/** Node's zlib. What would take long is done on another thread. */
export const zlibCodec: Codec = {
  crc32,
  deflate: promisify(deflateRaw),
  async inflate(bytes): Promise<Uint8Array> {
    const chunkSize = Math.max(16_384, Math.min(8 * bytes.length, 4_000_000))
    return bytes.length < SMALL
      ? inflateRawSync(bytes, { chunkSize })
      : inflateElsewhere(bytes, { chunkSize })
  },
}
