import type { SkerryContext } from './context.ts'
import type { Reply } from './reply.ts'

/** Compresses a stream so that each piece can be read as soon as it was written. */
export type Gzip = (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>

/** A reply as the client takes it. Without `gzip` the platform compresses by itself. */
export function gzipped(c: SkerryContext, reply: Reply, gzip: Gzip | undefined): Reply {
  const headers = { ...reply.headers, Vary: 'Accept-Encoding, Cookie, Origin' }
  const stream = new Response(reply.body).body
  if (!gzip || !takesGzip(c) || stream === null) return { ...reply, headers }
  return { ...reply, body: gzip(stream), headers: { ...headers, 'Content-Encoding': 'gzip' } }
}

/** Whether a client says that it reads gzip. */
export function takesGzip(c: SkerryContext): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(c.req.header('accept-encoding') ?? '')
}
