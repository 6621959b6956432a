import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificate.ts'

/** A page of the site, and what its server says of it. */
export interface SitePage {
  readonly html: string
  readonly headers?: Readonly<Record<string, string>>
  /** 200 unless said. */
  readonly status?: number
}

/** A request that went to the collector, and its answer. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  readonly status: number
  readonly answer: Readonly<Record<string, string | undefined>>
}

/** HTTPS on this machine: a site, and a collector behind a proxy that ends TLS. Two sites in a browser's eyes. */
export interface Front {
  readonly site: string
  readonly collect: string
  /** A third site, which has nothing but an image. */
  readonly other: string
  /** Lets the site have a page; what is not there is 404. */
  serve(path: string, page: SitePage): void
  readonly exchanges: readonly Exchange[]
  /** Why the site was asked for a path, each time: the header `Sec-Purpose`. */
  visits(path: string): readonly (string | undefined)[]
  stop(): Promise<void>
}

const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')

/** `collections`: the site passes these paths on to the collector too, as if it were hosted there. */
export async function startFront(
  certificate: Certificate,
  collector: string,
  collections: readonly string[],
): Promise<Front> {
  const pages = new Map<string, SitePage>()
  const exchanges: Exchange[] = []
  const visits: { readonly pathname: string; readonly purpose: string | undefined }[] = []
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (incoming, response) => {
    const [host = ''] = (incoming.headers.host ?? '').split(':')
    const { pathname } = new URL(incoming.url ?? '/', 'https://site.test')
    const isCollected = host === 'collect.test' || collections.includes(pathname.slice(1))
    if (isCollected) void pass(incoming, response, collector, exchanges)
    else if (host === 'other.test') response.writeHead(200, { 'Content-Type': 'image/gif' }).end(GIF)
    else {
      visits.push({ pathname, purpose: incoming.headers['sec-purpose'] as string | undefined })
      show(pages.get(pathname), response)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    site: `https://site.test:${port}`,
    collect: `https://collect.test:${port}`,
    other: `https://other.test:${port}`,
    serve: (path, page) => void pages.set(path, page),
    exchanges,
    visits: (path) => visits.filter(({ pathname }) => pathname === path).map(({ purpose }) => purpose),
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function show(page: SitePage | undefined, response: ServerResponse): void {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    ...page?.headers,
  }
  response.writeHead(page ? (page.status ?? 200) : 404, headers).end(page?.html ?? 'nothing here')
}

async function pass(
  incoming: IncomingMessage,
  response: ServerResponse,
  collector: string,
  exchanges: Exchange[],
): Promise<void> {
  const { method = '', url = '', headers } = incoming
  try {
    const body = await readAll(incoming)
    const answer = await ask(`${collector}${url}`, method, headers, body)
    const text = await readAll(answer)
    exchanges.push({
      ...{ method, url, headers: headers as Exchange['headers'], body: body.toString('utf8') },
      ...{ status: answer.statusCode ?? 0, answer: answer.headers as Exchange['answer'] },
    })
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(text)
  } catch {
    response.destroy()
  }
}

function ask(
  url: string,
  method: string,
  headers: IncomingMessage['headers'],
  body: Buffer,
): Promise<IncomingMessage> {
  // Under the collector's own name: wrangler dev writes `http:` over the site's origin where it is also the host.
  const { host: _host, ...passed } = headers
  return new Promise((resolve, reject) => {
    request(url, { method, headers: passed, agent: false }, resolve).once('error', reject).end(body)
  })
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
