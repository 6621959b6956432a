import { readFilters, readQuery } from '../asking/query-reader.ts'
import type { CollectionDefinition, Selection } from '../collection.ts'
import { refusedFields } from '../dimension.ts'
import { eventsOf, type ReadEvent } from '../engine/rows.ts'
import { type Event, eventLimits } from '../event.ts'
import type { Query } from '../query.ts'
import {
  REFUSED_DAYS,
  type RefusalCode,
  type Refused,
  type RefusedReport,
  type RefusedSample,
  type RestoreSelection,
  refusedLimits,
  type Verdict,
} from '../refusal.ts'
import type { Report } from '../report.ts'
import { byteLength } from '../text.ts'
import { addDays, dateOf, nextDate } from '../zone.ts'
import { type JournalOptions, type JournalStream, journalStream } from './journal-stream.ts'
import type { Removal } from './removal.ts'

/** A collection's refused events: a stream of its own beside the collection's, of which that knows nothing. */
export interface Quarantine {
  refuse(refused: readonly Refused[]): Promise<void>
  report(): Promise<RefusedReport>
  query(query: Query): Promise<Report>
  /** Hands events to `count`, then forgets them here; tells how many. Where that is cut short, the next time goes on. */
  restore(selection: RestoreSelection, count: (events: readonly Event[]) => Promise<void>): Promise<number>
  erase(selection: Selection): Promise<number>
  isEmpty(): Promise<boolean>
  seal(): Promise<void>
  clear(): Promise<void>
}

/** What follows a collection's name in the name of its refused stream. No collection's own name can have it. */
const SUFFIX = '!refused'

export function createQuarantine(collection: CollectionDefinition, options: JournalOptions): Quarantine {
  const retention = Math.min(collection.retention ?? REFUSED_DAYS, REFUSED_DAYS)
  const definition = { ...collection, name: collection.name + SUFFIX, retention }
  // A retry is known for 48 h as elsewhere; ids stay only so that events can be told when they are restored.
  const stream = journalStream(definition, { ...options, observe: undefined }, false)

  /** Events, by two dimensions. */
  function ask(dimensions: readonly string[], rest: Readonly<Record<string, unknown>> = {}): Promise<Report> {
    const today = dateOf(options.now(), definition.timezone)
    const range = [addDays(today, -retention), nextDate(today)]
    const question = { metrics: ['events'], dimensions, date_range: range, ...rest }
    return stream.query(readQuery(question, definition, refusedFields))
  }

  return {
    refuse: (all) => stream.add(all.map(toKept)),
    async report(): Promise<RefusedReport> {
      const byDay = rowsOf(await ask(['time:day', 'event:refusal']))
      const byAgent = await ask(['event:bot', 'event:page'], {
        filters: [['is_not', 'event:bot', ['(not set)']]],
        pagination: { limit: refusedLimits.agents },
      })
      return {
        counts: countsOf(byDay),
        days: Object.fromEntries(
          byDay.map(([date]) => [date, countsOf(byDay.filter(([other]) => other === date))]),
        ),
        agents: rowsOf(byAgent).map(([bot, page, count]) => ({ bot, page, count })),
        sample: await sampleOf(stream),
      }
    },
    query: stream.query,
    restore: (selection, count) =>
      stream.remove({
        ...rowsToRestore(selection, definition, stream),
        async handOver(events): Promise<void> {
          for (const batch of batches(events)) await count(batch.map(toCounted))
        },
        isErasure: false,
      }),
    erase: stream.erase,
    isEmpty: stream.isEmpty,
    seal: stream.seal,
    clear: stream.clear,
  }
}

/** Who sent a refused event is kept nowhere; its id stays as long as it does. */
function toKept({ event: { visitor: _visitor, ...event }, code, bot }: Refused): Event & Verdict {
  return { ...event, dated: true, refusal: code, ...(bot !== undefined && { bot }) }
}

/**
 * A refused event as it is counted after all. Its id is then known for good, so that it counts once however often
 * it is restored; and nothing is remembered for longer because of it.
 */
function toCounted({ refusal: _refusal, bot: _bot, ...event }: ReadEvent): Event {
  return { ...event, id: event.id ?? '', received: event.time, dated: true }
}

function rowsToRestore(
  selection: RestoreSelection,
  definition: CollectionDefinition,
  stream: JournalStream,
): Pick<Removal, 'mayHold' | 'mayBeIn' | 'rowsOf'> {
  const mayHold = (): boolean => true
  if ('code' in selection) {
    const filters = readFilters([['is', 'event:refusal', [selection.code]]], definition, refusedFields)
    return { mayHold, rowsOf: (day) => stream.selected(day, { range: {}, filters }) }
  }
  const ids = new Set(selection.ids)
  return {
    mayHold,
    mayBeIn: async (day) => (await day.ids()).some((id) => ids.has(id)),
    rowsOf: (day) =>
      Uint8Array.from({ length: day.rows }, (_, row) => (ids.has(day.idOf(row)?.id ?? '') ? 1 : 0)),
  }
}

type Row = readonly [first: string, second: string, events: number]

function rowsOf({ results }: Report): readonly Row[] {
  return results.map(({ dimensions: [first = '', second = ''], metrics }) => [
    first,
    second,
    Number(metrics[0]),
  ])
}

function countsOf(rows: readonly Row[]): RefusedReport['counts'] {
  const counts: Record<string, number> = {}
  for (const [, code, count] of rows) counts[code] = (counts[code] ?? 0) + count
  return counts
}

/** The newest events. Nobody has a visitor here, so that a day's rows lie in order of time. */
function sampleOf({ days }: JournalStream): Promise<readonly RefusedSample[]> {
  return days.onLedger(async (ledger, read) => {
    const sample: RefusedSample[] = []
    let bytes = 0
    for (const date of days.datesOf(ledger).toReversed()) {
      const day = await days.fullDay(ledger, date, read)
      const newest = new Uint8Array(day.rows).fill(1, Math.max(0, day.rows - refusedLimits.sample))
      for (const event of [...eventsOf(day, newest)].reverse()) {
        bytes += byteLength(JSON.stringify(event))
        if (sample.length === refusedLimits.sample || bytes > refusedLimits.sampleBytes) return sample
        sample.push(toSample(event))
      }
    }
    return sample
  })
}

function toSample({ refusal, bot, ...event }: ReadEvent): RefusedSample {
  return { code: refusal as RefusalCode, ...(bot !== undefined && { bot }), event }
}

function* batches(events: Iterable<ReadEvent>): Generator<readonly ReadEvent[]> {
  let batch: ReadEvent[] = []
  for (const event of events) {
    batch.push(event)
    if (batch.length < eventLimits.batch) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
