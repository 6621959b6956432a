import { isNumberMetric, type Metric } from '../metric.ts'
import type { MetricValue } from '../report.ts'

/** Numbers and dates as a language writes them. */
export interface Figures {
  whole(value: number): string
  /** As 12.3K. */
  short(value: number): string
  metric(metric: Metric, value: MetricValue | undefined, isShort?: boolean): string
  share(part: number, whole: number): string
  /** A change in percent, with its sign; of a percentage the points of it. */
  change(metric: Metric, change: number): string
  /** Whether a metric is a percentage. */
  isPercentage(metric: Metric): boolean
  /** A label of time, as `2026-11-27` or `2026-11-27 14:00:00`. */
  moment(label: string, style: 'axis' | 'full', unit: string): string
  /** Two days as a range. */
  days(first: string, last: string): string
  country(code: string): string
  languageName(code: string): string
}

const NOTHING = '–'
const PERCENTAGES: ReadonlySet<Metric> = new Set<Metric>([
  'bounce_rate',
  'scroll_depth',
  'percentage',
  'conversion_rate',
  'group_conversion_rate',
])

/** Formatters are large, and a browser may name any region with its language. */
const FORMATS_LIMIT = 32

/** Keeps what is made by its name; begins anew where there are too many. */
function keep<T>(kept: Map<string, T>, name: string, make: () => T): T {
  const known = kept.get(name) ?? make()
  if (kept.size >= FORMATS_LIMIT) kept.clear()
  kept.set(name, known)
  return known
}

const made: Map<string, Figures> = new Map()

/** The figures of a language, made once. */
export function figuresOf(language: string): Figures {
  return keep(made, language, () => makeFigures(language))
}

function makeFigures(language: string): Figures {
  const whole = new Intl.NumberFormat(language)
  const short = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const tenths = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const hundredths = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const change = new Intl.NumberFormat(language, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  })
  const points = new Intl.NumberFormat(language, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  const unit = (name: string): Intl.NumberFormat =>
    new Intl.NumberFormat(language, {
      ...{ style: 'unit', unit: name, unitDisplay: 'narrow', maximumSignificantDigits: 3 },
    } as const)
  const [millis, seconds] = [unit('millisecond'), unit('second')]
  const millisOf = (value: number): string =>
    value < 1000 ? millis.format(value) : seconds.format(value / 1000)
  const numberOf = (metric: Metric, value: number): string =>
    metric.endsWith('cls)') ? hundredths.format(value) : millisOf(value)
  const names = (type: 'region' | 'language') => (code: string) => nameOf(language, type, code)
  return {
    whole: (value) => whole.format(value),
    short: (value) => (value < 10_000 ? whole.format(value) : short.format(value)),
    metric(metric, value, isShort = false): string {
      if (typeof value !== 'number') return moneyOf(value)
      if (PERCENTAGES.has(metric)) return percent.format(value / 100)
      if (isNumberMetric(metric)) return numberOf(metric, value)
      if (metric === 'visit_duration' || metric === 'time_on_page') return durationOf(value)
      if (metric === 'views_per_visit') return tenths.format(value)
      return isShort && value >= 10_000 ? short.format(value) : whole.format(value)
    },
    share: (part, all) => (all > 0 ? percent.format(part / all) : NOTHING),
    change: (metric, value) => (PERCENTAGES.has(metric) ? points.format(value) : change.format(value / 100)),
    isPercentage: (metric) => PERCENTAGES.has(metric),
    moment: (label, style, unit) => momentOf(language, label, style, unit),
    days: (first, last) => daysOf(language, first, last),
    country: names('region'),
    languageName: names('language'),
  }
}

function moneyOf(value: MetricValue | undefined): string {
  const amounts = (Array.isArray(value) ? value : [value]) as readonly unknown[]
  const texts = amounts.flatMap((one) =>
    typeof one === 'object' && one !== null && 'long' in one ? [String(one.long)] : [],
  )
  return texts.join(' + ') || NOTHING
}

function durationOf(seconds: number): string {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor)
  if (hours) return `${hours}h ${minutes}m`
  return minutes ? `${minutes}m ${String(rest).padStart(2, '0')}s` : `${rest}s`
}

const dateFormats: Map<string, Intl.DateTimeFormat> = new Map()

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options)
  return keep(dateFormats, key, () => new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }))
}

/** Labels are local times: they are read and written as if they were UTC. */
function instantOf(label: string): number {
  return Date.parse(label.length > 10 ? `${label.replace(' ', 'T')}Z` : `${label}T00:00:00Z`)
}

function momentOf(language: string, label: string, style: 'axis' | 'full', unit: string): string {
  const instant = instantOf(label)
  if (Number.isNaN(instant)) return label
  return dateFormat(language, momentOptions(style, unit)).format(instant)
}

function momentOptions(style: 'axis' | 'full', unit: string): Intl.DateTimeFormatOptions {
  if (unit === 'month') return { month: style === 'axis' ? 'short' : 'long', year: 'numeric' }
  if (unit === 'hour' || unit === 'minute') {
    const time = { hour: 'numeric', minute: '2-digit' } as const
    return style === 'axis' ? time : { weekday: 'short', day: 'numeric', month: 'short', ...time }
  }
  return style === 'axis'
    ? { day: 'numeric', month: 'short' }
    : { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }
}

function daysOf(language: string, first: string, last: string): string {
  const format = dateFormat(language, { day: 'numeric', month: 'short', year: 'numeric' })
  return first === last
    ? format.format(instantOf(first))
    : format.formatRange(instantOf(first), instantOf(last))
}

const nameLists: Map<string, Intl.DisplayNames> = new Map()

function nameOf(language: string, type: 'region' | 'language', code: string): string {
  const list = keep(nameLists, language + type, () => new Intl.DisplayNames(language, { type }))
  try {
    return list.of(code) ?? code
  } catch {
    return code
  }
}
