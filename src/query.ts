import type { CollectionDefinition } from './collection.ts'
import { type Dimension, isOfEvents, readDimension } from './dimension.ts'
import { type Fault, quote, SkerryError } from './errors.ts'
import { isObject } from './json.ts'
import {
  conversionMetrics,
  engagementMetrics,
  eventMetrics,
  isMetric,
  type Metric,
  visitMetrics,
} from './metric.ts'
import { compilePattern, PatternError } from './pattern.ts'
import { isDateRange } from './range.ts'
import { isTimezone } from './zone.ts'

/** A question to a collection, read and found sound: metrics by dimensions over a range, filtered. */
export interface Query {
  readonly metrics: readonly Metric[]
  readonly dimensions: readonly Dimension[]
  readonly dateRange: DateRange
  /** IANA zone of the labels of hours and minutes; the collection's unless said. */
  readonly timezone: string
  /** All of them must hold. */
  readonly filters: readonly Filter[]
  readonly orderBy: readonly Order[]
  readonly include: Include
  readonly limit: number
  readonly offset: number
}

/** A word as `7d`, or two dates or date-times, both inclusive. */
export type DateRange = string | readonly [from: string, to: string]

export type Order = readonly [name: string, direction: 'asc' | 'desc']

export interface Include {
  readonly timeLabels: boolean
  readonly totalRows: boolean
  /** A relative range ends now instead of at the end of its last day, month or year. */
  readonly trim: boolean
  readonly comparison: Comparison | undefined
}

export type Comparison = 'previous_period' | 'year_over_year'

export type Filter =
  | Clauses
  | { readonly is: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly is: 'not'; readonly filter: Filter }
  /** The visit has, or has not, an event that matches. */
  | { readonly is: 'has_done' | 'has_not_done'; readonly filter: Filter }

/** Any of the clauses matches the dimension's value, or with `isNegated` none does. */
export interface Clauses {
  readonly is: 'clauses'
  readonly dimension: Dimension
  readonly match: 'equal' | 'contain' | 'pattern'
  readonly isNegated: boolean
  readonly clauses: readonly string[]
  readonly caseSensitive: boolean
}

/** Limits of a query, named in `docs/query.md`. */
export const queryLimits = {
  dimensions: 10,
  filters: 200,
  clauses: 1000,
  clauseLength: 2048,
  depth: 16,
  rows: 10_000,
  /** Different combinations of values that one query may come to, before they are ordered and cut. */
  groups: 1_000_000,
} as const

const MEMBERS: ReadonlySet<string> = new Set([
  'site_id',
  'metrics',
  'dimensions',
  'date_range',
  'timezone',
  'filters',
  'order_by',
  'include',
  'pagination',
])

/** Reads a query, its JSON already parsed. Throws `invalid_query` with every fault and its pointer. */
export function readQuery(input: unknown, definition: CollectionDefinition): Query {
  const reader = new QueryReader(definition)
  const query = reader.read(input)
  if (reader.faults.length > 0) throw new SkerryError('invalid_query', { faults: reader.faults })
  return query
}

/** Reads filters that stand by themselves. Throws `invalid_query` as `readQuery` does. */
export function readFilters(input: unknown, definition: CollectionDefinition): readonly Filter[] {
  const reader = new QueryReader(definition)
  const filters = reader.filters(input)
  if (reader.faults.length > 0) throw new SkerryError('invalid_query', { faults: reader.faults })
  return filters
}

class QueryReader {
  readonly faults: Fault[] = []
  readonly #definition: CollectionDefinition
  #filterCount = 0

  constructor(definition: CollectionDefinition) {
    this.#definition = definition
  }

  read(input: unknown): Query {
    if (!isObject(input)) {
      this.#fault('', 'The query must be a JSON object.')
      return this.read({ metrics: ['visitors'], date_range: 'day' })
    }
    for (const name of Object.keys(input)) {
      if (!MEMBERS.has(name)) this.#fault(`/${name}`, `There is no "${quote(name)}" in a query.`)
    }
    const metrics = this.#metrics(input.metrics)
    const dimensions = this.#dimensions(input.dimensions ?? [])
    const filters = this.filters(input.filters ?? [])
    const query = {
      metrics,
      dimensions,
      dateRange: this.#dateRange(input.date_range),
      timezone: this.#timezone(input.timezone, dimensions),
      filters,
      orderBy: this.#orderBy(input.order_by ?? [], metrics, dimensions),
      include: this.#include(input.include ?? {}),
      ...this.#pagination(input.pagination ?? {}),
    }
    this.#combinations(query)
    return query
  }

