/** One message of an event stream. */
export interface Message {
  readonly event: string
  readonly data: unknown
  readonly id: string
}

/** An open event stream, read as a browser's EventSource reads it. */
export interface Stream {
  readonly status: number
  readonly headers: Headers
  /** The last id, also of what had no data. */
  lastId(): string
  readonly messages: readonly Message[]
  /** Resolves with all messages so far, once they are what is wanted. */
  until(isEnough: (messages: readonly Message[]) => boolean, withinMs?: number): Promise<readonly Message[]>
  /** Resolves once the server has ended it. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export async function openStream(fetched: (init: RequestInit) => Promise<Response>): Promise<Stream> {
  const controller = new AbortController()
  const response = await fetched({ signal: controller.signal })
  const messages: Message[] = []
  const waiting = new Set<() => void>()
  let lastId = ''

  function take(block: string): void {
    const fields = block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? ['', ''])
    const fieldOf = (name: string): string | undefined => fields.find(([one]) => one === name)?.[1]
    lastId = fieldOf('id') ?? lastId
    const data = fieldOf('data')
    if (data !== undefined)
      messages.push({ event: fieldOf('event') ?? 'message', data: JSON.parse(data), id: lastId })
    for (const look of waiting) look()
  }

  async function read(): Promise<void> {
    let rest = ''
    const text = response.body?.pipeThrough(new TextDecoderStream()) ?? []
    try {
      for await (const piece of text) {
        const blocks = (rest + piece).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) take(block)
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error
    }
  }

  const ended = read()
  ended.catch(() => {})
  return {
    status: response.status,
    headers: response.headers,
    lastId: () => lastId,
    messages,
    ended,
    until(isEnough, withinMs = 10_000): Promise<readonly Message[]> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`not told in time: ${JSON.stringify(messages)}`))
        }, withinMs)
        function look(): void {
          if (!isEnough(messages)) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve([...messages])
        }
        waiting.add(look)
        look()
      })
    },
    async close(): Promise<void> {
      controller.abort()
      await ended.catch(() => {})
    },
  }
}

/** What was told of events. */
export function rowsTold(messages: readonly Message[]): readonly Readonly<Record<string, unknown>>[] {
  return messages
    .filter(({ event }) => event === 'event')
    .map(({ data }) => data as Readonly<Record<string, unknown>>)
}
