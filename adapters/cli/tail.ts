import { type Api, ask, openApi } from './api.ts'
import { type Command, Failure, type Given, numberOf, storeOptions } from './command.ts'
import { plain, print, tell } from './terminal.ts'

/** Waits before a stream that ended is opened again; ms. */
const AGAIN_MS = 1_000

export const tail: Command = {
  summary: 'Shows events as they come.',
  usage: ['COLLECTION [--json]'],
  about: 'Goes on until it is stopped (Ctrl-C); what came while the connection was lost is shown afterwards.',
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
    const place: Place = { id: undefined, left: numberOf(given, 'count', Infinity) }
    try {
      for (let isFirst = true; place.left > 0; isFirst = false) {
        if (!isFirst) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
        await follow(api, path, given, place, isFirst)
      }
    } finally {
      await api.close()
    }
  },
}

/** How far somebody has come, and how many events are still wanted. */
interface Place {
  id: string | undefined
  left: number
}

/** Shows one stream's events until it ends. Only a first connection must succeed. */
async function follow(api: Api, path: string, given: Given, place: Place, isFirst: boolean): Promise<void> {
  let mayFail = !isFirst
  try {
    const resume = place.id === undefined ? {} : { 'Last-Event-ID': place.id }
    const { body } = await ask(api, path, { headers: { Accept: 'text/event-stream', ...resume } })
    if (!body) throw new Failure('there was no answer')
    mayFail = true
    for await (const message of messagesOf(body)) {
      place.id = message.id ?? place.id
      if (await show(message, given)) place.left--
      if (place.left <= 0) return
    }
  } catch (error) {
    if (!mayFail) throw error
  }
  tell(given, 'the connection is lost, trying again')
}

export interface Message {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

/** The messages of an event stream (HTML Standard, 9.2.6). */
export async function* messagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) yield messageOf(block)
  }
}

function messageOf(block: string): Message {
  const fields = block.split(/\r?\n/).map((line) => /^([^:]*):? ?(.*)$/s.exec(line) ?? [])
  const all = (name: string) => fields.filter(([, one]) => one === name).map(([, , value = '']) => value)
  return { id: all('id').at(-1), event: all('event').at(-1) ?? 'message', data: all('data').join('\n') }
}

type Shown = Readonly<Record<string, unknown>>

/** Whether a message was an event. */
async function show({ event, data }: Message, given: Given): Promise<boolean> {
  if (event === 'gap') tell(given, 'events came that cannot be shown any more')
  if (event === 'visitors') tell(given, `${Number((JSON.parse(data) as Shown).visitors)} visitors now`)
  if (event !== 'event') return false
  const value = JSON.parse(data) as Shown
  await print(given.has('json') ? JSON.stringify(value) : lineOf(value))
  return true
}

function lineOf(event: Shown): string {
  const words = [event.time, event.name, `${event.hostname ?? ''}${event.page ?? ''}`]
  const facts = [event.source, event.country, event.browser, event.device]
  return plain([...words, facts.filter(Boolean).join(', ')].join('  ').trimEnd())
}
