import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readQuery } from '../../src/asking/query-reader.ts'
import { answer } from '../../src/engine/answer.ts'
import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { hashId, lowHalf } from '../../src/engine/id-hash.ts'
import { OpenDay } from '../../src/engine/open-day.ts'
import { toRecord } from '../../src/engine/record.ts'
import { eventsOf } from '../../src/engine/rows.ts'
import { SealedDay } from '../../src/engine/sealed-day.ts'
import { encodeSegment, type Parts } from '../../src/engine/segment.ts'
import { ENGAGEMENT, type Event, type TextField, textFields } from '../../src/event.ts'
import { dateOf, startOfDay } from '../../src/zone.ts'
import { definition } from '../support/event.ts'
import { eventsAt, type Place, places } from '../support/questions.ts'
import { type ReadVisit, readDictionary, readSegment } from '../support/segment-reader.ts'

const breathe = async (): Promise<void> => {}

// ── Any segment ──

interface Case {
  readonly place: Place
  readonly events: readonly Event[]
}

/** What `eventsAt` does not make: every field, ids that stay, odd names of properties, and two events at once. */
const extras = fc.record(
  {
    ...Object.fromEntries(textFields.map((field) => [field, fc.constantFrom('a', 'Ü 🐚', '(other)')])),
    dated: fc.constant(true as const),
    props: fc
      .uniqueArray(fc.constantFrom('', '__proto__', 'values', 'rest', 'a/rest', 'props/a', 'ids', 'é"'))
      .map((keys) => Object.fromEntries(keys.map((key) => [key, key.length % 2 === 0 ? key : key.length]))),
    hasTwin: fc.boolean(),
  },
  { requiredKeys: [] },
)

const cases: fc.Arbitrary<Case> = fc.constantFrom(...places).chain((place) =>
  eventsAt(place)
    .map((events) => events.filter(({ time }) => dateOf(time, place.timezone) === place.date))
    .chain((events) => {
      const { length } = events
      return fc.array(extras, { minLength: length, maxLength: length, size: 'max' }).map((more) => ({
        place,
        events: events.flatMap((event, i) => {
          const { hasTwin, ...extra } = more[i] ?? {}
          const whole: Event = { ...extra, ...event }
          return hasTwin ? [whole, { ...whole, id: `${whole.id}'` }] : [whole]
        }),
      }))
    }),
)

async function segmentOf({ events, place }: Case): Promise<Parts> {
  const day = new OpenDay(place.date, startOfDay(place.date, place.timezone))
  for (const one of events) day.add(toRecord(one), hashId(one.id), lowHalf)
  return encodeSegment(await day.snapshot().canonical(breathe), {
    timezone: place.timezone,
    namesLimit: 10_000,
    breathe,
    codec: streamCodec,
  })
}

/** By visitor, nobody last, then by time, then by the hash of the id. */
function inOrderOfRows(events: readonly Event[]): Event[] {
  const keyed = events.map((event) => {
    const hash = [hashId(event.id), lowHalf].map((half) => half.toString(16).padStart(8, '0')).join('')
    return { event, key: `${event.visitor ?? 'nobody'} ${String(event.time).padStart(16, '0')} ${hash}` }
  })
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ event }) => event)
}

/** What is kept of an event; no members are as good as none. */
function kept({ received, dated, attributes, props, ...event }: Event): Omit<Event, 'received'> {
  const has = (members: object | undefined): boolean => Object.keys(members ?? {}).length > 0
  return {
    ...event,
    ...(attributes && has(attributes) && { attributes }),
    ...(props && has(props) && { props }),
  }
}

const factFields = textFields.filter((field) => !['page', 'hostname', 'title'].includes(field))

function factsOf(event: Event): ReadVisit['facts'] {
  return Object.fromEntries(factFields.flatMap((field) => (event[field] ? [[field, event[field]]] : [])))
}

/** A pause of more than 30 minutes begins a new visit; each event of nobody is one. */
function visitsOf(rows: readonly Event[]): ReadVisit[] {
  const visitors = [...new Set(rows.map(({ visitor }) => visitor))]
  const firsts = rows.flatMap((event, row) => {
    const before = rows[row - 1]
    const goesOn =
      event.visitor && before?.visitor === event.visitor && event.time - before.time <= 30 * 60_000
    return goesOn ? [] : [{ event, first: row }]
  })
  return firsts.map(({ event, first }, i) => ({
    first,
    rows: (firsts[i + 1]?.first ?? rows.length) - first,
    ...(event.visitor && { visitor: visitors.indexOf(event.visitor) }),
    facts: factsOf(event),
  }))
}

/** How many of the values there are of each, those of engagement left out. */
function tally(events: readonly Event[], read: (event: Event) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>()
  for (const event of events) {
    const value = read(event)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + (event.name === ENGAGEMENT ? 0 : 1))
  }
  return counts
}

function without(parts: Parts, names: readonly string[]): Parts {
  return new Map([...parts].filter(([name]) => !names.includes(name)))
}

