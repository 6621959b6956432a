import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createAdmission } from './admission.ts'

/** Headers must arrive within the first, whole requests within the second, else 408; ms. */
const HEADERS_MS = 5_000
const REQUEST_MS = 10_000
const CHECK_MS = 500

/** Longer than the 60 s after which proxies let idle connections go, so that none is closed under a request; ms. */
const KEEP_ALIVE_MS = 65_000

/** What is taken up in one turn: requests, and their weights together. */
const TURN_REQUESTS = 64
const TURN_WEIGHT = 64_000

/** What a request weighs beside the bytes of its body. */
const REQUEST_WEIGHT = 300

/** Serves web-standard requests over HTTP/1.1; not listening yet. */
export function createHttpServer(
  fetch: Parameters<typeof getRequestListener>[0],
  clock: () => number,
): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    byTurns(getRequestListener(fetch), clock),
  )
  // Who has sent all and closes that half of the connection (RFC 9112, 9.6) is answered too.
  Object.assign(server, { httpAllowHalfOpen: true })
  // A socket that is closed forgets whose it was, unless somebody had looked: who sends and leaves is somebody too.
  server.on('connection', (socket) => socket.remoteAddress)
  return server
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

interface Arrived {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

interface Admitted extends Arrived {
  /** Of what is to be worked upon now. */
  readonly weight: number
}

/** Requests that came while too many others were worked upon. */
const crowded = new WeakSet<IncomingMessage>()

/** Whether too many others were worked upon when a request came. */
export function isCrowded(incoming: IncomingMessage): boolean {
  return crowded.has(incoming)
}

/**
 * Lets the requests that arrive within one turn of the event loop go through the program together, step by step:
 * while each step runs for all of them its code stays in the processor's caches, which halves what a request costs.
 * Turns must not become long, though: libuv accepts one new connection in each.
 */
function byTurns(listener: Listener, clock: () => number): Listener {
  const admission = createAdmission(clock)
  let arrived: Arrived[] = []
  let admitted: Admitted[] = []

  function handle(): void {
    admitted.push(...arrived.map(admit))
    arrived = []
    let weight = 0
    let taken = 0
    while (taken < admitted.length && taken < TURN_REQUESTS && weight < TURN_WEIGHT) {
      const request = admitted[taken++] as Admitted
      weight += request.weight
      listener(request.incoming, request.outgoing)
    }
    admitted = admitted.slice(taken)
    if (admitted.length > 0) setImmediate(handle)
  }

  /** A body that is still on its way weighs nothing until it is here: who sends slowly keeps nobody out. */
  function admit({ incoming, outgoing }: Arrived): Admitted {
    const isFull = admission.isFull()
    if (isFull) crowded.add(incoming)
    takeBody(incoming)
    const isListening = incoming.url?.includes('/live') === true
    if (isListening) noticeLeaving({ incoming, outgoing })
    const full = isFull || isListening ? 0 : REQUEST_WEIGHT + Number(incoming.headers['content-length'] ?? 0)
    if (incoming.complete) begin(outgoing, full)
    else incoming.once('end', () => begin(outgoing, full))
    return { incoming, outgoing, weight: incoming.complete ? full : 0 }
  }

  function begin(outgoing: ServerResponse, weight: number): void {
    if (weight === 0 || outgoing.closed) return
    admission.begin(weight)
    outgoing.once('close', () => admission.answer(weight))
  }

  return (incoming, outgoing) => {
    arrived.push({ incoming, outgoing })
    if (arrived.length + admitted.length === 1) setImmediate(handle)
  }
}

/** Who listens says nothing more: the end of what it sends is that of the connection, though others are answered after it. */
function noticeLeaving({ incoming: { socket }, outgoing }: Arrived): void {
  const leave = (): void => {
    if (outgoing.headersSent) outgoing.destroy()
  }
  socket.once('end', leave)
  outgoing.once('close', () => socket.off('end', leave))
}

/** A body that is here already, as most are, needs no stream: `rawBody` is where the listener looks for it. */
function takeBody(incoming: IncomingMessage): void {
  if (!incoming.complete || incoming.readableAborted) return
  Object.assign(incoming, { rawBody: (incoming.read() as Buffer | null) ?? Buffer.alloc(0) })
}
