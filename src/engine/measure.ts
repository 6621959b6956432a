import {
  isNumberMetric,
  type Metric,
  type NamedMetric,
  type NumberMetric,
  type NumberMetricParts,
  numberMetricParts,
} from '../metric.ts'
import type { MetricValue, Money } from '../report.ts'
import { tell } from './histogram.ts'
import type { SumName, SumTotals, Takings } from './sums.ts'

/** What a metric is made from. */
const sumsOfNamed: Readonly<Record<NamedMetric, readonly SumName[]>> = {
  visitors: ['visitors'],
  visits: ['visits'],
  pageviews: ['pageviews'],
  events: ['events'],
  views_per_visit: ['entered', 'views'],
  bounce_rate: ['entered', 'bounces'],
  visit_duration: ['entered', 'durations'],
  bounces: ['entered', 'bounces'],
  total_visit_duration: ['entered', 'durations'],
  scroll_depth: ['depths', 'readings'],
  time_on_page: ['engaged', 'readers'],
  percentage: ['visitors'],
  conversion_rate: ['visitors'],
  group_conversion_rate: ['visitors'],
  total_revenue: [],
  average_revenue: [],
}

export function sumsOfMetric(metric: Metric): readonly SumName[] {
  return isNumberMetric(metric) ? [] : sumsOfNamed[metric]
}

/** Visitors that shares are told of. */
export interface Denominators {
  /** Under the same filters. */
  readonly visitors: number
  /** Without the filters on goals and properties. */
  readonly people: number
  readonly peopleOfGroup: number
}

/** A metric of one group; `group` undefined: one that has nothing. */
export function measure(
  metric: Metric,
  totals: SumTotals,
  group: number | undefined,
  denominators: Denominators,
): MetricValue {
  if (isNumberMetric(metric)) return tellNumbers(metric, totals, group)
  const sum = (name: SumName): number => (group === undefined ? 0 : totals.sum(name, group))
  switch (metric) {
    case 'bounce_rate':
      return Math.round(percent(sum('bounces'), sum('entered')))
    case 'visit_duration':
      return Math.round(ratio(sum('durations'), sum('entered')) / 1000)
    case 'total_visit_duration':
      return Math.round(sum('durations') / 1000)
    case 'views_per_visit':
      return hundredths(ratio(sum('views'), sum('entered')))
    case 'scroll_depth':
      return sum('readings') === 0 ? null : Math.round(sum('depths') / sum('readings'))
    case 'time_on_page':
      return sum('readers') === 0 ? null : Math.round(sum('engaged') / sum('readers') / 1000)
    case 'percentage':
      return hundredths(percent(sum('visitors'), denominators.visitors))
    case 'conversion_rate':
      return hundredths(percent(sum('visitors'), denominators.people))
    case 'group_conversion_rate':
      return hundredths(percent(sum('visitors'), denominators.peopleOfGroup))
    case 'total_revenue':
      return takingsOf(totals, group, ({ micros }) => Number(micros) / 1e6)
    case 'average_revenue':
      return takingsOf(totals, group, ({ micros, events }) => Math.round(Number(micros) / events) / 1e6)
    default:
      return sum(metric)
  }
}

function tellNumbers(metric: NumberMetric, totals: SumTotals, group: number | undefined): number | null {
  const { take, of } = numberMetricParts(metric) as NumberMetricParts
  const numbers = group === undefined ? undefined : totals.histogram(of, group)
  return numbers ? tell(numbers, take) : null
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole
}

export function hundredths(number: number): number {
  return Math.round(number * 100) / 100
}

type Amount = Takings extends Map<string, infer T> ? T : never

function takingsOf(
  totals: SumTotals,
  group: number | undefined,
  amount: (of: Amount) => number,
): MetricValue {
  const takings = group === undefined ? undefined : totals.takings[group]
  if (!takings) return null
  const all = [...takings]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, of]) => moneyOf(amount(of), currency))
  return all.length === 1 ? (all[0] as Money) : all
}

function moneyOf(value: number, currency: string): Money {
  const format = (options: Intl.NumberFormatOptions): string =>
    new Intl.NumberFormat('en', { style: 'currency', currency, ...options }).format(value)
  return { value, currency, short: format({ notation: 'compact' }), long: format({}) }
}

/** Metrics that are shares: they change by points, not by percent. */
const shares: ReadonlySet<Metric> = new Set<Metric>([
  'bounce_rate',
  'percentage',
  'conversion_rate',
  'group_conversion_rate',
])

/** How a metric has changed: in percent, shares in points; null where either is not a number. */
export function changeOf(metric: Metric, now: MetricValue, before: MetricValue): number | null {
  const isOfOneKind = currencyOf(now) === currencyOf(before)
  const [a, b] = isOfOneKind ? [numberOf(now), numberOf(before)] : [null, null]
  if (a === null || b === null || Array.isArray(now)) return null
  if (shares.has(metric)) return hundredths(a - b)
  if (b === 0) return a > 0 ? 100 : 0
  return Math.round(((a - b) / b) * 100)
}

/** Undefined: it is no amount of one currency. */
function currencyOf(value: MetricValue): string | undefined | null {
  if (value === null || typeof value === 'number') return undefined
  return 'currency' in value ? value.currency : null
}

/** A metric as a number to compare by: of money in one currency its value, of several the first's. */
export function numberOf(value: MetricValue): number | null {
  if (value === null || typeof value === 'number') return value
  return 'value' in value ? value.value : (value[0]?.value ?? null)
}
