import type { CollectionDefinition } from '../collection.ts'
import { type Dimension, eventFields, readDimension } from '../dimension.ts'
import { quote } from '../errors.ts'
import { isObject } from '../json.ts'
import { isNamedMetric, type Metric, numberMetricParts } from '../metric.ts'
import { type Comparison, type Filter, type Include, type Order, type Query, queryLimits } from '../query.ts'
import { isTimezone } from '../zone.ts'
import { Faults, shown } from './faults.ts'
import { FilterReader } from './filter-reader.ts'
import { isWhole, readDateRange, refuseUnknown } from './members.ts'
import { objectionTo } from './sense.ts'

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

/** Reads a query, its JSON already parsed. Throws `invalid_query` with every fault and its pointer. `fields`: those of single events. */
export function readQuery(
  input: unknown,
  definition: CollectionDefinition,
  fields: ReadonlySet<string> = eventFields,
): Query {
  const faults = new Faults()
  const query = new QueryReader(definition, fields, faults).read(input)
  faults.refuse()
  return query
}

/** Reads filters that stand by themselves. Throws `invalid_query` as `readQuery` does. */
export function readFilters(
  input: unknown,
  definition: CollectionDefinition,
  fields: ReadonlySet<string> = eventFields,
): readonly Filter[] {
  const faults = new Faults()
  const filters = new FilterReader(definition, fields, faults).read(input)
  faults.refuse()
  return filters
}

class QueryReader {
  readonly #faults: Faults
  readonly #filters: FilterReader
  readonly #definition: CollectionDefinition
  readonly #fields: ReadonlySet<string>

  constructor(definition: CollectionDefinition, fields: ReadonlySet<string>, faults: Faults) {
    this.#definition = definition
    this.#fields = fields
    this.#faults = faults
    this.#filters = new FilterReader(definition, fields, faults)
  }

