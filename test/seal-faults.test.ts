import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { sqlite } from '../adapters/store/sqlite.ts'
import { readFilters, readQuery } from '../src/asking/query-reader.ts'
import type { Collection, CollectionDefinition } from '../src/collection.ts'
import { defineCollection, definitionSchema } from '../src/definition.ts'
import { asSkerryError } from '../src/errors.ts'
import { ENGAGEMENT, type Event, type KeptEvent } from '../src/event.ts'
import { encodeEvents, joinEntries } from '../src/store/entry.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { sqlStore } from '../src/store/sql/sql-store.ts'
import type { Store } from '../src/store/store.ts'
import {
  type Bed,
  liveSegments,
  memoryBed,
  redisBed,
  sqliteBed,
  statementsBed,
  strays,
  unforgotten,
  upstashBed,
} from './support/beds.ts'
import { temporaryFolder } from './support/child.ts'
import {
  cuts,
  type Damage,
  damagedStore,
  flips,
  gone,
  headerOf,
  laterFormat,
  payloadOf,
} from './support/damage.ts'
import { definition, event, freshName } from './support/event.ts'
import { journalOptions } from './support/journal.ts'
import { killEvent } from './support/kill-lines.ts'
import { killAfter, killOne, nothingTold, seeded, type Told, type Victims } from './support/kills.ts'
import { answer, withoutWords } from './support/model.ts'
import { createLife, type Fate, isLate, type Life, mortalStore } from './support/mortal.ts'
import { NOON, type Scenario, scenarios } from './support/seal-scenarios.ts'
import { ADMIN_KEY, startNode } from './support/server.ts'

/** How many processes are killed; more by setting KILLS. SEED: when. */
const KILLS = { sqlite: Number(process.env.KILLS ?? 25), redis: Number(process.env.KILLS ?? 10) }
const SEED = Number(process.env.SEED ?? 1)

const HOUR = 3_600_000
const DAY = 24 * HOUR

const folder = await temporaryFolder()
const commandsBed = redisBed(inject('redisUrl'), 'commands')
const beds: readonly Bed[] = [
  memoryBed(),
  sqliteBed(folder.path),
  statementsBed(),
  redisBed(inject('redisUrl'), 'methods'),
  { ...commandsBed, fates: ['dies before', 'lost'] },
  { ...commandsBed, name: 'ioredis, late at commands', fates: ['late', 'busy'], close: async () => {} },
  upstashBed(inject('upstash'), inject('redisUrl')),
]

afterAll(async () => {
  for (const bed of beds) await bed.close()
  await folder.remove()
})

// ── 1. A process that dies, fails or sleeps at any of its calls ──

describe.concurrent('at every call of a process', () => {
  for (const bed of beds) {
    test(`${bed.name}: whatever befalls it leaves the old state or the new`, {
      timeout: 240_000,
    }, async () => {
      const failures: Error[] = []
      const lines: string[] = []
      let sum = 0
      for (const scenario of scenarios()) {
        const steps: number[] = []
        for (const fate of fatesOf(bed, scenario)) steps.push(await everyStep(bed, scenario, fate, failures))
        sum += steps.reduce((a, b) => a + b, 0)
        lines.push(`${scenario.name} ${steps.join(' + ')}`)
      }
      console.log(`${bed.name}: ${sum} fates (${bed.fates.join(' + ')}): ${lines.join('; ')}`)
      if (failures.length > 0) {
        const list = failures
          .slice(0, 20)
          .map(({ message }) => message)
          .join('\n')
        throw new Error(`${failures.length} of ${sum}:\n${list}`, { cause: failures[0] })
      }
    })
  }
})

/** An event that a process takes while it clears may be gone or not. */
function fatesOf({ fates }: Bed, { after }: Scenario): readonly Fate[] {
  return fates.filter((fate) => fate !== 'busy' || after.length > 0)
}

/** Lets a process meet its fate at its first call, at its second, and so on. Tells how many there are. */
async function everyStep(bed: Bed, scenario: Scenario, fate: Fate, failures: Error[]): Promise<number> {
  for (let step = 1; ; step++) {
    const story = new Story(bed, scenario, fate, step)
    try {
      await story.run()
    } catch (error) {
      const calls = story.calls.map((call, i) => (i === step - 1 ? `[${call}]` : call)).join(' ')
      const why = error instanceof Error ? error.message : String(error)
      failures.push(new Error(`${scenario.name}, ${fate} call ${step} of ${calls}: ${why}`, { cause: error }))
    }
    if (!story.hasMet) return step - 1
  }
}

