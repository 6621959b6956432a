import type { Layer } from '../context.ts'
import { isKnown } from '../etag.ts'
import { type Gzip, takesGzip } from '../gzip.ts'
import { digestOf } from '../key.ts'
import type { Asset } from '../lists.ts'
import { empty, type Reply, type ReplyHeaders } from '../reply.ts'

export interface FileOptions {
  readonly asset: Asset
  readonly name: string
  readonly type: string
  /** Its Content-Security-Policy, if it is a page. */
  readonly policy?: string
  /** Undefined: the platform compresses by itself. */
  readonly gzip?: Gzip | undefined
}

const script = { type: 'text/javascript; charset=utf-8' } as const
/** What pages of any site load, and where a visitor says not to be counted: only our own script runs there, in no frame. */
export const publicFiles: Readonly<Record<string, Pick<FileOptions, 'name' | 'type' | 'policy'>>> = {
  's.js': { name: 's.js', ...script },
  'vitals.js': { name: 'vitals.js', ...script },
  'errors.js': { name: 'errors.js', ...script },
  'outbox.js': { name: 'outbox.js', ...script },
  'optout.js': { name: 'optout.js', ...script },
  optout: {
    name: 'optout.html',
    type: 'text/html; charset=utf-8',
    policy:
      "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  },
}

/** A file as it is sent: each encoding is another, with a tag of its own. */
interface Form {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly headers: ReplyHeaders
}

const DAY_S = 86_400

/** A file of `assets/` for any page, compressed once: browsers keep it for a day, and ask again with its ETag. */
export function file(options: FileOptions): Layer {
  let plain: Form | undefined
  let packed: Form | undefined
  return async function file(c): Promise<Reply> {
    plain ??= await read(options)
    packed ??= await pack(plain, options.gzip)
    const { body, headers } = takesGzip(c) ? packed : plain
    if (isKnown(headers.ETag, c.req.header('if-none-match'))) return empty(304, headers)
    return { status: 200, body, headers: { ...headers, 'Content-Type': options.type } }
  }
}

async function read({ asset, name, policy, gzip }: FileOptions): Promise<Form> {
  const body = await asset(name)
  const digest = await digestOf(body)
  const headers = {
    ETag: `"${digest.slice(0, 16)}"`,
    'Cache-Control': `public, max-age=${DAY_S}, stale-while-revalidate=${7 * DAY_S}`,
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
    ...(gzip && { Vary: 'Accept-Encoding, Origin' }),
    ...(policy && { 'Content-Security-Policy': policy, 'Referrer-Policy': 'no-referrer' }),
  }
  return { body, headers }
}

async function pack(plain: Form, gzip: Gzip | undefined): Promise<Form> {
  const stream = new Response(plain.body).body
  if (!gzip || !stream) return plain
  const body = new Uint8Array(await new Response(gzip(stream)).arrayBuffer())
  const etag = plain.headers.ETag?.replace(/"$/, '-gzip"') ?? ''
  return { body, headers: { ...plain.headers, ETag: etag, 'Content-Encoding': 'gzip' } }
}
