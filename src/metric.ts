/** What a query can ask for. What each number means is said in `docs/query.md`. */
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

export type Metric = (typeof metrics)[number]

/** Metrics of visits as wholes: no dimension of single events divides them, but for where a visit entered. */
export const visitMetrics: ReadonlySet<Metric> = new Set<Metric>([
  'bounce_rate',
  'visit_duration',
  'bounces',
  'total_visit_duration',
  'views_per_visit',
])

/** Metrics of single events: they cannot be told apart by where a visit entered or left. */
export const eventMetrics: ReadonlySet<Metric> = new Set<Metric>([
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

export function isMetric(name: unknown): name is Metric {
  return metrics.includes(name as Metric)
}
