import type { Layer } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { gif } from '../gif.ts'
import { hasEventField } from '../ingest/beacon.ts'
import type { Reply } from '../reply.ts'

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
    return gif(200, refused === undefined ? {} : { 'Skerry-Refused': refused })
  }
}
