import type { Collection, CollectionDefinition, TimeRange } from '../collection.ts'
import { createTally, PAGE_OF_HOST, pageOfHost, type Tally } from '../engine/tally.ts'
import type { Event } from '../event.ts'
import { readPage } from '../page.ts'
import { decodeEntry, encodeEvents } from './entry.ts'
import type { Writer } from './group-commit.ts'
import type { Journals, Position, Tail } from './store.ts'

/** Entries that one read of a journal asks for. */
const PAGE_SIZE = 500

/** A journal folded up to a position. */
interface Folded {
  epoch: number
  position: Position
  tally: Tally
}

/** A collection kept in a journal: what is added is appended, what is asked is folded. */
export function journalCollection(
  definition: CollectionDefinition,
  journals: Journals,
  writer: Writer,
): Collection {
  const { name, groupBy } = definition
  const folded: Folded = { epoch: 0, position: 0, tally: createTally(groupBy) }

  /** Takes in what was read at a position, unless another call has moved on meanwhile. True: that was all. */
  function takeIn({ epoch, entries, position }: Tail, at: Readonly<Folded>): boolean {
    if (folded.epoch !== at.epoch || folded.position !== at.position) return false
    if (epoch !== at.epoch) {
      Object.assign(folded, { epoch, position: 0, tally: createTally(groupBy) })
      return false
    }
    for (const entry of entries) folded.tally.add(decodeEntry(entry))
    folded.position = position
    return entries.length === 0
  }

  /** Folds the journal's new tail. Calls may overlap: each ends when its own read finds nothing new. */
  async function catchUp(): Promise<Tally> {
    for (;;) {
      const at = { ...folded }
      if (takeIn(await journals.tail(name, at.position, PAGE_SIZE), at)) return folded.tally
    }
  }

  return {
    definition,
    add: (events) => (events.length === 0 ? Promise.resolve() : writer.add(name, encodeEvents(events))),
    count: async () => (await catchUp()).count(),
    async countBy(attribute, value): Promise<number> {
      const [counted, key] = attribute === 'page' ? pageKey(value, definition) : [attribute, value]
      return (await catchUp()).countBy(counted, key)
    },
    events: (range) => readEvents(journals, name, range),
    isEmpty: async () => (await journals.tail(name, 0, 1)).entries.length === 0,
    clear: () => journals.clear(name),
  }
}

/** Where a page's count is found. A value is cleaned as events' pages are, so that what was sent finds itself. */
function pageKey(value: string, { query }: CollectionDefinition): readonly [attribute: string, key: string] {
  const page = readPage(value, query)
  const inHost = pageOfHost(page?.hostname, page?.path)
  return inHost === undefined ? ['page', page?.path ?? value] : [PAGE_OF_HOST, inHost]
}

async function* readEvents(
  journals: Journals,
  name: string,
  { from = -Infinity, to = Infinity }: TimeRange,
): AsyncGenerator<Event> {
  const found = new Map<string, Event | null>()
  for await (const event of everyEvent(journals, name)) {
    if (!found.has(event.id)) found.set(event.id, event.time >= from && event.time < to ? event : null)
  }
  yield* [...found.values()].filter((event) => event !== null).sort((a, b) => a.time - b.time)
}

async function* everyEvent(journals: Journals, name: string): AsyncGenerator<Event> {
  let position = 0
  for (;;) {
    const tail = await journals.tail(name, position, PAGE_SIZE)
    if (tail.entries.length === 0) return
    for (const entry of tail.entries) yield* decodeEntry(entry)
    position = tail.position
  }
}
