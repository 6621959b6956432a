import type { Reply, ReplyHeaders } from './reply.ts'

/** The smallest GIF: one transparent dot, 43 bytes. */
const GIF: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=='),
  (letter) => letter.charCodeAt(0),
)

const usual = {
  'Content-Type': 'image/gif',
  'Content-Length': String(GIF.length),
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

/** An image of one dot, for pages of any site, which nobody keeps. */
export function gif(status: number = 200, headers: ReplyHeaders = {}): Reply {
  return { status, body: GIF, headers: { ...usual, ...headers } }
}
