import { bodyLimits, bodyText, readBody } from '../body.ts'
import type { Layer } from '../context.ts'
import { parseJson } from '../json.ts'

/**
 * Reads a body that is one JSON document, whatever its type says. Throws `too_large`,
 * `unsupported_media_type`, `malformed_body`.
 */
export function document(): Layer {
  return async function document(c, next): Promise<void> {
    c.set('asked', parseJson(bodyText(await readBody(c.req, bodyLimits.document))))
    await next()
  }
}
