import type { Layer } from '../context.ts'
import { counterscaleCache } from '../dialects/counterscale.ts'
import type { Reply } from '../reply.ts'

export interface CacheOptions {
  readonly now: () => number
}

/** What Counterscale's tracker asks before each page view. */
export function cache({ now }: CacheOptions): Layer {
  return async function cache(c): Promise<Reply> {
    return counterscaleCache(c.req.header('if-modified-since'), now())
  }
}
