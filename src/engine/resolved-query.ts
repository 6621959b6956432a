import type { Filter, Query } from '../query.ts'
import type { Span } from '../range.ts'
import { isoIn } from '../zone.ts'

/** The query as it was understood. */
export function resolved(query: Query, span: Span, timezone: string): Readonly<Record<string, unknown>> {
  return {
    metrics: query.metrics,
    dimensions: query.dimensions.map((one) =>
      one.kind === 'time' && one.name === 'time' ? `time:${one.unit}` : one.name,
    ),
    date_range: shownRange(span, timezone),
    timezone: query.timezone,
    filters: query.filters.map(shownFilter),
    order_by: query.orderBy,
    include: {
      time_labels: query.include.timeLabels,
      total_rows: query.include.totalRows,
      trim_relative_date_range: query.include.trim,
      ...(query.include.comparison && { comparison: query.include.comparison }),
    },
    pagination: { limit: query.limit, offset: query.offset },
  }
}

/** First and last instant. */
export function shownRange({ from, to }: Span, timezone: string): readonly [from: string, to: string] {
  return [isoIn(from, timezone), isoIn(to - 1, timezone)]
}

const OPERATORS = { equal: 'is', contain: 'contains', pattern: 'matches' } as const

/** A filter in the form of a query. */
export function shownFilter(filter: Filter): readonly unknown[] {
  if (filter.is !== 'clauses')
    return [filter.is, 'filters' in filter ? filter.filters.map(shownFilter) : shownFilter(filter.filter)]
  const { match, isNegated, dimension, clauses, caseSensitive } = filter
  const operator = OPERATORS[match] + (isNegated ? '_not' : '')
  return [operator, dimension.name, clauses, ...(caseSensitive ? [] : [{ case_sensitive: false }])]
}