/** One process's fate and what others find after it. */
class Story {
  readonly #bed: Bed
  readonly #scenario: Scenario
  readonly #fate: Fate
  readonly #step: number
  readonly #life: Life
  readonly #definition: CollectionDefinition
  /** What came from elsewhere meanwhile. */
  readonly #added: Event[] = []
  readonly #victim: Collection
  #erased = 0
  #now = NOON

  constructor(bed: Bed, scenario: Scenario, fate: Fate, step: number) {
    this.#bed = bed
    this.#scenario = scenario
    this.#fate = fate
    this.#step = step
    this.#definition = definition(scenario.settings)
    this.#life = createLife(step, fate, () => (fate === 'late' ? this.#othersAct() : this.#goesOn()))
    this.#victim = this.#actor(bed.mortal(this.#life))
  }

  get calls(): readonly string[] {
    return this.#life.calls
  }

  get hasMet(): boolean {
    return this.#life.hasMet
  }

  async run(): Promise<void> {
    const { prepare, act, before, after, again, canBearFailure } = this.#scenario
    await prepare(this.#actor(), (time) => {
      this.#now = time
    })
    if (this.#step === 1) await this.#isOf(this.#onlooker(), [before])

    const victim = this.#victim
    const outcome = await outcomeOf(act(victim))
    this.#life.isAtRest = true
    const mustFail = this.hasMet && !isLate(this.#fate)
    if (!mustFail) this.#note(outcome)
    else if (!canBearFailure) expect(outcome).toMatchObject({ error: { code: 'unavailable' } })
    const isDone = !('error' in outcome)
    if (!this.#life.isOver) await this.#isOf(victim, isDone ? [after] : [before, after])

    const witness = this.#onlooker()
    const found = await this.#isOf(witness, isDone ? [after] : [before, after])
    await witness.add(again)
    await this.#isOf(witness, [found])

    this.#note(await outcomeOf(act(this.#actor())))
    await this.#leavesNothing()
  }

  /** Others add an event and do the same, while this process sleeps. */
  async #othersAct(): Promise<void> {
    const other = this.#actor()
    await this.#addOne(other)
    this.#note(await outcomeOf(this.#scenario.act(other)))
    if (this.#scenario.after.length === 0) this.#added.length = 0
  }

  /** The process itself takes an event and a question, and so reads on. */
  async #goesOn(): Promise<void> {
    await this.#addOne(this.#victim)
    await this.#victim.count()
  }

  async #addOne(collection: Collection): Promise<void> {
    const n = this.#added.length
    this.#added.push(
      event({ id: `added${n}`, title: `added${n}`, time: NOON + n, received: NOON, page: '/b' }),
    )
    await collection.add(this.#added.slice(-1))
  }

  /** No error, and nothing erased twice. */
  #note(outcome: Outcome): void {
    if ('error' in outcome) throw outcome.error
    this.#erased += outcome.value ?? 0
    expect(this.#erased).toBeLessThanOrEqual(this.#scenario.before.length - this.#scenario.after.length)
  }