describe('a segment as the page describes it', () => {
  test('gives back the events and their visits', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const { events, visits } = readSegment(await segmentOf(one))
        const rows = inOrderOfRows(one.events)
        expect(events).toEqual(rows.map(kept))
        expect(visits).toEqual(visitsOf(rows))
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  test('tells in its header and dictionaries what is in it', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const parts = await segmentOf(one)
        const { header } = readSegment(parts)
        const { columns, parts: names, ...numbers } = header
        const { events, place } = one
        const visits = visitsOf(inOrderOfRows(events))
        expect(numbers).toEqual({
          format: 1,
          date: place.date,
          start: startOfDay(place.date, place.timezone),
          rows: events.length,
          count: events.filter(({ name }) => name !== ENGAGEMENT).length,
          visits: visits.length,
          named: visits.filter(({ visitor }) => visitor !== undefined).length,
          visitors: new Set(events.flatMap(({ visitor }) => visitor ?? [])).size,
          lastReceived: Math.max(0, ...events.map(({ received }) => received)),
        })
        expect([...names].sort()).toEqual([...parts.keys()].sort())
        for (const field of ['name', ...textFields] satisfies ('name' | TextField)[]) {
          const counts = tally(events, (event) => event[field])
          expect(columns[field]?.size ?? 0).toBe(counts.size)
          if (counts.size > 0) expect(new Map(readDictionary(parts, `values/${field}`))).toEqual(counts)
        }
        const seen = events.filter(({ name }) => name !== ENGAGEMENT)
        const urls = tally(seen, ({ hostname, page }) => (hostname && page ? hostname + page : undefined))
        expect(new Map(parts.has('urls/values') ? readDictionary(parts, 'urls/values') : [])).toEqual(urls)
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  test('is read without what is forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const parts = await segmentOf(one)
        const { events, visits } = readSegment(without(parts, ['ids', 'ids/erased', 'visitors']))
        const rows = inOrderOfRows(one.events)
        const strangers = rows.map((event) => {
          const { id, visitor, ...rest } = kept(event)
          return event.dated ? { id, ...rest } : rest
        })
        expect(events).toEqual(strangers)
        expect(visits).toEqual(visitsOf(rows))
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  test('that was changed anywhere is refused, or reads as it did', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), fc.nat(), fc.nat({ max: 7 }), async (one, part, at, bit) => {
        const parts = await segmentOf(one)
        const [name, bytes] = [...parts][part % parts.size] ?? ['header', new Uint8Array()]
        const damaged = bytes.slice()
        damaged[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit)
        const read = (): unknown => readSegment(new Map([...parts, [name, damaged]]))
        // Deflate has a few bits that mean nothing.
        const isDeflated = bytes[4] === 1 && at % bytes.length > 4
        if (!isDeflated) expect(read).toThrow()
        else expect(outcomeOf(read)).toBeOneOf(['refused', JSON.stringify(readSegment(parts))])
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})

function outcomeOf(read: () => unknown): string {
  try {
    return JSON.stringify(read())
  } catch {
    return 'refused'
  }
}

// ── A stored one ──

interface Stored extends Case {
  readonly count: number
  /** By name, as base64. */
  readonly parts: Readonly<Record<string, string>>
}

/** Written by the first release. Never write it anew: what stores hold was written then, too. */
describe('the segment that was stored by the first release', async () => {
  const path = new URL('../fixtures/segment-v1.json', import.meta.url)
  const stored: Stored = JSON.parse(await readFile(path, 'utf8'))
  const { place, events, count } = stored
  const parts: Parts = new Map(
    Object.entries(stored.parts).map(([name, text]) => [name, Uint8Array.from(Buffer.from(text, 'base64'))]),
  )
  const day = new SealedDay({
    date: place.date,
    count,
    key: place.date,
    codec: streamCodec,
    cache: createCache(1e9),
    read: async (names) => new Map([...parts].filter(([name]) => names.includes(name))),
  })

  test('is read as the page describes it', () => {
    const rows = inOrderOfRows(events)
    const read = readSegment(parts)
    expect(read.events).toEqual(rows.map(kept))
    expect(read.visits).toEqual(visitsOf(rows))
  })

  test('is opened by this release: events', async () => {
    const full = await day.loadFull()
    const rows = inOrderOfRows(events).sort((a, b) => a.time - b.time)
    expect([...eventsOf(full)]).toEqual(rows.map(kept).map(({ visitor, ...rest }) => rest))
    expect(full.erasedIds).toEqual([
      { id: 'erased', isDated: false },
      { id: 'erased-dated', isDated: true },
    ])
    expect(new Set(await day.ids())).toEqual(
      new Set([...events.map(({ id }) => id), 'erased', 'erased-dated']),
    )
  })

  test('is opened by this release: a query', async () => {
    const own = definition({ timezone: place.timezone })
    const query = {
      metrics: ['visitors', 'visits', 'pageviews', 'events', 'bounce_rate', 'visit_duration'],
      dimensions: ['visit:source'],
      date_range: [place.date, place.date],
    }
    const days = { all: [day], erased: [], droppedBefore: undefined }
    const now = startOfDay(place.date, place.timezone) + 86_400_000
    const { results } = await answer(readQuery(query, own), days, { definition: own, now, breathe })
    expect(results).toEqual([
      { dimensions: ['Direct / None'], metrics: [3, 3, 3, 6, 67, 0] },
      { dimensions: ['Google'], metrics: [1, 1, 1, 1, 100, 0] },
      { dimensions: ['source of e1'], metrics: [1, 1, 2, 2, 0, 1860] },
    ])
  })
})
