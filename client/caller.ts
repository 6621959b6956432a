import type { Fault, ProblemCode } from '../src/errors.ts'

export interface CallerOptions {
  /** Where the server is, as `https://stats.example.com`. */
  readonly url: string
  readonly key: string
  /** How often a request that may be sent again is sent in all; 4 unless said. */
  readonly attempts?: number
  /** ms until one attempt's answer begins; 10,000 unless said. */
  readonly timeout?: number
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  readonly sleep?: (ms: number) => Promise<void>
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  /** Whether the outcome is the same however often it is sent. */
  readonly isRepeatable: boolean
  /** Statuses beside 2xx that are no errors where the body is JSON. */
  readonly alsoGood?: readonly number[]
}

/** What the server refused, by its problem document (RFC 9457). */
export class Problem extends Error {
  readonly status: number
  /** Undefined where somebody else answered, such as a proxy. */
  readonly code: ProblemCode | undefined
  readonly faults: readonly Fault[]

  constructor(status: number, document: unknown) {
    const { code, detail, errors = [] } = Object(document) as Partial<Document>
    super(detail ?? `The server answered with status ${status}.`)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.faults = errors
  }
}

interface Document {
  readonly code: ProblemCode
  readonly detail: string
  readonly errors: readonly Fault[]
}

export type Caller = (path: string, call: Call) => Promise<Response>

/** Answers that another attempt may change: nothing was stored, or nobody knows. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000

/**
 * Sends requests, and those that are repeatable again while the server is away, busy or says when to come back.
 * Throws `Problem` for what was refused; what `fetch` throws once no attempt is left.
 */
export function createCaller(options: CallerOptions): Caller {
  const { key, attempts = 4, timeout = 10_000 } = options
  const root = options.url.replace(/\/+$/, '')
  const send = options.fetch ?? ((url, init) => fetch(url, init))
  const sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))

  async function attempt(path: string, { method = 'GET', body }: Call): Promise<Response> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeout)
    const init: RequestInit = {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      signal: late.signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    try {
      return await send(root + path, init)
    } finally {
      clearTimeout(timer)
    }
  }

  return async function call(path, request): Promise<Response> {
    const most = request.isRepeatable ? attempts : 1
    for (let count = 1; ; count++) {
      const isLast = count >= most
      const response = await attempt(path, request).catch((error: unknown) => {
        if (isLast) throw error
      })
      if (response && (isLast || !PASSING.has(response.status))) return judged(response, request)
      await response?.body?.cancel()
      await sleep(waitBefore(count, response?.headers.get('Retry-After')))
    }
  }
}

/** Twice as long each time and never alike for all, but not before the server says. */
function waitBefore(count: number, retryAfter: string | null | undefined): number {
  const told = Number(retryAfter ?? 0) * 1000 || 0
  const own = FIRST_WAIT_MS * 2 ** (count - 1) * (0.5 + Math.random())
  return Math.min(LONGEST_WAIT_MS, Math.max(told, own))
}

async function judged(response: Response, { alsoGood = [] }: Call): Promise<Response> {
  const [type] = (response.headers.get('Content-Type') ?? '').split(';')
  if (response.ok || (alsoGood.includes(response.status) && type === 'application/json')) return response
  throw new Problem(
    response.status,
    type?.endsWith('json') ? await response.json().catch(() => undefined) : undefined,
  )
}
