/** What will be answered. Until it is sent, layers further out may put another in its place. */
export interface Reply {
  readonly status: number
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
  readonly headers: ReplyHeaders
}

/** Headers by their names, of which each is always spelt alike. */
export type ReplyHeaders = Readonly<Record<string, string>>

/** A value as JSON. */
export function json(value: unknown, status: number = 200, headers: ReplyHeaders = {}): Reply {
  return { status, body: JSON.stringify(value), headers: { ...headers, 'Content-Type': 'application/json' } }
}

/** No body. */
export function empty(status: number, headers: ReplyHeaders = {}): Reply {
  return { status, body: null, headers }
}

/** A reply with the headers that go with any reply to its request; its own come first. */
export function toResponse({ status, body, headers }: Reply, more: ReplyHeaders): Response {
  return new Response(body, { status, headers: { ...more, ...headers } })
}
