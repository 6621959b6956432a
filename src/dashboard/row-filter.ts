import type { CollectionDefinition } from '../collection.ts'
import { isOfEvents, readDimension } from '../dimension.ts'
import type { Scene } from './scene.ts'
import type { Texts } from './texts.ts'

/**
 * One filter of a page: what a dimension is, or contains, or not. In a URL it is `country:DE`, `!country:DE`,
 * `~page:/blog` or `!~page:/blog`; a colon in a dimension's name is percent-encoded.
 */
export interface RowFilter {
  readonly isNegated: boolean
  readonly match: 'is' | 'contains'
  /** Without prefix, as `country` or `props:plan`. */
  readonly dimension: string
  readonly value: string
}

const FORM = /^(!?)(~?)([^:]+):(.*)$/s

/** Reads a filter; undefined if it is none. */
export function readRowFilter(text: string): RowFilter | undefined {
  const [, negation, contains, name = '', value = ''] = FORM.exec(text) ?? []
  const dimension = decode(name)
  if (negation === undefined || dimension === undefined || value === '') return undefined
  return { isNegated: negation !== '', match: contains === '' ? 'is' : 'contains', dimension, value }
}

export function writeRowFilter({ isNegated, match, dimension, value }: RowFilter): string {
  const operator = (isNegated ? '!' : '') + (match === 'contains' ? '~' : '')
  return `${operator}${dimension.replaceAll('%', '%25').replaceAll(':', '%3A')}:${value}`
}

/** The filters as a query has them: those of one dimension and operator are one, any of whose values will do. */
export function toQueryFilters(filters: readonly RowFilter[]): readonly (readonly unknown[])[] {
  const groups = new Map<string, [operator: string, dimension: string, values: string[]]>()
  for (const { isNegated, match, dimension, value } of filters) {
    const operator = match + (isNegated ? '_not' : '')
    const key = `${operator} ${dimension}`
    const group = groups.get(key)
    if (group) group[2].push(value)
    else groups.set(key, [operator, dimension, [value]])
  }
  return [...groups.values()]
}

/** The same filters where they must hold whatever is asked: none of them is left out of what a rate is a share of. */
export function toForcedFilters(
  filters: readonly RowFilter[],
  definition: Pick<CollectionDefinition, 'attributes'>,
): readonly (readonly unknown[])[] {
  return toQueryFilters(filters).map((filter) => {
    const isOfProperty = readDimension(String(filter[1]), definition)?.kind === 'prop'
    return isOfProperty ? ['and', [filter]] : filter
  })
}

/**
 * Whether filters leave only some events of a visit: where it came in and went out may lie beyond them. A limit to
 * hosts also holds for these.
 */
export function leavesPartOfVisits(
  filters: readonly RowFilter[],
  definition: Pick<CollectionDefinition, 'attributes'>,
): boolean {
  return filters.some(({ dimension: name }) => {
    const dimension = readDimension(name, definition)
    return dimension !== undefined && isOfEvents(dimension) && dimension.name !== 'event:hostname'
  })
}

/** Whether a filter looks at where visits came in or went out. */
export function isOfDoors(
  { dimension }: RowFilter,
  definition: Pick<CollectionDefinition, 'attributes'>,
): boolean {
  return readDimension(dimension, definition)?.kind === 'door'
}

/** A filter in words. */
export function filterText(
  { words, figures }: Pick<Scene, 'words' | 'figures'>,
  { dimension, match, isNegated, value }: RowFilter,
): string {
  const name = dimension.startsWith('props:')
    ? dimension.slice('props:'.length)
    : words(`of_${dimension}` as keyof Texts)
  const verb =
    match === 'is' ? words(isNegated ? 'isNot' : 'is') : words(isNegated ? 'containsNot' : 'contains')
  const shown = dimension === 'country' && /^[A-Z]{2}$/.test(value) ? figures.country(value) : value
  return `${name} ${verb} ${shown}`
}

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
