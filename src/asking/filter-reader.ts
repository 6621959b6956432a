import type { CollectionDefinition } from '../collection.ts'
import { type Dimension, isOfEvents, readDimension } from '../dimension.ts'
import { isObject } from '../json.ts'
import { compilePattern, PatternError } from '../pattern.ts'
import { type Clauses, type Filter, queryLimits } from '../query.ts'
import { type Faults, shown } from './faults.ts'

/** Reads the filters of one query. */
export class FilterReader {
  readonly #definition: CollectionDefinition
  readonly #fields: ReadonlySet<string>
  readonly #faults: Faults
  #count = 0

  constructor(definition: CollectionDefinition, fields: ReadonlySet<string>, faults: Faults) {
    this.#definition = definition
    this.#fields = fields
    this.#faults = faults
  }

  /** All filters that it reads count together. */
  read(value: unknown, pointer = '/filters'): readonly Filter[] {
    return this.#faults
      .list(value, pointer, queryLimits.filters)
      .flatMap(
        (item, i) => this.#filter(item, `${pointer}/${i}`, { depth: 1, isTop: true, isInDone: false }) ?? [],
      )
  }

  #filter(value: unknown, pointer: string, place: Place): Filter | undefined {
    this.#count++
    if (this.#count > queryLimits.filters)
      return this.#faults.add(pointer, `A query may have ${queryLimits.filters} filters.`)
    if (place.depth > queryLimits.depth)
      return this.#faults.add(pointer, `Filters may be nested ${queryLimits.depth} deep.`)
    if (!Array.isArray(value)) return this.#faults.add(pointer, 'A filter must be an array.')
    const [is, ...rest] = value as readonly unknown[]
    const inner = { ...place, depth: place.depth + 1, isTop: false }
    if (is === 'and' || is === 'or') return this.#group(is, rest, pointer, inner)
    if (is === 'not') {
      return this.#around(is, rest, pointer, inner)
    }
    if (is === 'has_done' || is === 'has_not_done') {
      if (place.isInDone) return this.#faults.add(pointer, `"${is}" does not nest.`)
      return this.#around(is, rest, pointer, { ...inner, isInDone: true })
    }
    return this.#clauses(is, rest, pointer, place)
  }

  #only(rest: readonly unknown[], pointer: string): boolean {
    if (rest.length !== 1) this.#faults.add(pointer, 'must have exactly one filter')
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
    const list = this.#faults.list(rest[0], `${pointer}/1`, queryLimits.filters)
    if (list.length === 0) return this.#faults.add(`${pointer}/1`, 'must have at least one filter')
    return { is, filters: list.flatMap((item, i) => this.#filter(item, `${pointer}/1/${i}`, place) ?? []) }
  }

  #clauses(is: unknown, rest: readonly unknown[], pointer: string, place: Place): Filter | undefined {
    const operator = typeof is === 'string' ? OPERATORS.get(is) : undefined
    if (!operator) return this.#faults.add(`${pointer}/0`, `There is no operator ${shown(is)}.`)
    const [name, values, modifiers] = rest
    if (rest.length < 2 || rest.length > 3)
      return this.#faults.add(pointer, 'must be [operator, dimension, clauses] and, if wanted, modifiers')
    const dimension = this.#dimension(name, `${pointer}/1`)
    const clauses = this.#clauseList(values, `${pointer}/2`)
    if (!dimension || !clauses) return undefined
    this.#placeOf(dimension, String(is), pointer, place)
    if (operator.match === 'pattern') this.#patterns(clauses, pointer)
    const caseSensitive = this.#modifiers(modifiers, operator.match, `${pointer}/3`)
    return { is: 'clauses', dimension, ...operator, clauses, caseSensitive }
  }

  #clauseList(values: unknown, pointer: string): readonly string[] | undefined {
    const list = this.#faults.list(values, pointer, queryLimits.clauses)
    if (Array.isArray(values) && values.length === 0)
      return this.#faults.add(pointer, 'must have at least one clause')
    const texts = list.filter((one) => typeof one === 'string' || typeof one === 'number').map(String)
    if (texts.length < list.length) return this.#faults.add(pointer, 'Clauses must be strings.')
    if (texts.some((text) => text.length > queryLimits.clauseLength))
      return this.#faults.add(pointer, `A clause may have ${queryLimits.clauseLength} characters.`)
    return texts.length === 0 ? undefined : texts
  }

  #placeOf(dimension: Dimension, is: string, pointer: string, { isTop, isInDone }: Place): void {
    const { kind, name } = dimension
    if (kind === 'time') this.#faults.add(`${pointer}/1`, 'Time is filtered by date_range.')
    if (isInDone && !isOfEvents(dimension))
      this.#faults.add(`${pointer}/1`, `has_done looks at events, not at "${name}".`)
    if (kind === 'goal' && !isTop && !isInDone)
      this.#faults.add(pointer, 'event:goal may be filtered at the top level only.')
    if (kind === 'goal' && is !== 'is' && is !== 'contains')
      this.#faults.add(`${pointer}/0`, 'event:goal may be filtered by "is" and "contains" only.')
    if (kind === 'event' && dimension.field === 'hostname' && !isTop && !isInDone)
      this.#faults.add(pointer, 'event:hostname may be filtered at the top level only.')
  }

  #patterns(clauses: readonly string[], pointer: string): void {
    for (const [i, clause] of clauses.entries()) {
      try {
        compilePattern(clause)
      } catch (error) {
        if (!(error instanceof PatternError)) throw error
        this.#faults.add(`${pointer}/2/${i}`, error.message)
      }
    }
  }

  #modifiers(value: unknown, match: Clauses['match'], pointer: string): boolean {
    if (value === undefined) return true
    const caseSensitive = isObject(value) ? value.case_sensitive : undefined
    if (!isObject(value) || typeof caseSensitive !== 'boolean' || Object.keys(value).length > 1)
      this.#faults.add(pointer, 'must be {"case_sensitive": true or false}')
    else if (match === 'pattern') this.#faults.add(pointer, 'case_sensitive does not go with patterns')
    else return caseSensitive
    return true
  }

  #dimension(name: unknown, pointer: string): Dimension | undefined {
    const found = typeof name === 'string' ? readDimension(name, this.#definition, this.#fields) : undefined
    return found ?? this.#faults.add(pointer, `There is no dimension ${shown(name)}.`)
  }
}

/** Where a filter stands. */
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
