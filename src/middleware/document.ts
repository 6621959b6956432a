import { bodyLimits, bodyText, readBody } from '../body.ts'
import type { Layer } from '../context.ts'
import { parseJson } from '../json.ts'

/**
 * Reads a body that is one JSON document, whatever its type says, and hands on a request that is
 * typed as JSON, as validators want it. Throws `too_large`, `unsupported_media_type`, `malformed_body`.
 */
export function document(): Layer {
  return async function document(c, next): Promise<void> {
    const text = bodyText(await readBody(c.req, bodyLimits.document))
    parseJson(text)
    c.req.raw = new Request(c.req.url, {
      method: c.req.method,
      headers: { 'Content-Type': 'application/json' },
      body: text,
    })
    c.req.bodyCache = {}
    await next()
  }
}
