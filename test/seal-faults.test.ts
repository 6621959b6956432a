import { afterAll, describe, expect, inject, test } from 'vitest'
import type { Collection, CollectionDefinition } from '../src/collection.ts'
import type { Event, KeptEvent } from '../src/event.ts'
import { ENGAGEMENT } from '../src/event.ts'
import { readQuery } from '../src/query.ts'
import { journalCollection } from '../src/store/journal-collection.ts'
import type { Store } from '../src/store/store.ts'
import { type Bed, memoryBed, redisBed, sqliteBed, statementsBed, strays, upstashBed } from './support/beds.ts'
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

// ── 1. A process that dies, or sleeps, at any of its calls ──

describe('at every call of a process', () => {
  for (const bed of beds) {
    test(`${bed.name}: dying or sleeping leaves the old state or the new`, { timeout: 60_000 }, async () => {
      const lines: string[] = []
      let runs = 0
      for (const scenario of scenarios()) {
        const steps: number[] = []
        for (const fate of fatesOf(bed)) steps.push(await everyStep(bed, scenario, fate))
        runs += steps.reduce((sum, one) => sum + one, 0)
        lines.push(`${scenario.name} ${steps.join(' + ')}`)
      }
      console.log(`${bed.name}: ${runs} deaths and sleeps (${fatesOf(bed).join(' + ')}): ${lines.join(', ')}`)
      expect(runs).toBeGreaterThan(30)
    })
  }
})

function fatesOf({ canWait }: Bed): readonly Fate[] {
  return canWait ? ['before', 'after', 'late'] : ['before', 'after']
}

/** Lets a process meet its fate at its first call, at its second, and so on. Tells how many there are. */
async function everyStep(bed: Bed, scenario: Scenario, fate: Fate): Promise<number> {
  for (let step = 1; ; step++) {
    const story = new Story(bed, scenario, fate, step)
    try {
      if (!(await story.run())) return step - 1
    } catch (error) {
      throw new Error(`${scenario.name}, ${fate} call ${step} (${story.calls.join(', ')})`, { cause: error })
    }
  }
}

/** One process's fate and what others find after it. */
class Story {
  readonly #bed: Bed
  readonly #scenario: Scenario
  readonly #fate: Fate
  readonly #life: Life
  readonly #definition: CollectionDefinition
  /** What an event from elsewhere adds to both states. */
  readonly #added: Event[] = []
  #erased = 0
  #now = NOON

  constructor(bed: Bed, scenario: Scenario, fate: Fate, step: number) {
    this.#bed = bed
    this.#scenario = scenario
    this.#fate = fate
    this.#definition = definition(scenario.settings)
    this.#life = createLife(step, fate, () => this.#othersAct())
  }

  get calls(): readonly string[] {
    return this.#life.calls
  }

  /** False if the process was through before its fate came. */
  async run(): Promise<boolean> {
    const { prepare, act, before, after, again } = this.#scenario
    await prepare(this.#open(), (time) => {
      this.#now = time
    })
    expect(await look(this.#open())).toEqual(this.#expected(before))
    const outcome = await outcomeOf(act(this.#open(this.#bed.mortal(this.#life))))
    if (!this.#life.isOver) this.#note(outcome)
    else expect(outcome).toMatchObject({ error: expect.anything() })
    if (this.#fate === 'late' || !this.#life.hasMet) await this.#isOf([after])

    const states = [before, after]
    const found = await this.#isOf(states)
    await this.#open().add(again)
    await this.#isOf([found])
    this.#note(await outcomeOf(act(this.#open())))
    await this.#isOf([after])
    await this.#leavesNothing()
    return this.#life.hasMet
  }

  /** Others add an event and do the same, while this process sleeps. */
  async #othersAct(): Promise<void> {
    const other = this.#open()
    await this.#addOne(other)
    this.#note(await outcomeOf(this.#scenario.act(other)))
    if (this.#scenario.after.length === 0) this.#added.length = 0
  }

  async #addOne(collection: Collection): Promise<void> {
    const one = event({ time: NOON + this.#added.length, received: NOON, page: '/b' })
    this.#added.push({ ...one, title: one.id })
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
    const collection = this.#open()
    await this.#addOne(collection)
    await collection.seal()
    await this.#isOf([this.#scenario.after])
    expect(await strays(this.#bed, this.#definition.name)).toEqual([])
    await collection.clear()
    expect(await this.#bed.segments(this.#definition.name)).toEqual([])
  }

  /** All that can be seen is one of these states; tells which. */
  async #isOf<T extends readonly Event[]>(states: readonly T[]): Promise<T> {
    const seen = await look(this.#open())
    const found = states.find((state) => this.#expected(state).counts[0] === seen.counts[0]) ?? states[0]
    expect(seen).toEqual(this.#expected(found ?? []))
    return found as T
  }

  #open(store: Store = this.#bed.store): Collection {
    const options = journalOptions(store, { now: () => this.#now, sealAt: 1 })
    return journalCollection(this.#definition, { ...options, store })
  }

  #expected(events: readonly Event[]): Seen {
    return expectedOf([...events, ...this.#added], this.#definition, this.#scenario.forgettable)
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

/** The same by definition. */
function expectedOf(
  events: readonly Event[],
  own: CollectionDefinition,
  forgettable: readonly Event[],
): Seen {
  const counted = events.filter(({ name }) => name !== ENGAGEMENT)
  const mayBeForgotten = new Set(forgettable.map(({ id }) => id))
  return {
    counts: [counted.length, ...pages.map((page) => counted.filter((one) => one.page === page).length)],
    reports: questions.map((question) =>
      withoutWords(answer(events, own, queryOf(question, own), NOON).results),
    ),
    events: events
      .toSorted((a, b) => a.time - b.time)
      .map(({ title, id }) => ({
        title,
        id: mayBeForgotten.has(id) ? expect.toBeOneOf([id, FORGOTTEN]) : id,
      })),
  }
}
