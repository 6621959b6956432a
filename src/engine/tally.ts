import { attributeOf, ENGAGEMENT, type Event } from '../event.ts'

/** Counts of a stream of events, each id once. */
export interface Tally {
  /** Takes in events in the order they were accepted; of an id that comes again the first one holds. */
  add(events: readonly Event[]): void
  /** Events, engagement left out. */
  count(): number
  countBy(attribute: string, value: string): number
}

/** An attribute's name under which pages are also counted by host and path. */
export const PAGE_OF_HOST = 'page of host'

/** Folds events into totals per value of each attribute in `groupBy`. Arrival order does not change the result. */
export function createTally(groupBy: readonly string[]): Tally {
  const ids = new Set<string>()
  const byAttribute = new Map<string, Map<string, number>>(groupBy.map((name) => [name, new Map()]))
  if (groupBy.includes('page')) byAttribute.set(PAGE_OF_HOST, new Map())
  let total = 0

  function addOne(event: Event): void {
    if (ids.has(event.id)) return
    ids.add(event.id)
    if (event.name === ENGAGEMENT) return
    total++
    for (const [attribute, counts] of byAttribute) {
      const value =
        attribute === PAGE_OF_HOST ? pageOfHost(event.hostname, event.page) : attributeOf(event, attribute)
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  }

  return {
    add(events): void {
      for (const event of events) addOne(event)
    },
    count: () => total,
    countBy: (attribute, value) => byAttribute.get(attribute)?.get(value) ?? 0,
  }
}

/** Host and path as one value; a host has no slash, so no two pages share one. */
export function pageOfHost(hostname: string | undefined, path: string | undefined): string | undefined {
  return hostname === undefined || path === undefined ? undefined : `${hostname}${path}`
}
