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

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
