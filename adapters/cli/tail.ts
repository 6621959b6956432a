import { type Api, ask, openApi } from './api.ts'
import { type Command, Failure, type Given, numberOf, storeOptions } from './command.ts'
import { plain, print, tell } from './terminal.ts'

/** Waits before a stream that ended is opened again; ms. */
const AGAIN_MS = 1_000

export const tail: Command = {
  summary: 'Shows events as they come.',
  usage: ['COLLECTION [--json]'],
  about: 'Goes on until it is stopped (Ctrl-C), also when the server was away for a while.',
  options: [
    { name: 'json', meaning: 'print each event as a line of JSON' },
    { name: 'count', short: 'n', value: 'N', meaning: 'end after so many events' },
    ...storeOptions,
  ],
  examples: ['skerry tail pageviews', 'skerry tail pageviews --json | jq .page'],
  words: [1, 1],
  async run(given): Promise<void> {
    const api = await openApi(given)
    const path = `/${encodeURIComponent(given.words[0] ?? '')}/live`
    const most = numberOf(given, 'count', Infinity)
    try {
      for (let seen = 0; seen < most; ) {
        seen = await follow(api, path, given, seen, most)
        if (seen < most) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    } finally {
      await api.close()
    }
  },
}

/** Shows one stream's events, and gives how many were seen by its end. */
async function follow(api: Api, path: string, given: Given, before: number, most: number): Promise<number> {
  let seen = before
  try {
    const { body } = await ask(api, path, { headers: { Accept: 'text/event-stream' } })
    if (!body) throw new Failure('there was no answer')
    for await (const message of messagesOf(body)) {
      if (await show(message, given)) seen++
      if (seen >= most) break
    }
  } catch (error) {
    if (seen === before || !api.isRemote) throw error
    tell(given, 'the connection is lost, trying again')
  }
  return seen
}

export interface Message {
  readonly event: string
  readonly data: string
}

/** The messages of an event stream (HTML Standard, 9.2.6). */
export async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  let rest = ''
  for await (const text of body.pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  )) {
    const blocks = (rest + text).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) yield messageOf(block)
  }
}

function messageOf(block: string): Message {
  const fields = block.split(/\r?\n/).map((line) => /^([^:]*):? ?(.*)$/s.exec(line) ?? [])
  const all = (name: string) => fields.filter(([, one]) => one === name).map(([, , value = '']) => value)
  return { event: all('event').at(-1) ?? 'message', data: all('data').join('\n') }
}

type Shown = Readonly<Record<string, unknown>>

/** Whether a message was an event. */
async function show({ event, data }: Message, given: Given): Promise<boolean> {
  if (data === '') return false
  const value = JSON.parse(data) as Shown
  if (typeof value.name !== 'string' || typeof value.time !== 'string') {
    if (typeof value.visitors === 'number') tell(given, `${event}: ${value.visitors} now`)
    return false
  }
  await print(given.has('json') ? JSON.stringify(value) : lineOf(value))
  return true
}

function lineOf(event: Shown): string {
  const words = [event.time, event.name, `${event.hostname ?? ''}${event.page ?? ''}`]
  const facts = [event.source, event.country, event.browser, event.device]
  return plain([...words, facts.filter(Boolean).join(', ')].join('  '))
}
