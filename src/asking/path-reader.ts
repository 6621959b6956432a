import type { CollectionDefinition } from '../collection.ts'
import { eventFields } from '../dimension.ts'
import { type Funnel, funnelLimits } from '../funnel.ts'
import { type Journeys, journeyLimits } from '../journeys.ts'
import { isObject } from '../json.ts'
import type { Filter } from '../query.ts'
import { Faults } from './faults.ts'
import { FilterReader } from './filter-reader.ts'
import { readDateRange, readWhole, readWithin, refuseUnknown } from './members.ts'

const COMMON = ['site_id', 'within', 'date_range', 'filters', 'steps'] as const
const FUNNEL: ReadonlySet<string> = new Set(COMMON)
const JOURNEYS: ReadonlySet<string> = new Set([...COMMON, 'of', 'from', 'to', 'limit'])

type Members = Readonly<Record<string, unknown>>

/** Reads a funnel, its JSON already parsed. Throws `invalid_query` with every fault and its pointer. */
export function readFunnel(input: unknown, definition: CollectionDefinition): Funnel {
  return read(input, definition, FUNNEL, (members, filters, faults) => {
    const steps = faults.list(members.steps, '/steps', funnelLimits.steps)
    if (Array.isArray(members.steps) && members.steps.length < 2)
      faults.add('/steps', 'must have at least two steps')
    return {
      ...common(members, filters, faults),
      steps: steps.map((step, i) => readStep(step, `/steps/${i}`, filters, faults)),
    }
  })
}

/** Reads a question for journeys, likewise. */
export function readJourneys(input: unknown, definition: CollectionDefinition): Journeys {
  return read(input, definition, JOURNEYS, (members, filters, faults) => {
    const { of = 'page', from, to } = members
    if (of !== 'page' && of !== 'event') faults.add('/of', 'must be "page" or "event"')
    if (from !== undefined && to !== undefined)
      faults.add('/to', 'A journey is asked for by "from" or by "to".')
    const steps = { min: 2, max: journeyLimits.steps, usual: 4 }
    const limit = { min: 1, max: journeyLimits.rows, usual: 100 }
    return {
      ...common(members, filters, faults),
      of: of === 'event' ? 'event' : 'page',
      from: from === undefined ? undefined : readStep(from, '/from', filters, faults),
      to: to === undefined ? undefined : readStep(to, '/to', filters, faults),
      steps: readWhole(members.steps, '/steps', steps, faults),
      limit: readWhole(members.limit, '/limit', limit, faults),
    }
  })
}

function read<T>(
  input: unknown,
  definition: CollectionDefinition,
  known: ReadonlySet<string>,
  readMembers: (members: Members, filters: FilterReader, faults: Faults) => T,
): T {
  const faults = new Faults()
  if (!isObject(input)) faults.add('', 'The query must be a JSON object.')
  faults.refuse()
  const members = input as Members
  refuseUnknown(members, known, faults)
  const question = readMembers(members, new FilterReader(definition, eventFields, faults), faults)
  faults.refuse()
  return question
}

function common(
  members: Members,
  filters: FilterReader,
  faults: Faults,
): Pick<Funnel, 'within' | 'dateRange' | 'filters'> {
  return {
    within: readWithin(members.within, faults),
    dateRange: readDateRange(members.date_range, faults),
    filters: filters.read(members.filters ?? []),
  }
}

/** Filters that say which event is meant. */
function readStep(value: unknown, pointer: string, filters: FilterReader, faults: Faults): readonly Filter[] {
  if (Array.isArray(value) && value.length === 0) faults.add(pointer, 'must have at least one filter')
  return filters.read(value, pointer)
}
