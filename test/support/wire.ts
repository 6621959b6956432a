import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'

/** A request as it goes over the wire: nothing of it is made nicer. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array | undefined
  readonly isChunked?: boolean | undefined
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** Bytes of its body. */
  readonly size: number
  header(name: string): string | undefined
}

/** No answer takes longer, ms. */
const PATIENCE_MS = 10_000

/**
 * Sends a request on a connection of its own, which the client ends: whoever asks the server to end it may lose an
 * answer that comes before the whole request was read.
 */
export function exchange(url: string, { method, path, headers, body, isChunked }: Sent): Promise<Answer> {
  const { hostname, port, host } = new URL(url)
  const framing = isChunked
    ? [['Transfer-Encoding', 'chunked']]
    : body || method === 'POST'
      ? [['Content-Length', String(body?.length ?? 0)]]
      : []
  return new Promise((resolve, reject) => {
    const all = [['Host', host], ['Connection', 'keep-alive'], ...headers, ...framing].flat()
    const sent = request({ hostname, port, method, path, headers: all, agent: false, timeout: PATIENCE_MS })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)))
    sent.on('error', reject)
    sent.on('response', (response) => {
      read(response)
        .then(resolve, reject)
        .finally(() => sent.destroy())
    })
    if (!body || !isChunked) sent.end(body)
    else {
      const half = body.length >> 1
      sent.write(body.subarray(0, half))
      sent.end(body.subarray(half))
    }
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return {
    status: response.statusCode ?? 0,
    text: body.toString('utf8'),
    size: body.length,
    header: (name) => [response.headers[name.toLowerCase()]].flat().join(', ') || undefined,
  }
}

/** Sends bytes, says no more, and gives the statuses of all that comes back until the server hangs up. */
export function sendRaw(url: string, text: string): Promise<readonly number[]> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () =>
      socket.end(Buffer.from(text, 'latin1')),
    )
    socket.setTimeout(PATIENCE_MS, () =>
      socket.destroy(new Error(`no end within ${PATIENCE_MS} ms: ${answer}`)),
    )
    socket.setEncoding('latin1').on('data', (data) => {
      answer += data
    })
    // What is written to a server that has hung up is lost, which is its right.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['EPIPE', 'ECONNRESET'].includes(error.code ?? '')) reject(error)
    })
    socket.on('close', () =>
      resolve([...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status))),
    )
  })
}
