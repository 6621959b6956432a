import type { Layer, SkerryContext } from '../context.ts'
import type { Asset } from '../lists.ts'
import { empty, type Reply } from '../reply.ts'

export interface FileOptions {
  readonly asset: Asset
  readonly name: string
  readonly type: string
}

const DAY_S = 86_400

/**
 * A file of `assets/` for any page: browsers keep it for a day, and ask again with its ETag. Compression is
 * left to what stands in front, since it is one packet either way.
 */
export function file({ asset, name, type }: FileOptions): Layer {
  let known: { readonly text: string; readonly etag: string } | undefined
  return async function file(c): Promise<Reply> {
    known ??= await read()
    const headers = {
      ETag: known.etag,
      'Cache-Control': `public, max-age=${DAY_S}, stale-while-revalidate=${7 * DAY_S}`,
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'X-Content-Type-Options': 'nosniff',
    }
    if (isKnown(c, known.etag)) return empty(304, headers)
    return { status: 200, body: known.text, headers: { ...headers, 'Content-Type': type } }
  }

  async function read(): Promise<{ text: string; etag: string }> {
    const text = await asset(name)
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    const hex = Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, '0'))
    return { text, etag: `"${hex.join('')}"` }
  }
}

/** RFC 9110, 13.1.2: any of the tags, weak or not. */
function isKnown(c: SkerryContext, etag: string): boolean {
  const tags = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