  #fault(pointer: string, detail: string): undefined {
    this.faults.push({ pointer, detail })
  }

  #list(value: unknown, pointer: string, most: number): readonly unknown[] {
    if (!Array.isArray(value)) this.#fault(pointer, 'must be an array')
    else if (value.length > most) this.#fault(pointer, `may have ${most} items`)
    else return value
    return []
  }

  #metrics(value: unknown): readonly Metric[] {
    const list = this.#list(value, '/metrics', 100)
    if (Array.isArray(value) && value.length === 0) this.#fault('/metrics', 'must name at least one metric')
    return list.flatMap((name, i) => {
      if (isMetric(name)) return list.indexOf(name) === i ? [name] : []
      this.#fault(`/metrics/${i}`, `There is no metric ${shown(name)}.`)
      return []
    })
  }

  #dimension(name: unknown, pointer: string): Dimension | undefined {
    const found = typeof name === 'string' ? readDimension(name, this.#definition) : undefined
    return found ?? this.#fault(pointer, `There is no dimension ${shown(name)}.`)
  }

  #dimensions(value: unknown): readonly Dimension[] {
    const list = this.#list(value, '/dimensions', queryLimits.dimensions)
    const found = list.flatMap((name, i) => this.#dimension(name, `/dimensions/${i}`) ?? [])
    if (found.filter(({ kind }) => kind === 'time').length > 1)
      this.#fault('/dimensions', 'Only one dimension of time may be asked.')
    if (new Set(found.map(({ name }) => name)).size < found.length)
      this.#fault('/dimensions', 'A dimension may be asked once.')
    return found
  }

  #dateRange(value: unknown): DateRange {
    if (isDateRange(value)) return value
    this.#fault(
      '/date_range',
      'must be day, 24h, 7d, 28d, 30d, 91d, month, 6mo, 12mo, year, all, realtime, or [from, to] of dates or date-times, the earlier first',
    )
    return 'day'
  }

  #timezone(value: unknown, dimensions: readonly Dimension[]): string {
    const own = this.#definition.timezone
    if (value === undefined || value === own) return own
    if (typeof value !== 'string' || !isTimezone(value))
      this.#fault('/timezone', `There is no time zone ${shown(value)}.`)
    else if (!dimensions.some((one) => one.kind === 'time' && (one.unit === 'hour' || one.unit === 'minute')))
      this.#fault(
        '/timezone',
        `Days are those of the collection (${own}); another zone may be asked for time:hour and time:minute.`,
      )
    else return value
    return own
  }

  filters(value: unknown): readonly Filter[] {
    return this.#list(value, '/filters', queryLimits.filters).flatMap(
      (item, i) => this.#filter(item, `/filters/${i}`, { depth: 1, isTop: true, isInDone: false }) ?? [],
    )
  }

  #filter(value: unknown, pointer: string, place: Place): Filter | undefined {
    this.#filterCount++
    if (this.#filterCount > queryLimits.filters)
      return this.#fault(pointer, `A query may have ${queryLimits.filters} filters.`)
    if (place.depth > queryLimits.depth)
      return this.#fault(pointer, `Filters may be nested ${queryLimits.depth} deep.`)
    if (!Array.isArray(value)) return this.#fault(pointer, 'A filter must be an array.')
    const [is, ...rest] = value as readonly unknown[]
    const inner = { ...place, depth: place.depth + 1, isTop: false }
    if (is === 'and' || is === 'or') return this.#group(is, rest, pointer, inner)
    if (is === 'not') {
      return this.#around(is, rest, pointer, inner)
    }
    if (is === 'has_done' || is === 'has_not_done') {
      if (place.isInDone) return this.#fault(pointer, `"${is}" does not nest.`)
      return this.#around(is, rest, pointer, { ...inner, isInDone: true })
    }
    return this.#clauses(is, rest, pointer, place)
  }

  #only(rest: readonly unknown[], pointer: string): boolean {
    if (rest.length !== 1) this.#fault(pointer, 'must have exactly one filter')
    return rest.length === 1
  }

  #around(
    is: 'not' | 'has_done' | 'has_not_done',
    rest: readonly unknown[],
    pointer: string,
    place: Place,
  ): Filter | undefined {
    if (!this.#only(rest, pointer)) return undefined
    const filter = this.#filter(rest[0], `${pointer}/1`, place)
    return filter && { is, filter }
  }

  #group(is: 'and' | 'or', rest: readonly unknown[], pointer: string, place: Place): Filter | undefined {
    if (!this.#only(rest, pointer)) return undefined
    const list = this.#list(rest[0], `${pointer}/1`, queryLimits.filters)
    if (list.length === 0) return this.#fault(`${pointer}/1`, 'must have at least one filter')
    return { is, filters: list.flatMap((item, i) => this.#filter(item, `${pointer}/1/${i}`, place) ?? []) }
  }

  #clauses(is: unknown, rest: readonly unknown[], pointer: string, place: Place): Filter | undefined {
    const operator = typeof is === 'string' ? OPERATORS.get(is) : undefined
    if (!operator) return this.#fault(`${pointer}/0`, `There is no operator ${shown(is)}.`)
    const [name, values, modifiers] = rest
    if (rest.length < 2 || rest.length > 3)
      return this.#fault(pointer, 'must be [operator, dimension, clauses] and, if wanted, modifiers')
    const dimension = this.#dimension(name, `${pointer}/1`)
    const clauses = this.#clauseList(values, `${pointer}/2`)
    if (!dimension || !clauses) return undefined
    this.#placeOf(dimension, String(is), pointer, place)
    if (operator.match === 'pattern') this.#patterns(clauses, pointer)
    const caseSensitive = this.#modifiers(modifiers, operator.match, `${pointer}/3`)
    return { is: 'clauses', dimension, ...operator, clauses, caseSensitive }
  }

  #clauseList(values: unknown, pointer: string): readonly string[] | undefined {
    const list = this.#list(values, pointer, queryLimits.clauses)
    if (Array.isArray(values) && values.length === 0)
      return this.#fault(pointer, 'must have at least one clause')
    const texts = list.filter((one) => typeof one === 'string' || typeof one === 'number').map(String)
    if (texts.length < list.length) return this.#fault(pointer, 'Clauses must be strings.')
    if (texts.some((text) => text.length > queryLimits.clauseLength))
      return this.#fault(pointer, `A clause may have ${queryLimits.clauseLength} characters.`)
    return texts.length === 0 ? undefined : texts
  }

  #placeOf(dimension: Dimension, is: string, pointer: string, { isTop, isInDone }: Place): void {
    const { kind, name } = dimension
    if (kind === 'time') this.#fault(`${pointer}/1`, 'Time is filtered by date_range.')
    if (isInDone && !isOfEvents(dimension))
      this.#fault(`${pointer}/1`, `has_done looks at events, not at "${name}".`)
    if (kind === 'goal' && !isTop && !isInDone)
      this.#fault(pointer, 'event:goal may be filtered at the top level only.')
    if (kind === 'goal' && is !== 'is' && is !== 'contains')
      this.#fault(`${pointer}/0`, 'event:goal may be filtered by "is" and "contains" only.')
    if (kind === 'event' && dimension.field === 'hostname' && !isTop && !isInDone)
      this.#fault(pointer, 'event:hostname may be filtered at the top level only.')
  }

  #patterns(clauses: readonly string[], pointer: string): void {
    for (const [i, clause] of clauses.entries()) {
      try {
        compilePattern(clause)
      } catch (error) {
        if (!(error instanceof PatternError)) throw error
        this.#fault(`${pointer}/2/${i}`, error.message)
      }
    }
  }

  #modifiers(value: unknown, match: Clauses['match'], pointer: string): boolean {
    if (value === undefined) return true
    const caseSensitive = isObject(value) ? value.case_sensitive : undefined
    if (!isObject(value) || typeof caseSensitive !== 'boolean' || Object.keys(value).length > 1)
      this.#fault(pointer, 'must be {"case_sensitive": true or false}')
    else if (match === 'pattern') this.#fault(pointer, 'case_sensitive does not go with patterns')
    else return caseSensitive
    return true
  }

  #orderBy(value: unknown, metrics: readonly Metric[], dimensions: readonly Dimension[]): readonly Order[] {
    return this.#list(value, '/order_by', 100).flatMap((item, i) => {
      const [name, direction] = Array.isArray(item) ? (item as readonly unknown[]) : []
      const pointer = `/order_by/${i}`
      if (direction !== 'asc' && direction !== 'desc') {
        this.#fault(pointer, 'must be [metric or dimension, "asc" or "desc"]')
        return []
      }
      if (isMetric(name) && metrics.includes(name)) return [[name, direction] as const]
      const dimension = typeof name === 'string' ? readDimension(name, this.#definition) : undefined
      if (dimension && dimensions.some((one) => one.name === dimension.name))
        return [[dimension.name, direction] as const]
      this.#fault(pointer, `${shown(name)} is neither an asked metric nor an asked dimension.`)
      return []
    })
  }

  #include(value: unknown): Include {
    if (!isObject(value)) this.#fault('/include', 'must be an object')
    const members = isObject(value) ? value : {}
    for (const [name, member] of Object.entries(members)) {
      if (!INCLUDES.has(name)) this.#fault(`/include/${name}`, `There is no "${quote(name)}" to include.`)
      else if (name !== 'comparison' && typeof member !== 'boolean')
        this.#fault(`/include/${name}`, 'must be true or false')
    }
    const { comparison } = members
    if (comparison !== undefined && !COMPARISONS.includes(comparison as Comparison))
      this.#fault('/include/comparison', `must be ${COMPARISONS.join(' or ')}`)
    return {
      timeLabels: members.time_labels === true,
      totalRows: members.total_rows === true,
      trim: members.trim_relative_date_range === true,
      comparison: comparison as Comparison | undefined,
    }
  }

  #pagination(value: unknown): { limit: number; offset: number } {
    const { limit = queryLimits.rows, offset = 0, ...others } = isObject(value) ? value : {}
    if (!isObject(value) || Object.keys(others).length > 0)
      this.#fault('/pagination', 'must be {"limit", "offset"}')
    if (!isWhole(limit, 1, queryLimits.rows))
      this.#fault('/pagination/limit', `must be a whole number from 1 to ${queryLimits.rows}`)
    if (!isWhole(offset, 0, Number.MAX_SAFE_INTEGER))
      this.#fault('/pagination/offset', 'must be a whole number from 0')
    return { limit: Number(limit), offset: Number(offset) }
  }

  /** Mixes that have no meaning. */
  #combinations(query: Query): void {
    for (const [i, metric] of query.metrics.entries()) {
      const why = objectionTo(metric, query)
      if (why) this.#fault(`/metrics/${i}`, `"${metric}" ${why}`)
    }
    const { include, dateRange } = query
    if (include.comparison && (dateRange === 'all' || dateRange === 'realtime'))
      this.#fault('/include/comparison', `Nothing comes before "${dateRange}" to compare with.`)
  }
}

