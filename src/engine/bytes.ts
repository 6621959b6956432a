/** How columns become bytes: whole numbers as planes or varints, checksummed and deflated. `docs/segment-format.md` describes it. */

/** Arrays that codes and numbers are kept in, as narrow as their largest value lets them be. */
export type Codes = Uint8Array | Uint16Array | Uint32Array

/** A part that is not what was written; the message names no more than the fault. */
export class DamagedError extends Error {}

/** Bytes of the checksum, and with the form. */
const SUM = 4
const HEADER = 5

/** How a payload is packed: as it is, or deflated. */
const forms = { plain: 0, deflated: 1 } as const

/** Bytes that are summed up in one go. */
const SUM_SLICE = 2_000_000

/** Fewer bytes hardly shrink, and a stream for them costs more than it saves. */
const DEFLATE_FROM = 128

/** Deflate (RFC 1951) and CRC-32 (ISO 3309) as a platform has them at their fastest. `inflate` rejects what is not deflated. */
export interface Codec {
  /** `before`: the sum of the bytes that come before these. */
  readonly crc32: (bytes: Uint8Array, before?: number) => number
  deflate(bytes: Uint8Array): Promise<Uint8Array>
  inflate(bytes: Uint8Array): Promise<Uint8Array>
}

/** The codec that every platform has. */
export const streamCodec: Codec = {
  crc32,
  deflate: (bytes) => transform(bytes, new CompressionStream('deflate-raw')),
  inflate: (bytes) => transform(bytes, new DecompressionStream('deflate-raw')),
}

async function transform(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const body = new Response(bytes as Uint8Array<ArrayBuffer>).body
  if (!body) return new Uint8Array()
  return new Uint8Array(await new Response(body.pipeThrough(stream)).arrayBuffer())
}

/** A payload with its checksum and form in front, deflated if it is worth it. */
export async function pack(
  payload: Uint8Array,
  codec: Codec,
  breathe?: () => Promise<void>,
): Promise<Uint8Array> {
  const isSmall = payload.length < DEFLATE_FROM
  const body = isSmall ? payload : await codec.deflate(payload)
  const bytes = new Uint8Array(HEADER + body.length)
  bytes[SUM] = isSmall ? forms.plain : forms.deflated
  bytes.set(body, HEADER)
  new DataView(bytes.buffer).setUint32(0, await sumOf(bytes.subarray(SUM), codec, breathe), true)
  return bytes
}

/** The payload of a packed part. Throws `DamagedError`. */
export async function unpack(
  bytes: Uint8Array,
  codec: Codec,
  breathe?: () => Promise<void>,
): Promise<Uint8Array> {
  if (bytes.length < HEADER) throw new DamagedError('it is cut short')
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  if ((await sumOf(bytes.subarray(SUM), codec, breathe)) !== sum)
    throw new DamagedError('its checksum is wrong')
  const form = bytes[SUM]
  const body = bytes.subarray(HEADER)
  if (form === forms.plain) return body
  if (form !== forms.deflated) throw new DamagedError('it has an unknown form')
  try {
    return await codec.inflate(body)
  } catch {
    throw new DamagedError('it does not inflate')
  }
}

/** The checksum of bytes, a slice at a time. */
async function sumOf(
  bytes: Uint8Array,
  { crc32 }: Codec,
  breathe: () => Promise<void> = async () => {},
): Promise<number> {
  let sum = 0
  for (let at = 0; at < bytes.length; at += SUM_SLICE) {
    if (at > 0) await breathe()
    sum = crc32(bytes.subarray(at, at + SUM_SLICE), sum)
  }
  return sum
}

/**
 * Whole numbers as planes: one byte says how many bytes each has, then all lowest bytes, then all
 * second ones, and so on. High planes are mostly zero, and deflate to almost nothing.
 */
export function toPlanes(numbers: Codes): Uint8Array {
  const width = widthOf(numbers)
  const { length } = numbers
  const bytes = new Uint8Array(1 + width * length)
  bytes[0] = width
  for (let plane = 0; plane < width; plane++) {
    const at = 1 + plane * length
    const shift = plane * 8
    for (let i = 0; i < length; i++) bytes[at + i] = (numbers[i] as number) >>> shift
  }
  return bytes
}

/**
 * The numbers of planes that stand one after another, `lengths` of them, in arrays of 16 bits where they fit.
 * Throws `DamagedError` if the bytes are not just those.
 */
export function fromPlanes(
  bytes: Uint8Array,
  lengths: readonly number[],
): readonly (Uint16Array | Uint32Array)[] {
  let at = 0
  const sections = lengths.map((length) => {
    const width = bytes[at] ?? 0
    const section = bytes.subarray(at + 1, at + 1 + width * length)
    at += 1 + width * length
    if (width > 4 || at > bytes.length) throw new DamagedError('it has another length')
    return width <= 2 ? fromTwoPlanes(section, width, length) : fromWidePlanes(section, width, length)
  })
  if (at !== bytes.length) throw new DamagedError('it has another length')
  return sections
}

function fromWidePlanes(bytes: Uint8Array, width: number, length: number): Uint32Array {
  const numbers = new Uint32Array(length)
  for (let plane = 0; plane < width; plane++) {
    const at = plane * length
    const shift = plane * 8
    for (let i = 0; i < length; i++)
      numbers[i] = (numbers[i] as number) | ((bytes[at + i] as number) << shift)
  }
  return numbers
}

function fromTwoPlanes(bytes: Uint8Array, width: number, length: number): Uint16Array {
  const numbers = new Uint16Array(length)
  if (width === 1) numbers.set(bytes)
  if (width < 2) return numbers
  for (let i = 0; i < length; i++) numbers[i] = (bytes[i] as number) | ((bytes[length + i] as number) << 8)
  return numbers
}

function widthOf(numbers: Codes): number {
  let largest = 0
  for (let i = 0; i < numbers.length; i++)
    if ((numbers[i] as number) > largest) largest = numbers[i] as number
  if (largest === 0) return 0
  return largest < 0x100 ? 1 : largest < 0x10000 ? 2 : largest < 0x1000000 ? 3 : 4
}

const encoder: TextEncoder = new TextEncoder()
const decoder: TextDecoder = new TextDecoder()

export function toJsonBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

export function fromJsonBytes(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes))
}

const CRC: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  return sum >>> 0
})

/** CRC-32 as of ISO 3309 and zlib. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let sum = before ^ 0xffffffff
  for (let i = 0; i < bytes.length; i++)
    sum = (CRC[(sum ^ (bytes[i] as number)) & 0xff] as number) ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
