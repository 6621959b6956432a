import type { Layer, SkerryContext } from '../context.ts'
import { matchesOrigin } from '../origin.ts'
import { empty, type Reply } from '../reply.ts'

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
  return async function cors(c, next): Promise<Reply | void> {
    const origin = c.req.header('origin')
    if (origin === undefined) return next()
    const path = c.req.path
    const collects = isCollect(path)
    const mayRead = collects || matchesOrigin(origin, await embedOf(path))
    const headers = c.get('headers')
    headers.Vary = 'Origin'
    if (mayRead) allow(headers, origin)
    if (mayRead && isPreflight(c)) return preflight(c.req.header('access-control-request-headers'))
    try {
      await next()
    } finally {
      if (collects && !mayKnow(c, origin)) delete headers['Access-Control-Allow-Origin']
    }
  }
}

function isPreflight({ req }: SkerryContext): boolean {
  return req.method === 'OPTIONS' && req.header('access-control-request-method') !== undefined
}

function allow(headers: Record<string, string>, origin: string): void {
  headers['Access-Control-Allow-Origin'] = origin
  headers['Access-Control-Allow-Credentials'] = 'true'
  headers['Access-Control-Expose-Headers'] = 'Skerry-Refused, Retry-After, Server-Timing'
}

function preflight(asked: string | undefined): Reply {
  return empty(204, {
    'Access-Control-Allow-Methods': 'GET, HEAD, POST',
    ...(asked !== undefined && asked.length <= 1000 && { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': '86400',
  })
}

/** An origin that a collection does not list gets no leave to read the answer. */
function mayKnow(c: SkerryContext, origin: string): boolean {
  const named = c.get('collection')
  const collections = named ? [named] : (c.get('beacons') ?? []).map(({ collection }) => collection)
  return collections.every(
    ({ definition: { origins } }) => origins.length === 0 || matchesOrigin(origin, origins),
  )
}