/** Why a metric has no meaning in a query; undefined: it has. */
function objectionTo(metric: Metric, { dimensions, filters }: Query): string | undefined {
  const looked = [...dimensions, ...filters.flatMap(leavesOf)]
  if (engagementMetrics.has(metric) && !looked.some(isPage))
    return 'needs event:page as a dimension or in a filter.'
  if (conversionMetrics.has(metric) && !looked.some(({ kind }) => kind === 'goal'))
    return 'needs event:goal as a dimension or in a filter.'
  if (metric === 'percentage' && dimensions.length === 0) return 'needs a dimension.'
  const door = dimensions.find(({ kind }) => kind === 'door')
  if (eventMetrics.has(metric) && door) return `is of single events and cannot be divided by "${door.name}".`
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

interface Place {
  readonly depth: number
  readonly isTop: boolean
  readonly isInDone: boolean
}

const OPERATORS: ReadonlyMap<string, Pick<Clauses, 'match' | 'isNegated'>> = new Map([
  ['is', { match: 'equal', isNegated: false }],
  ['is_not', { match: 'equal', isNegated: true }],
  ['contains', { match: 'contain', isNegated: false }],
  ['contains_not', { match: 'contain', isNegated: true }],
  ['matches', { match: 'pattern', isNegated: false }],
  ['matches_not', { match: 'pattern', isNegated: true }],
])

const INCLUDES: ReadonlySet<string> = new Set([
  'imports',
  'time_labels',
  'total_rows',
  'trim_relative_date_range',
  'comparison',
])

const COMPARISONS: readonly Comparison[] = ['previous_period', 'year_over_year']

/** Dimensions of events by which whole visits may be divided: they then stand for where a visit entered. */
const ENTRY_FIELDS: ReadonlySet<string> = new Set(['page', 'hostname'])

/** The dimensions that a filter looks at. */
export function leavesOf(filter: Filter): readonly Dimension[] {
  if (filter.is === 'clauses') return [filter.dimension]
  return 'filters' in filter ? filter.filters.flatMap(leavesOf) : leavesOf(filter.filter)
}

function isPage(dimension: Dimension): boolean {
  return dimension.kind === 'event' && dimension.field === 'page'
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${quote(value)}"` : quote(JSON.stringify(value) ?? 'undefined')
}
