import { afterAll, describe, expect, inject, test } from 'vitest'
import type { Collection, CollectionDefinition } from '../src/collection.ts'
import type { Event, KeptEvent } from '../src/event.ts'
import { ENGAGEMENT } from '../src/event.ts'
import { readQuery } from '../src/query.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import type { Store } from '../src/store/store.ts'
import {
  type Bed,
  memoryBed,
  redisBed,
  sqliteBed,
  statementsBed,
  strays,
  upstashBed,
} from './support/beds.ts'
import { temporaryFolder } from './support/child.ts'
import { definition, event } from './support/event.ts'
import { journalOptions } from './support/journal.ts'
import { answer, withoutWords } from './support/model.ts'
import { createLife, type Fate, type Life } from './support/mortal.ts'
import { NOON, type Scenario, scenarios } from './support/seal-scenarios.ts'

const folder = await temporaryFolder()
const beds: readonly Bed[] = [
  memoryBed(),
  sqliteBed(folder.path),
  statementsBed(),
  redisBed(inject('redisUrl'), 'methods'),
  redisBed(inject('redisUrl'), 'commands'),
  upstashBed(inject('upstash'), inject('redisUrl')),
]

afterAll(async () => {
  for (const bed of beds) await bed.close()
  await folder.remove()
})

// ── 1. A process that dies, fails or sleeps at any of its calls ──

describe('at every call of a process', () => {
  for (const bed of beds) {
    test(`${bed.name}: whatever befalls it leaves the old state or the new`, {
      timeout: 60_000,
    }, async () => {
      const failures: Error[] = []
      const lines: string[] = []
      let sum = 0
      for (const scenario of scenarios()) {
        const steps: number[] = []
        for (const fate of bed.fates) steps.push(await everyStep(bed, scenario, fate, failures))
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
  #erased = 0
  #now = NOON

  constructor(bed: Bed, scenario: Scenario, fate: Fate, step: number) {
    this.#bed = bed
    this.#scenario = scenario
    this.#fate = fate
    this.#step = step
    this.#definition = definition(scenario.settings)
    this.#life = createLife(step, fate, () => this.#othersAct())
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

    const victim = this.#actor(this.#bed.mortal(this.#life))
    const outcome = await outcomeOf(act(victim))
    this.#life.retire()
    const mustFail = this.hasMet && this.#fate !== 'late'
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
    await this.#isOf(this.#onlooker(), [this.#scenario.after])
    expect(await strays(this.#bed, this.#definition.name)).toEqual([])
    await collection.clear()
    expect(await this.#bed.segments(this.#definition.name)).toEqual([])
  }

  /** All that can be seen is one of these states; tells which. */
  async #isOf<T extends readonly Event[]>(collection: Collection, states: readonly T[]): Promise<T> {
    const seen = await look(collection)
    const found = states.find((state) => this.#expected(state).counts[0] === seen.counts[0]) ?? states[0]
    expect(seen).toEqual(this.#expected(found ?? []))
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
  readonly events: readonly unknown[]
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
