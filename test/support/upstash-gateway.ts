import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'

/** What the gateway can do wrong with the next requests. `drop`: the command is done, its answer lost; `late`: it is done after a while. */
export type GatewayFault = 'drop' | '429' | '500' | 'slow' | 'cut' | 'late'

/** Upstash's REST dialect in front of a real redis-server. */
export interface UpstashGateway {
  readonly url: string
  readonly token: string
  /** Requests answered so far, well or badly. */
  requests(): number
  /** Headers of the last request. */
  lastHeaders(): IncomingMessage['headers']
  /** Does this to the next `times` requests. */
  fail(fault: GatewayFault, times: number): void
  stop(): Promise<void>
}

type Answer = { readonly result: unknown } | { readonly error: string }

const REQUEST_LIMIT = 10_000_000

/**
 * Speaks what Upstash documents: POST `/`, `/pipeline`, `/multi-exec` with JSON arrays, Bearer token,
 * base64 on request, errors as `{"error"}`. What it cannot show: key locking, keys outside KEYS,
 * replicas that lag, eviction to disk, the service's real limits.
 */
export async function startGateway(redisUrl: string, token = 'test-token'): Promise<UpstashGateway> {
  const redis = new Redis(redisUrl, { protocol: 2 })
  redis.on('error', () => {})
  let requests = 0
  let headers: IncomingMessage['headers'] = {}
  const faults: GatewayFault[] = []

  async function run([name, ...args]: readonly unknown[]): Promise<Answer> {
    const texts = args.map(String)
    // Upstash reads the flag line itself; an older redis-server does not know the flag.
    if (String(name).toUpperCase() === 'EVAL' && texts[0]) texts[0] = texts[0].replace(/^#!lua[^\n]*\n/, '')
    try {
      return { result: await redis.call(String(name).toUpperCase(), ...texts) }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }

  async function multi(commands: readonly (readonly unknown[])[]): Promise<Answer | Answer[]> {
    const transaction = redis.multi()
    for (const [name, ...args] of commands) transaction.call(String(name).toUpperCase(), ...args.map(String))
    try {
      const replies = (await transaction.exec()) ?? []
      return replies.map(([error, result]) => (error ? { error: error.message } : { result }))
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }

  async function execute(path: string, body: unknown): Promise<Answer | Answer[]> {
    if (path === '/pipeline') return inOrder(body as readonly unknown[][], run)
    if (path === '/multi-exec') return multi(body as readonly unknown[][])
    return run(body as readonly unknown[])
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests++
    headers = request.headers
    const fault = faults.shift()
    const body = await readAll(request)
    if (request.headers.authorization !== `Bearer ${token}`)
      return send(response, 401, { error: 'Unauthorized' })
    if (request.method !== 'POST') return send(response, 405, { error: 'Method not allowed' })
    if (body.length > REQUEST_LIMIT) return send(response, 413, { error: 'ERR max request size exceeded' })
    if (fault === '429') return send(response, 429, { error: 'ERR max requests limit exceeded' })
    if (fault === '500') return send(response, 500, { error: 'ERR internal error' })
    if (fault === 'late') await new Promise((resolve) => setTimeout(resolve, 300))
    const answer = await execute(request.url?.split('?')[0] ?? '/', JSON.parse(body.toString('utf8')))
    if (fault === 'drop') return void request.socket.destroy()
    if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, 4000))
    if (fault === 'cut') return void response.writeHead(200).end('{"result":"T')
    const status = !Array.isArray(answer) && 'error' in answer ? 400 : 200
    send(response, status, request.headers['upstash-encoding'] === 'base64' ? encodeAnswer(answer) : answer)
  }

  const server = createServer(
    (request, response) => void handle(request, response).catch(() => request.socket.destroy()),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    requests: () => requests,
    lastHeaders: () => headers,
    fail: (fault, times) => faults.push(...Array<GatewayFault>(times).fill(fault)),
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      redis.disconnect()
    },
  }
}

async function inOrder(
  commands: readonly (readonly unknown[])[],
  run: (command: readonly unknown[]) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const command of commands) answers.push(await run(command))
  return answers
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function encodeAnswer(answer: Answer | Answer[]): unknown {
  if (Array.isArray(answer)) return answer.map(encodeAnswer)
  return 'result' in answer ? { result: encodeValue(answer.result) } : answer
}

/** Every string but "OK" as base64, at any depth. */
function encodeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encodeValue)
  return typeof value === 'string' && value !== 'OK' ? Buffer.from(value).toString('base64') : value
}
