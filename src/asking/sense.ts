import { type Dimension, isOfEvents } from '../dimension.ts'
import {
  conversionMetrics,
  engagementMetrics,
  isOfSingleEvents,
  type Metric,
  visitMetrics,
} from '../metric.ts'
import { type Filter, leavesOf, type Query } from '../query.ts'

/** Why a metric has no meaning in a query; undefined: it has. */
export function objectionTo(metric: Metric, { dimensions, filters }: Query): string | undefined {
  const looked = [...dimensions, ...filters.flatMap(leavesOf)]
  if (engagementMetrics.has(metric) && !looked.some(isPage))
    return 'needs event:page as a dimension or in a filter.'
  if (conversionMetrics.has(metric) && !looked.some(({ kind }) => kind === 'goal'))
    return 'needs event:goal as a dimension or in a filter.'
  if (metric === 'percentage' && dimensions.length === 0) return 'needs a dimension.'
  const door = dimensions.find(({ kind }) => kind === 'door')
  if (isOfSingleEvents(metric) && door) return `is of single events and cannot be divided by "${door.name}".`
  return visitMetrics.has(metric) ? objectionToVisits(metric, dimensions, filters) : undefined
}

function objectionToVisits(
  metric: Metric,
  dimensions: readonly Dimension[],
  filters: readonly Filter[],
): string | undefined {
  const ofEvents = dimensions.filter(isOfEvents)
  const strange = ofEvents.find((one) => one.kind !== 'event' || !ENTRY_FIELDS.has(one.field))
  if (strange) return `is of whole visits and cannot be divided by "${strange.name}".`
  const [first] = ofEvents
  if (metric !== 'views_per_visit') return undefined
  if (first) return `cannot be divided by "${first.name}".`
  return filters.flatMap(leavesOf).some(isPage) ? 'cannot be asked with a filter on "event:page".' : undefined
}

/** Dimensions of events by which whole visits may be divided: they then stand for where a visit entered. */
const ENTRY_FIELDS: ReadonlySet<string> = new Set(['page', 'hostname'])

function isPage(dimension: Dimension): boolean {
  return dimension.kind === 'event' && dimension.field === 'page'
}
