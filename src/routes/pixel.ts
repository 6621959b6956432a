import type { Layer } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { hasEventField } from '../ingest/beacon.ts'
import type { Reply } from '../reply.ts'

/** The smallest GIF: one transparent dot, 43 bytes. */
const GIF: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=='),
  (letter) => letter.charCodeAt(0),
)

const headers = {
  'Content-Type': 'image/gif',
  'Content-Length': String(GIF.length),
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

/**
 * A layer around `validate` and `collect` that makes an image of their answer. A broken image would be
 * shown on somebody's page, so a faulty field is told in `Skerry-Refused` only. A HEAD counts nothing.
 */
export function pixel(): Layer {
  return async function pixel(c, next): Promise<Reply> {
    if (!hasEventField(new URL(c.req.url).searchParams)) {
      throw new SkerryError('method_not_allowed', { headers: { Allow: 'POST' } })
    }
    let refused: string | undefined
    if (c.req.method !== 'HEAD') {
      try {
        await next()
        refused = c.get('reply')?.headers['Skerry-Refused']
      } catch (error) {
        if (!(error instanceof SkerryError) || error.status !== 422) throw error
        refused = error.code
      }
    }
    return { status: 200, body: GIF, headers: { ...headers, ...(refused && { 'Skerry-Refused': refused }) } }
  }
}
