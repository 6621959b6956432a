import type { Breathe } from './scan.ts'
import { inSlices } from './slices.ts'

/** Bytes that are looked at in one go. */
const BYTES = 2_000_000
/** Bytes of lines that are read in one go. */
const BLOCK = 200_000
const NEWLINE = 10

const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** Lines of a text that stays bytes: as many texts would take several times the room. */
export interface Lines {
  /** Empty where there is none. */
  at(line: number): string
}

/** Finds where each of so many lines begins. */
export async function indexLines(
  bytes: Uint8Array | undefined,
  length: number,
  breathe: Breathe,
): Promise<Lines> {
  if (!bytes) return { at: () => '' }
  const starts = new Uint32Array(length + 1).fill(bytes.length + 1)
  starts[0] = 0
  let line = 0
  await inSlices(
    bytes.length,
    breathe,
    (from, to) => {
      for (let i = from; i < to; i++) if (bytes[i] === NEWLINE && line < length) starts[++line] = i + 1
    },
    BYTES,
  )
  return {
    at: (i) => decoder.decode(bytes.subarray(starts[i], Math.max(0, (starts[i + 1] as number) - 1))),
  }
}

/** Reads lines in order, as many in one go as others can wait for. */
export async function readLines(
  bytes: Uint8Array,
  breathe: Breathe,
  take: (lines: readonly string[]) => void,
): Promise<void> {
  for (let from = 0; from < bytes.length; ) {
    if (from > 0) await breathe()
    const end = bytes.indexOf(NEWLINE, Math.min(bytes.length, from + BLOCK))
    const to = end < 0 ? bytes.length : end
    take(decoder.decode(bytes.subarray(from, to)).split('\n'))
    from = to + 1
  }
}
