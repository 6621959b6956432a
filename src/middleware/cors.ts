import type { Layer, SkerryContext } from '../context.ts'
import { matchesOrigin } from '../origin.ts'

export interface CorsOptions {
  /** Whether pages of other sites send to this path; all other paths are for their own origin and the definition's `embed`. */
  readonly isCollect: (path: string) => boolean
  /** Origins that may read a path from a browser. */
  readonly embedOf: (path: string) => Promise<readonly string[]>
}

/**
 * Lets pages of other sites send (a JSON `sendBeacon` is preflighted and credentialed) and those that a
 * definition's `embed` lists read. No cookie is ever read or set. A preflight answers alike for every
 * collection: which origins may send is judged at the POST, once the collection is known.
 */
export function cors({ isCollect, embedOf }: CorsOptions): Layer {
  return async function cors(c, next): Promise<Response | void> {
    const origin = c.req.header('origin')
    if (origin === undefined) return next()
    const path = c.req.path
    const collects = isCollect(path)
    const mayRead = collects || matchesOrigin(origin, await embedOf(path))
    c.header('Vary', 'Origin')
    if (mayRead) allow(c, origin)
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined
    if (isPreflight && mayRead) return preflight(c)
    try {
      await next()
    } finally {
      if (collects && !mayKnow(c, origin)) forbid(c)
    }
  }
}

function allow(c: SkerryContext, origin: string): void {
  c.header('Access-Control-Allow-Origin', origin)
  c.header('Access-Control-Allow-Credentials', 'true')
  c.header('Access-Control-Expose-Headers', 'Skerry-Refused, Retry-After, Server-Timing')
}

function forbid(c: SkerryContext): void {
  if (c.finalized) c.res.headers.delete('Access-Control-Allow-Origin')
  else c.header('Access-Control-Allow-Origin', undefined)
}

function preflight(c: SkerryContext): Response {
  const asked = c.req.header('access-control-request-headers')
  c.header('Access-Control-Allow-Methods', 'GET, HEAD, POST')
  if (asked !== undefined && asked.length <= 1000) c.header('Access-Control-Allow-Headers', asked)
  c.header('Access-Control-Max-Age', '86400')
  return c.body(null, 204)
}

/** An origin that the collection does not list gets no leave to read the answer. */
function mayKnow(c: SkerryContext, origin: string): boolean {
  const origins = c.get('collection')?.definition.origins ?? []
  return origins.length === 0 || matchesOrigin(origin, origins)
}
