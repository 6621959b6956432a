import type { Collection } from '../collection.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { toRow } from '../export/row.ts'
import { PRIVATE } from '../headers.ts'
import { type Listeners, listenerStream } from '../listeners.ts'
import { type LiveMessage, liveLimits } from '../live.ts'
import { empty, type Reply } from '../reply.ts'

export interface StreamOptions {
  readonly listeners: Listeners
  /** A clock that never goes back, ms. */
  readonly clock: () => number
}

export interface LiveOptions extends StreamOptions {
  /** Refuses who may no longer listen. */
  readonly auth: Layer
}

type Messages = readonly LiveMessage[]

/** Events and current visitors as they come: server-sent events, of the WHATWG's HTML standard. */
export function listen(options: LiveOptions): Layer {
  return async function listen(c): Promise<Reply> {
    return eventStream(c, c.get('collection'), () => isAllowed(options.auth, c), options)
  }
}

/** What comes to a collection, for as long as it may be told. `after` in the query: the place to go on from. */
export async function eventStream(
  c: SkerryContext,
  collection: Collection,
  mayListen: () => Promise<boolean>,
  options: StreamOptions,
): Promise<Reply> {
  const headers = { ...PRIVATE, 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
  if (c.req.method === 'HEAD') return empty(200, headers)
  const messages = collection.live(c.req.header('last-event-id') ?? c.req.query('after'))
  const body = await listenerStream(whileAllowed(messages, mayListen, options), toText, options)
  return { status: 200, body, headers }
}

/** A key that is removed ends what it began. */
async function* whileAllowed(
  messages: AsyncIterable<Messages>,
  mayListen: () => Promise<boolean>,
  { clock }: StreamOptions,
): AsyncGenerator<Messages> {
  let checked = clock()
  for await (const some of messages) {
    if (clock() - checked >= liveLimits.beatMs) {
      if (!(await mayListen())) return
      checked = clock()
    }
    yield some
  }
}

async function isAllowed(auth: Layer, c: SkerryContext): Promise<boolean> {
  try {
    await auth(c, async () => {})
    return true
  } catch {
    return false
  }
}

function toText(messages: Messages): string {
  return messages.map(textOf).join('')
}

/** The id of what has no data is kept by a client all the same. */
function textOf(message: LiveMessage): string {
  switch (message.is) {
    case 'event':
      return `id: ${message.place}\n${eventText('event', toRow(message.event))}`
    case 'visitors':
      return eventText('visitors', { visitors: message.visitors })
    case 'gap':
      return eventText('gap', {})
    case 'beat':
      return `retry: ${RETRY_MS}\nid: ${message.place}\n\n`
  }
}

/** A client that lost its connection comes again after so long, ms. */
const RETRY_MS = 1000

function eventText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
