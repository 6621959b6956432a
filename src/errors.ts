/** Every code a client may meet, with its HTTP status and title. The list is closed: `docs/api.md` has it too. */
export const problems = {
  malformed_body: [400, 'The body cannot be read'],
  key_in_url: [400, 'A secret key does not belong in a URL'],
  unauthorized: [401, 'A valid key is needed'],
  forbidden: [403, 'This key may not do that'],
  unknown_collection: [404, 'No such collection'],
  unknown_attribute: [404, 'The collection is not grouped by this attribute'],
  unknown_key: [404, 'No such key'],
  not_found: [404, 'No such route'],
  method_not_allowed: [405, 'This route does not take this method'],
  timeout: [408, 'The request took too long to arrive'],
  conflict: [409, 'The change does not fit what is there'],
  too_large: [413, 'Too large or too many'],
  unsupported_media_type: [415, 'This charset or encoding is not read'],
  invalid_event: [422, 'The event is not valid'],
  invalid_definition: [422, 'The definition is not valid'],
  invalid_query: [422, 'The query is not valid'],
  rate_limited: [429, 'Too many requests from this address'],
  internal: [500, 'Something went wrong here'],
  damaged: [500, 'Kept data is damaged'],
  overloaded: [503, 'Too busy, nothing was stored'],
  unavailable: [503, 'The store cannot be reached, the outcome is unknown'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>

export type ProblemCode = keyof typeof problems

/** One thing that is wrong: where (RFC 6901 pointer) and what. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

interface ProblemOptions {
  readonly detail?: string
  readonly faults?: readonly Fault[]
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** An error that a client is meant to see. Whatever else is thrown is answered as `internal`. */
export class SkerryError extends Error {
  readonly code: ProblemCode
  readonly faults: readonly Fault[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, { detail, faults = [], headers = {}, cause }: ProblemOptions = {}) {
    super(detail ?? problems[code][1], { cause })
    this.name = 'SkerryError'
    this.code = code
    this.faults = faults
    this.headers = headers
  }

  get status(): number {
    return problems[this.code][0]
  }
}

/** An error of ours, also one that came from afar and lost its class on the way; undefined if it is none. */
export function asSkerryError(error: unknown): SkerryError | undefined {
  if (error instanceof SkerryError) return error
  if (!(error instanceof Error) || error.name !== 'SkerryError' || !('code' in error)) return undefined
  const { code, message: detail, faults, headers } = error as SkerryError
  if (!Object.hasOwn(problems, code)) return undefined
  return new SkerryError(code, { detail, ...(faults && { faults }), ...(headers && { headers }) })
}

/** Wraps whatever a driver threw. Its message may hold visitor data, so nothing of it is kept but names and codes. */
export function unavailable(cause: unknown): SkerryError {
  if (cause instanceof SkerryError) return cause
  return new SkerryError('unavailable', { headers: { 'Retry-After': '1' }, cause: nameOf(cause) })
}

/** As "Error ECONNREFUSED", "Error ERR_SQLITE_ERROR 13" or "ReplyError MISCONF" (the word Redis begins its errors with). */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return [error.name, code, errcode, /^[A-Z]{3,} /.exec(error.message)?.[0].trim()]
    .filter((part) => part !== undefined)
    .join(' ')
}

/** Nothing more fits at the moment; nothing was stored. */
export function overloaded(): SkerryError {
  return new SkerryError('overloaded', { headers: { 'Retry-After': '1' } })
}

/** Faults that one answer tells. */
export const FAULTS_SHOWN = 100

/** The body of an error's answer: a problem document (RFC 9457) with `code` and, where there are any, `errors`. */
export function problemDocument(error: SkerryError): Readonly<Record<string, unknown>> {
  return {
    type: `urn:skerry:problem:${error.code}`,
    title: problems[error.code][1],
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.faults.length > 0 && { errors: error.faults.slice(0, FAULTS_SHOWN) }),
  }
}

/** A piece of somebody's input as it may be echoed: at most 100 characters. */
export function quote(input: string): string {
  return input.length > 100 ? `${input.slice(0, 99)}…` : input
}
