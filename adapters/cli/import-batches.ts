import type { Item } from '../../src/import/reading.ts'
import { type Api, askAgain, problemOf } from './api.ts'
import { Failure } from './command.ts'

/** Events, and characters, of one request: a server takes 1,000 and 5 MiB. */
const BATCH = 1000
const BATCH_CHARACTERS = 1_500_000

/** Requests under way at once. */
const AT_ONCE = 4

/** What the server made of events. */
export interface Sent {
  accepted: number
  /** Turned away by policies of the collection, by code. */
  readonly refused: Map<string, number>
  invalid: number
  /** The first faults, for people. */
  readonly faults: string[]
}

interface Outcome {
  readonly accepted: number
  readonly refused: readonly { readonly code: string }[]
  readonly invalid: readonly { readonly index: number; readonly detail: string; readonly pointer: string }[]
}

interface Line {
  readonly text: string
  /** For people: which record of which file it was. */
  readonly place: string
}

const FAULTS_SHOWN = 5

/** Sends events in batches. Every event must have an id, since a batch is sent again where its outcome is unknown. */
export interface Batches {
  readonly sent: Sent
  add(item: Item, place: string): Promise<void>
  /** Sends what is left, and waits for all. */
  end(): Promise<void>
}

/** Known visitors and unknown ones go apart: of the latter a header says that nobody is to be told from anybody else. */
export function createBatches(api: Api, collection: string): Batches {
  const sent: Sent = { accepted: 0, refused: new Map(), invalid: 0, faults: [] }
  const waiting = { known: newBatch(), unknown: newBatch() }
  const underWay = new Set<Promise<void>>()
  let failure: unknown

  async function send(kind: keyof typeof waiting): Promise<void> {
    const { lines } = waiting[kind]
    waiting[kind] = newBatch()
    if (lines.length === 0) return
    while (underWay.size >= AT_ONCE) await Promise.race(underWay)
    if (failure !== undefined) throw failure
    const sending = post(lines, kind === 'unknown')
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => underWay.delete(sending))
    underWay.add(sending)
  }

  async function post(lines: readonly Line[], isUnknown: boolean): Promise<void> {
    const response = await askAgain(api, `/${encodeURIComponent(collection)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson', ...(isUnknown && { 'Sec-GPC': '1' }) },
      body: lines.map(({ text }) => text).join('\n'),
    })
    if (![201, 202, 207, 422].includes(response.status)) throw new Failure(await problemOf(response))
    take((await response.json()) as Outcome, lines)
  }

  function take({ accepted, refused, invalid }: Outcome, lines: readonly Line[]): void {
    sent.accepted += accepted
    sent.invalid += invalid.length
    for (const { code } of refused) sent.refused.set(code, (sent.refused.get(code) ?? 0) + 1)
    for (const { index, detail } of invalid.slice(0, FAULTS_SHOWN - sent.faults.length))
      sent.faults.push(`${lines[index]?.place ?? ''}: ${detail}`)
  }

  return {
    sent,
    async add(item, place): Promise<void> {
      const kind = (item.visitor ?? item.address ?? item.agent) ? 'known' : 'unknown'
      const text = JSON.stringify(item)
      const batch = waiting[kind]
      if (batch.lines.length === BATCH || batch.characters + text.length > BATCH_CHARACTERS) await send(kind)
      waiting[kind].lines.push({ text, place })
      waiting[kind].characters += text.length
    },
    async end(): Promise<void> {
      await send('known')
      await send('unknown')
      await Promise.all(underWay)
      if (failure !== undefined) throw failure
    },
  }
}

function newBatch(): { readonly lines: Line[]; characters: number } {
  return { lines: [], characters: 0 }
}