  /** The next seal removes whatever lies about, and what it keeps is whole. */
  async #leavesNothing(): Promise<void> {
    const collection = this.#actor()
    await this.#addOne(collection)
    await collection.seal()
    await this.#isOf(this.#onlooker(), [this.#scenario.after], this.#scenario.forgotten)
    expect(await unforgotten(this.#bed.store, this.#definition.name)).toEqual([])
    expect(await strays(this.#bed, this.#definition.name)).toEqual([])
    await collection.clear()
    expect(await this.#bed.segments(this.#definition.name)).toEqual([])
  }

  /** All that can be seen is one of these states; tells which. Of `forgotten` no id is seen. */
  async #isOf<T extends readonly Event[]>(
    collection: Collection,
    states: readonly T[],
    forgotten: readonly Event[] = [],
  ): Promise<T> {
    const seen = await look(collection)
    const found = states.find((state) => this.#expected(state).counts[0] === seen.counts[0]) ?? states[0]
    expect(seen).toEqual(this.#expected(found ?? []))
    const known = new Set(seen.events.map(({ id }) => id))
    expect(forgotten.filter(({ id }) => known.has(id))).toEqual([])
    return found as T
  }

  /** A process that seals whenever there is something to. */
  #actor(store: Store = this.#bed.store): Collection {
    return this.#open(store, 1)
  }

  /** A process that only looks. */
  #onlooker(): Collection {
    return this.#open(this.#bed.store, 1000)
  }

  #open(store: Store, sealAt: number): Collection {
    const options = journalOptions(store, { now: () => this.#now, sealAt })
    return journalCollection(this.#definition, { ...options, store })
  }

  #expected(events: readonly Event[]): Seen {
    return expectedOf(events, this.#added, this.#definition, this.#scenario.forgettable)
  }
}

type Outcome = { readonly value: number | undefined } | { readonly error: unknown }

async function outcomeOf(work: Promise<number | undefined>): Promise<Outcome> {
  try {
    return { value: await work }
  } catch (error) {
    return { error }
  }
}

// ── What can be seen of a collection ──

interface Seen {
  readonly counts: readonly number[]
  readonly reports: readonly unknown[]
  /** Title and id of each event; an id that may be forgotten is left out. */
  readonly events: readonly { readonly title: string | undefined; readonly id: string }[]
}

const questions = [
  { metrics: ['visitors', 'visits', 'pageviews', 'events', 'bounce_rate', 'visit_duration'] },
  { metrics: ['visitors', 'events', 'time_on_page'], dimensions: ['event:page'] },
  { metrics: ['visitors', 'visits', 'pageviews'], dimensions: ['time:day', 'visit:source'] },
]
const FORGOTTEN = '(forgotten)'
const pages = ['/a', '/b', '/c', '/secret']

const queryOf = (question: object, own: CollectionDefinition) =>
  readQuery({ date_range: ['2026-05-01', '2026-05-31'], ...question }, own)

async function look(collection: Collection): Promise<Seen> {
  const counts = [await collection.count()]
  for (const page of pages) counts.push(await collection.countBy('page', page))
  const reports = []
  for (const question of questions)
    reports.push(withoutWords((await collection.query(queryOf(question, collection.definition))).results))
  const events: KeptEvent[] = []
  for await (const one of collection.events({ range: {}, filters: [] })) events.push(one)
  return { counts, reports, events: events.map(({ title, id = FORGOTTEN }) => ({ title, id })) }
}

const known = new WeakMap<readonly Event[], Seen[]>()

/** The same by definition: of events, and the first few of those that are added to them. */
function expectedOf(
  events: readonly Event[],
  added: readonly Event[],
  own: CollectionDefinition,
  forgettable: readonly Event[],
): Seen {
  const byNumber = known.get(events) ?? []
  known.set(events, byNumber)
  byNumber[added.length] ??= seenOf([...events, ...added], own, new Set(forgettable.map(({ id }) => id)))
  return byNumber[added.length] as Seen
}

function seenOf(events: readonly Event[], own: CollectionDefinition, forgettable: ReadonlySet<string>): Seen {
  const counted = events.filter(({ name }) => name !== ENGAGEMENT)
  return {
    counts: [counted.length, ...pages.map((page) => counted.filter((one) => one.page === page).length)],
    reports: questions.map((question) =>
      withoutWords(answer(events, own, queryOf(question, own), NOON).results),
    ),
    events: events
      .toSorted((a, b) => a.time - b.time)
      .map(({ title, id }) => ({ title, id: forgettable.has(id) ? expect.toBeOneOf([id, FORGOTTEN]) : id })),
  }
}

// ── Others that seal, add and forget meanwhile ──

describe('while others go on', () => {
  const at = (time: number, page: string, fields: Partial<Event> = {}): Event =>
    event({ time, received: NOON, page, visitor: '00000000000000aa', source: 'Google', ...fields })

  test('a question of a process that has read before is answered as of before or after', async () => {
    const { store } = memoryBed()
    const asks: readonly Question[] = [
      ['count', (collection) => collection.count()],
      ['countBy', (collection) => collection.countBy('page', '/a')],
      asked({ metrics: ['visitors', 'pageviews'] }),
      asked({ metrics: ['events'], dimensions: ['event:page'] }),
      asked({ metrics: ['visits'], dimensions: ['visit:source'] }),
      ['export', exportOf],
    ]
    const wrong = new Set<string>()
    let sum = 0
    for (const [warmName, warm] of asks) {
      for (const [name, ask] of asks) {
        for (let step = 1; ; step++) {
          const own = definition()
          const open = (sealAt: number, of = store): Collection =>
            journalCollection(own, { ...journalOptions(of, { now: () => NOON, sealAt }), store: of })
          const sealed = [at(NOON - DAY, '/a'), at(NOON - HOUR, '/a'), at(NOON - HOUR + 1, '/b')]
          await open(1).add(sealed)
          await open(1).seal()
          const life = createLife(step, 'late', async () => {
            await open(1).add([at(NOON - DAY + 1, '/c'), at(NOON - 5, '/c')])
            await open(1).seal()
          })
          life.isAtRest = true
          const collection = open(1000, mortalStore(store, life))
          await warm(collection)
          // An id that is sealed comes again, so that ids are read.
          await collection.add(sealed.slice(0, 1))
          const before = await ask(open(1000))
          life.isAtRest = false
          const answer = await ask(collection)
          life.isAtRest = true
          const after = await ask(open(1000))
          sum++
          if (!isBetween(answer, before, after))
            wrong.add(`${warmName}, then ${name}, late ${life.calls[step - 1]}: ${JSON.stringify(answer)}`)
          expect(await ask(collection)).toEqual(after)
          if (!life.hasMet) break
        }
      }
    }
    console.log(`memory: ${sum} questions of warm processes, late at each call`)
    expect([...wrong]).toEqual([])
  })

  /** A store to which another event comes before each look at a journal. */
  function busy(store: Store, name: string): Store {
    let n = 0
    return {
      ...store,
      async tail(...of): ReturnType<Store['tail']> {
        const entries = joinEntries(encodeEvents([at(NOON - 1000 + n++, '/busy')]))
        await store.append([{ collection: name, entries }])
        return store.tail(...of)
      },
    }
  }

  test('an erasure comes to its end though events keep coming', async () => {
    const own = definition()
    const { store } = memoryBed()
    const options = { now: () => NOON, sealAt: 1 }
    const calm = journalCollection(own, { ...journalOptions(store, options), store })
    await calm.add([at(NOON - DAY, '/secret'), at(NOON - HOUR, '/secret'), at(NOON - HOUR, '/open')])
    await calm.seal()
    const rushed = busy(store, own.name)
    const collection = journalCollection(own, { ...journalOptions(rushed, options), store: rushed })
    const filters = readFilters([['is', 'event:page', ['/secret']]], own)
    expect(await collection.erase({ range: {}, filters })).toBe(2)
  })

  test('ids and visitors are forgotten though events keep coming', async () => {
    const own = definition()
    const { store } = memoryBed()
    let now = NOON
    const options = { now: () => now, sealAt: 1 }
    const calm = journalCollection(own, { ...journalOptions(store, options), store })
    await calm.add([at(NOON - 2 * DAY, '/')])
    await calm.seal()
    const [segment = ''] = await liveSegments(store, own.name)
    now = NOON + 49 * HOUR
    const rushed = busy(store, own.name)
    const collection = journalCollection(own, { ...journalOptions(rushed, options), store: rushed })
    for (let i = 0; i < 3; i++) await collection.seal()
    const parts = await store.parts(own.name, [{ segment, names: ['ids', 'visitors', 'header'] }])
    expect([...(parts.get(segment)?.keys() ?? [])]).toEqual(['header'])
  })

  test('once an erasure is told nothing of it lies in Redis, though one before it died at any command', async () => {
    const bed = redisBed(inject('redisUrl'), 'commands')
    const left: string[] = []
    for (let step = 1; ; step++) {
      const own = definition()
      const life = createLife(step, 'dies before', async () => {})
      const open = (store: Store = bed.store): Collection =>
        journalCollection(own, { ...journalOptions(store, { now: () => NOON, sealAt: 1 }), store })
      await open().add([at(NOON - DAY, '/secret'), at(NOON - DAY, '/open')])
      await open().seal()
      await open().add([at(NOON - HOUR, '/secret')])
      const selection = { range: {}, filters: readFilters([['is', 'event:page', ['/secret']]], own) }
      await outcomeOf(open(bed.mortal(life)).erase(selection))
      await open().erase(selection)
      if (await isAnywhere(bed, own.name, '/secret')) left.push(`died before ${life.calls.join(' ')}`)
      await open().clear()
      if (!life.hasMet) break
    }
    await bed.close()
    expect(left).toEqual([])
  })

  test('all processes count the same once an id has been forgotten', async () => {
    const own = definition()
    const { store } = memoryBed()
    let now = NOON
    const open = (): Collection =>
      journalCollection(own, { ...journalOptions(store, { now: () => now, sealAt: 1 }), store })
    const [one, two] = [open(), open()]
    const again = at(NOON - HOUR, '/', { id: 'again' })
    await one.add([again])
    await one.seal()
    await two.add([at(NOON - HOUR + 1, '/')])
    expect([await one.count(), await two.count()]).toEqual([2, 2])
    await two.seal()
    now = NOON + 49 * HOUR
    await two.seal()
    await two.add([{ ...again, time: now, received: now }])
    const counts = [await one.count(), await two.count(), await open().count()]
    expect(counts).toEqual([3, 3, 3])
  })
})

/** Whether a text is in any part that lies in a store. */
async function isAnywhere(bed: Bed, collection: string, text: string): Promise<boolean> {
  const kept = (await bed.segments(collection)).filter((segment) => !segment.endsWith('?'))
  const headers = await bed.store.parts(
    collection,
    kept.map((segment) => ({ segment, names: ['header'] })),
  )
  for (const [segment, [[, header] = []]] of [...headers].map(
    ([name, parts]) => [name, [...parts]] as const,
  )) {
    const { parts: names } = headerOf(header ?? new Uint8Array())
    const found = await bed.store.parts(collection, [{ segment, names }])
    for (const part of found.get(segment)?.values() ?? [])
      if (Buffer.from(payloadOf(part)).includes(text)) return true
  }
  return false
}

// ── 2. Processes that are killed ──

describe.concurrent('kill -9', () => {
  test(`SQLite: ${KILLS.sqlite} processes that add, seal and erase`, {
    timeout: 240_000 + 2000 * (Number(process.env.KILLS) || 0),
  }, async ({ onTestFinished }) => {
    const own = await temporaryFolder()
    onTestFinished(() => own.remove())
    const collection = freshName('kill')
    const told = nothingTold()
    const victims = { kind: 'sqlite', place: own.path, collection, random: seeded(SEED) } as const
    const check = (): void => {
      const database = new DatabaseSync(join(own.path, 'skerry.db'))
      expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
      database.close()
    }
    // First one after another, then beside one that lives on, and is killed last.
    while (told.kills < KILLS.sqlite / 2) {
      await killOne(victims, told)
      if (told.kills % 4 === 0) check()
    }
    await killAfter(victims, told, () => killUntil(KILLS.sqlite, victims, told))
    check()
    const bed = sqliteBed(own.path)
    await expectAllToldHolds('SQLite', bed, collection, told)
    await bed.close()
    check()
  })

  test(`Redis: ${KILLS.redis} processes that add, seal and erase`, {
    timeout: 240_000 + 2000 * (Number(process.env.KILLS) || 0),
  }, async () => {
    const collection = freshName('kill')
    const told = nothingTold()
    const place = inject('redisUrl')
    const victims = { kind: 'redis', place, collection, random: seeded(SEED + 1) } as const
    while (told.kills < KILLS.redis / 2) await killOne(victims, told)
    await killAfter(victims, told, () => killUntil(KILLS.redis, victims, told))
    const bed = redisBed(place, 'methods')
    await expectAllToldHolds('Redis', bed, collection, told)
    await bed.close()
  })
})

async function killUntil(kills: number, victims: Victims, told: Told): Promise<void> {
  while (told.kills < kills) await killOne(victims, told)
}

/** What was acknowledged counts once, what was erased is gone; and when all is sent again, everything else counts once too. */
async function expectAllToldHolds(name: string, bed: Bed, collection: string, told: Told): Promise<void> {
  expect(told.faults).toEqual([])
  const { store } = bed
  const own = { ...definition(), name: collection }
  const open = (): Collection => journalCollection(own, { ...journalOptions(store, { sealAt: 1 }), store })
  const { sent, acknowledged, erased, unknown, refused } = told

  const found = await exportOf(open())
  expect(new Set(found).size).toBe(found.length)
  expect(found.filter((id) => !sent.has(id))).toEqual([])
  expect(found.filter((id) => erased.has(sent.get(id)?.page ?? ''))).toEqual([])
  const isKept = ({ page = '' }: Event): boolean => !erased.has(page) && !unknown.has(page)
  const kept = [...sent.values()].filter((one) => acknowledged.has(one.id) && isKept(one))
  expect(kept.filter(({ id }) => !found.includes(id))).toEqual([])
  // Of an erasure with an unknown outcome all events are gone, or none is.
  for (const page of unknown) {
    const ofPage = found.filter((id) => sent.get(id)?.page === page)
    expect([0, 3]).toContain(ofPage.length)
  }

  for (const page of [...unknown, ...refused])
    await open().erase({ range: {}, filters: readFilters([['is', 'event:page', [page]]], own) })
  const all = [...sent.values()]
  const again = open()
  for (let i = 0; i < all.length; i += 500) await again.add(all.slice(i, i + 500))
  const gone = new Set([...erased, ...unknown, ...refused])
  const last = killEvent('last', 0, '/')
  await again.add([last])
  const left = [...all.filter(({ page = '' }) => !gone.has(page)), last]
  for (const collection of [again, open()]) {
    await expectIs(collection, left)
    await collection.seal()
    await expectIs(collection, left)
  }
  for (const page of gone) expect(await again.countBy('page', page)).toBe(0)
  console.log(
    `${name}: ${told.kills} kills; ${told.segments} segments put in ${told.seals} whole seals, ` +
      `${(await bed.segments(collection)).length} kept; ${sent.size} events sent, ${acknowledged.size} acknowledged; ` +
      `${erased.size} pages erased, ${unknown.size} with unknown outcome, ${refused.size} refused; ` +
      `${told.unavailable.length} times not available (${[...new Set(told.unavailable)].join()})`,
  )
  expect(await strays(bed, collection)).toEqual([])
  await again.clear()
}

async function expectIs(collection: Collection, events: readonly Event[]): Promise<void> {
  expect(await collection.count()).toBe(events.length)
  expect((await exportOf(collection)).sort()).toEqual(events.map(({ id }) => id).sort())
  const dates = [-4, 1].map((days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10))
  const question = {
    metrics: ['visitors', 'visits', 'pageviews'],
    dimensions: ['time:day', 'visit:source'],
    date_range: dates,
  }
  const query = readQuery(question, collection.definition)
  expect(withoutWords((await collection.query(query)).results)).toEqual(
    withoutWords(answer(events, collection.definition, query, Date.now()).results),
  )
}

async function exportOf(collection: Collection): Promise<string[]> {
  const ids: string[] = []
  for await (const { id = FORGOTTEN } of collection.events({ range: {}, filters: [] })) ids.push(id)
  return ids
}

// ── 3. Parts that are not as they were written ──

/** Something to ask of a collection. */
type Question = readonly [name: string, ask: (collection: Collection) => Promise<unknown>]

const asked = (question: object): Question => [
  JSON.stringify(question),
  async (collection) => (await collection.query(queryOf(question, collection.definition))).results,
]

const allQuestions: readonly Question[] = [
  ['count', (collection) => collection.count()],
  ['countBy page', (collection) => collection.countBy('page', '/p1')],
  ['countBy URL', (collection) => collection.countBy('page', 'https://h1.example/p1')],
  ['countBy source', (collection) => collection.countBy('source', 'Google')],
  asked({ metrics: ['visitors', 'visits', 'pageviews', 'bounce_rate', 'visit_duration'] }),
  asked({ metrics: ['visitors', 'events'], dimensions: ['event:page'] }),
  asked({ metrics: ['visits'], dimensions: ['visit:source'] }),
  asked({ metrics: ['pageviews'], dimensions: ['time:hour'] }),
  asked({ metrics: ['visits', 'visit_duration'], filters: [['is', 'visit:source', ['Google']]] }),
  asked({ metrics: ['time_on_page', 'scroll_depth'], dimensions: ['event:page'] }),
  asked({ metrics: ['events'], dimensions: ['event:props:plan', 'event:hostname'] }),
  asked({ metrics: ['total_revenue'] }),
  [
    'export',
    async (collection) => {
      const events: KeptEvent[] = []
      for await (const one of collection.events({ range: {}, filters: [] })) events.push(one)
      return events
    },
  ],
]

/** Parts that are removed once they are past their time, and such as can be worked out again. */
const MAY_BE_GONE = /^(?:ids|ids\/erased|visitors|by\/.*)$/

/** Two sealed days with everything in them: one large enough for summaries, and one small. */
async function sealedDays(store: Store, now: () => number): Promise<CollectionDefinition> {
  const own = definition()
  const collection = journalCollection(own, { ...journalOptions(store, { now, sealAt: 1 }), store })
  const events = Array.from({ length: 2400 }, (_, i): Event => {
    const time = NOON - (i < 2300 ? 2 : 1) * DAY + i * 10_000
    return {
      ...{
        id: `d${i}`,
        name: i % 5 === 4 ? ENGAGEMENT : 'pageview',
        time,
        received: NOON,
        page: `/p${i % 9}`,
      },
      ...{ hostname: `h${i % 2}.example`, source: i % 4 === 1 ? 'Mail' : 'Google', title: `Title ${i % 50}` },
      ...(i % 11 > 0 && { visitor: (i % 97).toString(16).padStart(16, '0') }),
      ...(i % 5 === 4 && { ms: 1000 + i, depth: i % 100 }),
      ...(i % 7 === 0 && { props: { plan: i % 2 ? 'pro' : 'free', n: i } }),
      ...(i % 13 === 0 && { revenue: { amount: '9.50', currency: 'EUR' }, interactive: false as const }),
      ...(i % 10 === 0 && { dated: true as const }),
    }
  })
  for (let i = 0; i < events.length; i += 500) await collection.add(events.slice(i, i + 500))
  await collection.seal()
  const filters = readFilters([['is', 'event:page', ['/p8']]], own)
  expect(await collection.erase({ range: {}, filters })).toBeGreaterThan(100)
  return own
}

describe('damage', async () => {
  const bed = memoryBed()
  const now = (): number => NOON
  const own = await sealedDays(bed.store, now)
  const damaged = damagedStore(bed.store)
  const open = (): Collection =>
    journalCollection(own, { ...journalOptions(damaged.store, { now, sealAt: 1e6 }), store: damaged.store })
  const segments = await liveSegments(bed.store, own.name)

  /** What each question answers, and which parts it reads of each segment. */
  const answers = new Map<string, unknown>()
  const readBy = new Map<string, Map<string, Set<string>>>()
  for (const [name, ask] of allQuestions) {
    damaged.reads.clear()
    answers.set(name, await ask(open()))
    readBy.set(name, new Map(damaged.reads))
  }
  const partsOf = (segment: string): readonly string[] => [
    ...new Set([...readBy.values()].flatMap((of) => [...(of.get(segment) ?? [])])),
  ]

  /** What a question comes to while a part is damaged. It must be told, by column and day; then, once, the part is whole again. */
  async function examine(segment: string, part: string, damage: Damage, question: Question): Promise<string> {
    const [name, ask] = question
    const what = `${part} of ${segment.slice(0, 10)}`
    const collection = open()
    damaged.damage = { segment, part, damage }
    const outcome = await ask(collection).then(
      (value) => (isEqual(value, answers.get(name)) ? 'the right answer' : 'a wrong answer'),
      (error: unknown) => {
        const { code, message } = asSkerryError(error) ?? { code: 'another error', message: String(error) }
        return code === 'damaged' && message.includes(`"${part}" of ${segment.slice(0, 10)}`) ? 'told' : code
      },
    )
    damaged.damage = undefined
    if (outcome === 'told' && damage === flips[0])
      expect(await ask(collection), `${what}, whole again`).toEqual(answers.get(name))
    return outcome
  }

  /** Damages each part in each way. What was not told. */
  async function examineAll(damages: readonly Damage[]): Promise<readonly string[]> {
    const wrong: string[] = []
    const sums = new Map<string, number>()
    for (const segment of segments) {
      for (const part of partsOf(segment)) {
        const reading = allQuestions.filter(([name]) => readBy.get(name)?.get(segment)?.has(part))
        const other = allQuestions.find(([name]) => !readBy.get(name)?.get(segment)?.has(part))
        for (const [i, damage] of damages.entries()) {
          const question = reading[i % reading.length] as Question
          const outcome = await examine(segment, part, damage, question)
          sums.set(outcome, (sums.get(outcome) ?? 0) + 1)
          if (outcome !== 'told')
            wrong.push(`${damage.name}: ${part} of ${segment.slice(0, 10)}, asked ${question[0]}: ${outcome}`)
          if (i > 0 || !other) continue
          damaged.damage = { segment, part, damage }
          expect(await other[1](open())).toEqual(answers.get(other[0]))
          damaged.damage = undefined
        }
      }
    }
    const texts = [...sums].map(([outcome, n]) => `${n} ${outcome}`)
    console.log(`damage (${damages.map(({ name }) => name).join(', ')}): ${texts.join(', ')}`)
    return wrong
  }

  test('the questions read every part there is', async () => {
    for (const segment of segments) {
      const [[, parts] = []] = await bed.store.parts(own.name, [{ segment, names: ['header'] }])
      const header = headerOf(parts?.get('header') ?? new Uint8Array())
      expect(partsOf(segment).toSorted()).toEqual([...header.parts].sort())
    }
  })

  test('a byte that changed is told with column and day, and all else is answered', {
    timeout: 240_000,
  }, async () => {
    expect(await examineAll(flips)).toEqual([])
  })

  test('so is a part that was cut', { timeout: 240_000 }, async () => {
    expect(await examineAll(cuts)).toEqual([])
  })

  test('so is a part that is gone, unless it may be', { timeout: 240_000 }, async () => {
    const wrong = await examineAll([gone])
    expect(wrong.filter((one) => !MAY_BE_GONE.test(/^gone: (\S+)/.exec(one)?.[1] ?? ''))).toEqual([])
  })

  test('so is a header of another format', async () => {
    for (const segment of segments) {
      for (const question of allQuestions.filter(([name]) => readBy.get(name)?.get(segment)?.has('header')))
        expect(await examine(segment, 'header', laterFormat, question)).toBe('told')
    }
  })
})

/** The first name of these that a segment has: parts have had other names. */
const CODES_OF_PAGE = ['codes/page', 'page']

describe('damage of a store', () => {
  const yesterday = Date.now() - DAY
  const date = new Date(yesterday).toISOString().slice(0, 10)
  const own = defineCollection('pageviews', definitionSchema.parse({}))

  async function sealOne(store: Store, name: string): Promise<readonly [Collection, string]> {
    const options = { ...journalOptions(store, { sealAt: 1 }), store }
    const collection = journalCollection({ ...own, name }, options)
    await collection.add([event({ time: yesterday, received: yesterday, page: '/a', source: 'Google' })])
    await collection.seal()
    const [segment = ''] = await liveSegments(store, name)
    return [journalCollection({ ...own, name }, options), segment]
  }

  test('a server tells of it and goes on', async ({ onTestFinished }) => {
    const { child, folder } = await startNode()
    onTestFinished(() => folder.remove())
    await child.stop()
    const store = sqlStore(sqlite(folder.path))
    await sealOne(store, 'pageviews')
    await store.close()
    const database = new DatabaseSync(join(folder.path, 'skerry.db'))
    const { changes } = database
      .prepare(
        "UPDATE part SET bytes = zeroblob(length(bytes)) WHERE collection = 'pageviews' AND name IN (?, ?)",
      )
      .run(...CODES_OF_PAGE)
    expect(changes).toBe(1)
    database.close()

    const server = await startNode({ SKERRY_DATA: folder.path })
    onTestFinished(() => server.stop())
    const headers = { Authorization: `Key ${ADMIN_KEY}` }
    const ask = (query: object): Promise<Response> =>
      fetch(`${server.url}/pageviews/query`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ metrics: ['events'], date_range: [date, date], ...query }),
      })
    for (let i = 0; i < 2; i++) {
      const response = await ask({ dimensions: ['event:page'] })
      expect(response.status).toBe(500)
      expect(await response.json()).toMatchObject({ code: 'damaged', detail: expect.stringContaining(date) })
      const other = await ask({ dimensions: ['visit:source'] })
      expect(await other.json()).toMatchObject({ results: [{ dimensions: ['Google'], metrics: [1] }] })
      const sent = await fetch(`${server.url}/pageviews`, { method: 'POST', headers, body: '{"page":"/b"}' })
      expect(sent.status).toBe(201)
      const count = await fetch(`${server.url}/pageviews/count`, { headers })
      expect(await count.json()).toEqual({ count: 2 + i })
      expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    }
  })

  test('a text in Redis that is no base64 is told too', async ({ onTestFinished }) => {
    const client = new Redis(inject('redisUrl'))
    const store = redisStore(ioredis(inject('redisUrl')))
    onTestFinished(async () => {
      client.disconnect()
      await store.close()
    })
    const name = freshName()
    const [collection, segment] = await sealOne(store, name)
    const keys = CODES_OF_PAGE.map((part) => `skerry:{${name}}:part:${segment}:${part}`)
    for (const key of keys) await client.set(key, '*** no base64 ***', 'XX')
    const query = readQuery(
      { metrics: ['events'], dimensions: ['event:page'], date_range: [date, date] },
      collection.definition,
    )
    await expect(collection.query(query)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(date),
    })
    expect(await collection.count()).toBe(1)
    await collection.clear()
  })
})

/** The answer of one moment or the other; an export goes day by day, and may have some days of each. */
function isBetween(answer: unknown, before: unknown, after: unknown): boolean {
  if (!Array.isArray(before) || typeof before[0] !== 'string')
    return isEqual(answer, before) || isEqual(answer, after)
  const [ids, first, last] = [answer, before, after] as string[][]
  return Boolean(first?.every((id) => ids?.includes(id)) && ids?.every((id) => last?.includes(id)))
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}
