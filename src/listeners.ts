import { SkerryError } from './errors.ts'
import { liveLimits } from './live.ts'

/** Somebody who is told what comes. */
export interface Listener {
  /** Since when it has taken nothing of what is there, by the clock; undefined: it waits for more. */
  restingSince(): number | undefined
  end(): void
}

/** All listeners of a process. */
export interface Listeners {
  /** Lets one in until what is given back is called. Throws `overloaded` if there are too many. */
  add(listener: Listener): () => void
  /** Ends all of them, and lets nobody in any more. */
  endAll(): void
}

/** `clock` never goes back, ms. */
export function createListeners(clock: () => number): Listeners {
  const listeners = new Set<Listener>()
  let isOver = false

  function dropStalled(): void {
    for (const listener of listeners)
      if (clock() - (listener.restingSince() ?? clock()) >= liveLimits.stalledMs) listener.end()
  }

  return {
    add(listener): () => void {
      if (listeners.size >= liveLimits.listeners) dropStalled()
      if (isOver || listeners.size >= liveLimits.listeners)
        throw new SkerryError('overloaded', {
          detail: 'Too many listen already.',
          headers: { 'Retry-After': '5' },
        })
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    endAll(): void {
      isOver = true
      for (const listener of listeners) listener.end()
    },
  }
}

/**
 * Messages as bytes, for one listener; those that are no text are left out. None is taken before it is asked for, so
 * that nothing gathers for who is slow. The first is read before the stream is given away, so that a store that is
 * down is still an answer of its own.
 */
export async function listenerStream<T>(
  messages: AsyncIterable<T>,
  encode: (message: T) => string,
  { listeners, clock }: { readonly listeners: Listeners; readonly clock: () => number },
): Promise<ReadableStream<Uint8Array>> {
  const source = messages[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let restingSince: number | undefined
  let isOver = false
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const leave = listeners.add({ restingSince: () => restingSince, end })

  function stop(): void {
    isOver = true
    leave()
    source.return?.().catch(() => {})
  }

  function end(): void {
    stop()
    controller?.close()
  }

  /** Rejects, and ends, if there can be none. */
  async function nextText(): Promise<string | undefined> {
    try {
      let text = ''
      while (text === '') {
        const { done, value } = await source.next()
        if (done) return undefined
        text = encode(value)
      }
      return text
    } catch (error) {
      stop()
      throw error
    }
  }

  let first: string | undefined = await nextText()
  return new ReadableStream(
    {
      start(one): void {
        controller = one
        if (isOver) one.close()
      },
      async pull(one): Promise<void> {
        restingSince = undefined
        const text = first ?? (await nextText())
        first = undefined
        if (isOver) return
        restingSince = clock()
        if (text === undefined) end()
        else one.enqueue(encoder.encode(text))
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  )
}
