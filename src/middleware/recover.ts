import type { Layer } from '../context.ts'
import { problemDocument, SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import type { Log } from '../log.ts'
import type { Reply } from '../reply.ts'
import { readTrace, type Trace } from '../trace.ts'

export interface RecoverOptions {
  readonly log: Log
  readonly now: () => number
}

/** Lines of one fault are written at most this often; what is left out is counted. */
const LOG_EVERY_MS = 1000

/**
 * Answers whatever is thrown further in: a problem document (RFC 9457), or as a dialect tells it. What a client
 * is not meant to see is answered as `internal`; faults of ours are logged, a line each and at most one a second.
 */
export function recover({ log, now }: RecoverOptions): Layer {
  const logFault = throttled(log, now)
  return async function recover(c, next): Promise<Reply | void> {
    try {
      await next()
    } catch (error) {
      const problem = error instanceof SkerryError ? error : new SkerryError('internal')
      c.set('problem', problem.code)
      if (problem.status >= 500) logFault(problem.code, error, readTrace(c.req.header('traceparent')))
      return c.get('tell')?.(problem, (name) => c.req.header(name)) ?? replyTo(problem)
    }
  }
}

function replyTo(problem: SkerryError): Reply {
  const headers = { ...problem.headers, ...PRIVATE, 'Content-Type': 'application/problem+json' }
  return { status: problem.status, body: JSON.stringify(problemDocument(problem)), headers }
}

type LogFault = (code: string, error: unknown, trace: Trace | undefined) => void

function throttled(log: Log, now: () => number): LogFault {
  const last = new Map<string, { at: number; leftOut: number }>()
  return (code, error, trace) => {
    const { at, leftOut } = last.get(code) ?? { at: -Infinity, leftOut: 0 }
    if (now() - at < LOG_EVERY_MS) {
      last.set(code, { at, leftOut: leftOut + 1 })
      return
    }
    last.set(code, { at: now(), leftOut: 0 })
    log({ level: 'error', event: code, detail: describe(error), ...trace, ...(leftOut > 0 && { leftOut }) })
  }
}

/** What went wrong, for the log: of our own errors the cause's name, of others also the message and its place in the source. */
function describe(error: unknown): string {
  if (error instanceof SkerryError) return String(error.cause ?? error.message)
  if (!(error instanceof Error)) return typeof error
  return `${error.name}: ${error.message.slice(0, 200)} ${error.stack?.split('\n')[1]?.trim() ?? ''}`.trim()
}
