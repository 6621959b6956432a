/**
 * Text as everything after ingest may rely on it: well-formed UTF-16 without C0 control characters
 * (U+0000 to U+001F), which truncate, split or hide text wherever it goes next.
 */
export function cleanText(text: string): string {
  if (text.isWellFormed() && !CONTROL.test(text)) return text
  return text.toWellFormed().replace(/\p{Cc}/gu, (control) => (control < ' ' ? '' : control))
}

const CONTROL = /\p{Cc}/u

const encoder: TextEncoder = new TextEncoder()

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length
}

/** Whether a text has at most so many bytes in UTF-8. */
export function fitsBytes(text: string, limit: number): boolean {
  return text.length * 3 <= limit || byteLength(text) <= limit
}

const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Strict UTF-8: a byte order mark is dropped; undefined if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
