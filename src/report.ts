/** The answer to a query, as clients see it. */
export interface Report {
  readonly results: readonly ReportRow[]
  readonly meta: ReportMeta
  /** The query as it was understood, in the form of a query, with the range's instants. */
  readonly query: Readonly<Record<string, unknown>>
}

export interface ReportRow {
  /** A label for each dimension asked. */
  readonly dimensions: readonly string[]
  /** A number for each metric asked, in their order. */
  readonly metrics: readonly MetricValue[]
  readonly comparison?: ReportComparison
}

export interface ReportComparison {
  readonly dimensions: readonly string[]
  readonly metrics: readonly MetricValue[]
  /** Change in percent, of percentages in points; null where there is nothing to compare. */
  readonly change: readonly (number | null)[]
}

/** Null where there is nothing to measure. Revenue is of one currency, or a list of several, never their sum. */
export type MetricValue = number | null | Money | readonly Money[]

/** As `{"value": 1234.5, "currency": "EUR", "short": "€1.2K", "long": "€1,234.50"}`. */
export interface Money {
  readonly value: number
  readonly currency: string
  readonly short: string
  readonly long: string
}

export interface ReportMeta {
  /**
   * How each asked metric was come by. `exact`: over raw events, never sampled; `partial`: it tells of numbers of
   * which a day had so many that the rarest were folded into `(other)`.
   */
  readonly metrics: Readonly<Record<string, { readonly method: 'exact' | 'partial' }>>
  /** What a visitor of the range is: ids do not outlive the day, so over several days it is a sum of days. */
  readonly visitors: 'distinct' | 'sum_of_daily_visitors'
  /** Dimensions in which the rarest values of a day were folded into `(other)`; totals stay exact. */
  readonly other: readonly string[]
  /** Days of the range of which no event is kept: [from, to], both inclusive. */
  readonly no_data: readonly (readonly [from: string, to: string])[]
  /** Days of the range from which events were erased, or which are past the retention: [from, to], both inclusive. */
  readonly erased: readonly (readonly [from: string, to: string])[]
  readonly time_labels?: readonly string[]
  readonly total_rows?: number
}
