/** Redis clients and Upstash's REST carry text, so bytes are kept as base64 (RFC 4648). */

/** Bytes that one call may spread as arguments. */
const CHUNK = 8192

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  return btoa(text)
}

/** The bytes of a text; none if it is not base64, which whoever checks the bytes will notice. */
export function fromBase64(text: string): Uint8Array {
  const binary = decoded(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

function decoded(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}
