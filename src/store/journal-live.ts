import { eventOfRecord, idOfRecord } from '../engine/record.ts'
import { type LiveMessage, liveLimits, type Place, placeText, readPlace } from '../live.ts'
import { decodeEntry } from './entry.ts'
import type { Journals, Position, Tail } from './store.ts'

/** How a journal is listened to. */
export interface Listening {
  /** Lets time pass, ms. */
  readonly pause: (ms: number) => Promise<void>
  /** How long a look at the journal keeps from the next, ms. */
  readonly everyMs: number
  /** A listener is sent away after so many looks, to come again: for platforms on which a request may ask only so often. */
  readonly looks?: number
}

export interface JournalLiveOptions extends Listening {
  readonly name: string
  readonly store: Pick<Journals, 'tail'>
  readonly now: () => number
  /** Where the journal ends. */
  readonly end: () => Promise<{ readonly epoch: number; readonly position: Position }>
  /** Undefined while they are being counted for the first time. */
  readonly currentVisitors: () => number | undefined
}

/** Entries that one look asks for. */
const PAGE_SIZE = 50

/** Ids that a listener is not told again: an event may be in the journal twice. */
const TOLD_IDS = 10_000

/** Tells what is added to a journal, from a place on or from now; nothing at each look, so that it can be ended there. */
export async function* journalLive(
  options: JournalLiveOptions,
  after: string | undefined,
): AsyncGenerator<readonly LiveMessage[], undefined> {
  const { now, pause, everyMs, looks = Number.POSITIVE_INFINITY } = options
  const { place, isLost } = await beginning(options, after)
  const reader = createReader(options, place)
  yield [...(isLost ? [GAP] : []), reader.beat()]
  let lastTold = now()
  for (let look = 0; look < looks; look++) {
    const { messages, hasMore } = await reader.look()
    yield* messages
    const isDue = now() - lastTold >= liveLimits.beatMs
    yield isDue ? [reader.beat()] : []
    if (isDue || messages.length > 0) lastTold = now()
    if (!hasMore) await pause(everyMs)
  }
}

/** Where to begin. Lost is a place from which there is no way on. */
async function beginning(
  { end }: Pick<JournalLiveOptions, 'end'>,
  after: string | undefined,
): Promise<{ readonly place: Place; readonly isLost: boolean }> {
  const { epoch, position } = await end()
  const now: Place = { epoch, position, told: 0 }
  const wanted = after === undefined ? now : readPlace(after)
  const isLost = wanted?.epoch !== epoch || wanted.position > position
  return { place: isLost ? now : wanted, isLost }
}

/** Reads on in a journal, and counts visitors. */
interface Reader {
  /** What is new, an entry's events together. */
  look(): Promise<{ readonly messages: readonly (readonly LiveMessage[])[]; readonly hasMore: boolean }>
  beat(): LiveMessage
}

function createReader({ name, store, currentVisitors }: JournalLiveOptions, begin: Place): Reader {
  const told = new Set<string>()
  let place = begin
  let version: number | undefined
  let visitors: number | undefined

  function changedVisitors(): readonly LiveMessage[] {
    const before = visitors
    visitors = currentVisitors() ?? before
    return visitors === undefined || visitors === before ? [] : [{ is: 'visitors', visitors }]
  }

  function read(entry: string): readonly LiveMessage[] {
    const messages = messagesOf(entry, place, told)
    place = { ...place, position: place.position + 1, told: 0 }
    return messages
  }

  return {
    async look() {
      const tail = await store.tail(name, place.position, PAGE_SIZE, version)
      version = tail.version
      const isGap = hasMissed(tail, place)
      if (isGap) place = { epoch: tail.epoch, position: tail.base, told: 0 }
      const events = isGap ? [[GAP]] : tail.entries.map(read)
      const messages = [...events, changedVisitors()].filter((some) => some.length > 0)
      return { messages, hasMore: isGap || tail.hasMore }
    },
    beat: () => ({ is: 'beat', place: placeText(place) }),
  }
}

const GAP: LiveMessage = { is: 'gap' }

/** Whether entries after a place were sealed before they were read, or the journal was cleared. */
function hasMissed({ epoch, base }: Tail, place: Place): boolean {
  return epoch !== place.epoch || base > place.position
}

function messagesOf(entry: string, place: Place, told: Set<string>): readonly LiveMessage[] {
  return decodeEntry(entry).flatMap((record, i): LiveMessage[] => {
    const id = idOfRecord(record)
    if (i < place.told || told.has(id)) return []
    told.add(id)
    if (told.size > TOLD_IDS) told.delete(told.values().next().value ?? '')
    return [{ is: 'event', place: placeText({ ...place, told: i + 1 }), event: eventOfRecord(record) }]
  })
}
