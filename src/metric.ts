/** What a query can ask for by name. What each number means is said in `docs/query.md`. */
export const metrics = [
  'visitors',
  'visits',
  'pageviews',
  'events',
  'views_per_visit',
  'bounce_rate',
  'visit_duration',
  'bounces',
  'total_visit_duration',
  'scroll_depth',
  'time_on_page',
  'percentage',
  'conversion_rate',
  'group_conversion_rate',
  'total_revenue',
  'average_revenue',
] as const

export type NamedMetric = (typeof metrics)[number]

/** What the numbers of a property or declared attribute come to, as `p75(event:props:lcp)`. */
export type NumberMetric = `${string}(${string})`

export type Metric = NamedMetric | NumberMetric

/** Metrics of visits as wholes: no dimension of single events divides them, but for where a visit entered. */
export const visitMetrics: ReadonlySet<Metric> = new Set<Metric>([
  'bounce_rate',
  'visit_duration',
  'bounces',
  'total_visit_duration',
  'views_per_visit',
])

/** Metrics of single events: they cannot be told apart by where a visit entered or left. */
const eventMetrics: ReadonlySet<Metric> = new Set<Metric>([
  'pageviews',
  'events',
  'scroll_depth',
  'time_on_page',
  'total_revenue',
  'average_revenue',
])

/** Metrics of how a page was read. */
export const engagementMetrics: ReadonlySet<Metric> = new Set<Metric>(['scroll_depth', 'time_on_page'])

/** Metrics that need a goal to be converted to. */
export const conversionMetrics: ReadonlySet<Metric> = new Set<Metric>([
  'conversion_rate',
  'group_conversion_rate',
])

export const revenueMetrics: ReadonlySet<Metric> = new Set<Metric>(['total_revenue', 'average_revenue'])

export function isNamedMetric(name: unknown): name is NamedMetric {
  return metrics.includes(name as NamedMetric)
}

export function isNumberMetric(metric: Metric): metric is NumberMetric {
  return metric.endsWith(')')
}

/** Whether it is of single events. */
export function isOfSingleEvents(metric: Metric): boolean {
  return isNumberMetric(metric) || eventMetrics.has(metric)
}

/** How numbers are told, and the name of the dimension that has them. */
export interface NumberMetricParts {
  /** `min`, `max`, `avg`, `sum`, or a percentile from `p1` to `p99`. */
  readonly take: string
  readonly of: string
}

/** Takes a text as `p75(event:props:lcp)` apart; undefined if it is none. */
export function numberMetricParts(text: string): NumberMetricParts | undefined {
  const [, take, of] = /^(min|max|avg|sum|p[1-9]\d?)\((.+)\)$/s.exec(text) ?? []
  return take !== undefined && of !== undefined ? { take, of } : undefined
}
