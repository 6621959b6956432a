import type { CollectionDefinition } from '../../src/collection.ts'
import type { Event } from '../../src/event.ts'
import type { Funnel } from '../../src/funnel.ts'
import type { Journeys } from '../../src/journeys.ts'
import type { Filter } from '../../src/query.ts'
import {
  firstOfEachId,
  holds,
  isCounted,
  isIn,
  isPageview,
  type Visit,
  visitsOf,
  wholeRange,
} from './model.ts'

/** An event and the visit that it belongs to. */
interface Step {
  readonly visit: Visit
  readonly event: Event
}

/** Who takes the steps: a list of events in order of time for each visit, or each visitor's day. */
function walkers(
  events: readonly Event[],
  definition: CollectionDefinition,
  { within, dateRange, filters }: Pick<Funnel, 'within' | 'dateRange' | 'filters'>,
  now: number,
): Step[][] {
  const kept = firstOfEachId(events)
  const range = wholeRange(dateRange, kept, definition.timezone, now)
  const steps = visitsOf(kept, definition.timezone)
    .filter(({ visitor }) => visitor !== undefined)
    .flatMap((visit) => visit.events.map((event) => ({ visit, event })))
    .filter(({ event }) => isCounted(event) && isIn(range, event.time))
    .filter((step) => all(filters, step, definition))
  const keyOf = ({ visit }: Step): string => (within === 'visit' ? visit.id : (visit.visitor ?? ''))
  const keys = [...new Set(steps.map(keyOf))]
  return keys.map((key) =>
    steps.filter((step) => keyOf(step) === key).sort((a, b) => a.event.time - b.event.time),
  )
}

function all(filters: readonly Filter[], step: Step, definition: CollectionDefinition): boolean {
  return filters.every((filter) => holds(filter, step, definition))
}

/** How many can find events for the first so many steps, each later than the one before: all choices are tried. */
export function stepsByDefinition(
  events: readonly Event[],
  definition: CollectionDefinition,
  funnel: Funnel,
  now: number,
): number[] {
  const canTake = (steps: readonly (readonly Filter[])[], walk: readonly Step[]): boolean => {
    const [first, ...others] = steps
    if (!first) return true
    return walk.some((step, i) => all(first, step, definition) && canTake(others, walk.slice(i + 1)))
  }
  const everybody = walkers(events, definition, funnel, now)
  return funnel.steps.map(
    (_, i) => everybody.filter((walk) => canTake(funnel.steps.slice(0, i + 1), walk)).length,
  )
}

/** Each way and how many took it. */
export function waysByDefinition(
  events: readonly Event[],
  definition: CollectionDefinition,
  asked: Journeys,
  now: number,
): Map<string, number> {
  const ways = new Map<string, number>()
  for (const walk of walkers(events, definition, asked, now)) {
    const way = JSON.stringify(wayOf(walk, definition, asked))
    if (way !== '[]') ways.set(way, (ways.get(way) ?? 0) + 1)
  }
  return ways
}

function wayOf(walk: readonly Step[], definition: CollectionDefinition, asked: Journeys): string[] {
  const { from, to, of, steps } = asked
  const begin = from ? walk.findIndex((step) => all(from, step, definition)) : 0
  const end = to ? walk.findIndex((step) => all(to, step, definition)) : walk.length - 1
  if (begin < 0 || end < 0) return []
  const names = walk
    .slice(begin, end + 1)
    .flatMap(({ event }) =>
      of === 'event' ? event.name : isPageview(event) && event.page !== undefined ? event.page : [],
    )
  const changes = names.filter((name, i) => name !== names[i - 1])
  return to ? changes.slice(-steps) : changes.slice(0, steps)
}