  read(input: unknown): Query {
    if (!isObject(input)) {
      this.#faults.add('', 'The query must be a JSON object.')
      return this.read({ metrics: ['visitors'], date_range: 'day' })
    }
    refuseUnknown(input, MEMBERS, this.#faults)
    const metrics = this.#metrics(input.metrics)
    const dimensions = this.#dimensions(input.dimensions ?? [])
    const filters = this.#filters.read(input.filters ?? [])
    const query = {
      metrics,
      dimensions,
      dateRange: readDateRange(input.date_range, this.#faults),
      timezone: this.#timezone(input.timezone, dimensions),
      filters,
      orderBy: this.#orderBy(input.order_by ?? [], metrics, dimensions),
      include: this.#include(input.include ?? {}),
      ...this.#pagination(input.pagination ?? {}),
    }
    this.#combinations(query)
    return query
  }

  #metrics(value: unknown): readonly Metric[] {
    const list = this.#faults.list(value, '/metrics', 100)
    if (Array.isArray(value) && value.length === 0)
      this.#faults.add('/metrics', 'must name at least one metric')
    const found = list.flatMap((name, i) => {
      const metric = this.#metric(name)
      if (metric !== undefined) return [metric]
      const hint = typeof name === 'string' && name.includes('(') ? ` ${NUMBERS_HINT}` : ''
      this.#faults.add(`/metrics/${i}`, `There is no metric ${shown(name)}.${hint}`)
      return []
    })
    return [...new Set(found)]
  }

  /** A metric by its whole name. */
  #metric(name: unknown): Metric | undefined {
    if (isNamedMetric(name)) return name
    const parts = typeof name === 'string' ? numberMetricParts(name) : undefined
    const dimension = parts && readDimension(parts.of, this.#definition, this.#fields)
    return dimension?.kind === 'prop' ? `${parts?.take}(${dimension.name})` : undefined
  }

  #dimension(name: unknown, pointer: string): Dimension | undefined {
    const found = typeof name === 'string' ? readDimension(name, this.#definition, this.#fields) : undefined
    return found ?? this.#faults.add(pointer, `There is no dimension ${shown(name)}.`)
  }

  #dimensions(value: unknown): readonly Dimension[] {
    const list = this.#faults.list(value, '/dimensions', queryLimits.dimensions)
    const found = list.flatMap((name, i) => this.#dimension(name, `/dimensions/${i}`) ?? [])
    if (found.filter(({ kind }) => kind === 'time').length > 1)
      this.#faults.add('/dimensions', 'Only one dimension of time may be asked.')
    if (new Set(found.map(({ name }) => name)).size < found.length)
      this.#faults.add('/dimensions', 'A dimension may be asked once.')
    return found
  }

  #timezone(value: unknown, dimensions: readonly Dimension[]): string {
    const own = this.#definition.timezone
    if (value === undefined || value === own) return own
    if (typeof value !== 'string' || !isTimezone(value))
      this.#faults.add('/timezone', `There is no time zone ${shown(value)}.`)
    else if (!dimensions.some((one) => one.kind === 'time' && (one.unit === 'hour' || one.unit === 'minute')))
      this.#faults.add(
        '/timezone',
        `Days are those of the collection (${own}); another zone may be asked for time:hour and time:minute.`,
      )
    else return value
    return own
  }

  #orderBy(value: unknown, metrics: readonly Metric[], dimensions: readonly Dimension[]): readonly Order[] {
    return this.#faults.list(value, '/order_by', 100).flatMap((item, i) => {
      const [name, direction] = Array.isArray(item) ? (item as readonly unknown[]) : []
      const pointer = `/order_by/${i}`
      if (direction !== 'asc' && direction !== 'desc') {
        this.#faults.add(pointer, 'must be [metric or dimension, "asc" or "desc"]')
        return []
      }
      const metric = this.#metric(name)
      if (metric !== undefined && metrics.includes(metric)) return [[metric, direction] as const]
      const dimension =
        typeof name === 'string' ? readDimension(name, this.#definition, this.#fields) : undefined
      if (dimension && dimensions.some((one) => one.name === dimension.name))
        return [[dimension.name, direction] as const]
      this.#faults.add(pointer, `${shown(name)} is neither an asked metric nor an asked dimension.`)
      return []
    })
  }

  #include(value: unknown): Include {
    if (!isObject(value)) this.#faults.add('/include', 'must be an object')
    const members = isObject(value) ? value : {}
    for (const [name, member] of Object.entries(members)) {
      if (!INCLUDES.has(name))
        this.#faults.add(`/include/${name}`, `There is no "${quote(name)}" to include.`)
      else if (name !== 'comparison' && typeof member !== 'boolean')
        this.#faults.add(`/include/${name}`, 'must be true or false')
    }
    const { comparison } = members
    if (comparison !== undefined && !COMPARISONS.includes(comparison as Comparison))
      this.#faults.add('/include/comparison', `must be ${COMPARISONS.join(' or ')}`)
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
      this.#faults.add('/pagination', 'must be {"limit", "offset"}')
    if (!isWhole(limit, 1, queryLimits.rows))
      this.#faults.add('/pagination/limit', `must be a whole number from 1 to ${queryLimits.rows}`)
    if (!isWhole(offset, 0, Number.MAX_SAFE_INTEGER))
      this.#faults.add('/pagination/offset', 'must be a whole number from 0')
    return { limit: Number(limit), offset: Number(offset) }
  }

  /** Mixes that have no meaning. */
  #combinations(query: Query): void {
    for (const [i, metric] of query.metrics.entries()) {
      const why = objectionTo(metric, query)
      if (why) this.#faults.add(`/metrics/${i}`, `"${metric}" ${why}`)
    }
    const { include, dateRange } = query
    if (include.comparison && (dateRange === 'all' || dateRange === 'realtime'))
      this.#faults.add('/include/comparison', `Nothing comes before "${dateRange}" to compare with.`)
  }
}

const NUMBERS_HINT =
  'Numbers are told by p1 to p99, avg, min, max and sum, of event:props:NAME or a declared attribute.'

const INCLUDES: ReadonlySet<string> = new Set([
  'imports',
  'time_labels',
  'total_rows',
  'trim_relative_date_range',
  'comparison',
])

const COMPARISONS: readonly Comparison[] = ['previous_period', 'year_over_year']
