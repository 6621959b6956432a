import { DAY_MS, FIRST_DAY } from './generator.ts'

/** A question as `POST /:collection/query` takes it; the subset that is asked here. */
export interface Query {
  readonly metrics: readonly string[]
  readonly dimensions: readonly string[]
  readonly filters: readonly (readonly ['is', dimension: string, values: readonly string[]])[]
  readonly date_range: readonly [from: string, to: string]
  readonly pagination: { readonly limit: number }
}

export interface Part {
  readonly name: string
  readonly query: Query
}

/** One look at the site: one query, or the many of a dashboard. */
export interface Question {
  readonly name: string
  readonly title: string
  readonly parts: readonly Part[]
}

/** In the order of the answer: of time, else the first metric descending, then names ascending. */
export type Rows = readonly Row[]

export interface Row {
  /** Name of the question's part. */
  readonly part: string
  /** What the dimension says; empty where there is none. */
  readonly label: string
  /** A number for each metric. */
  readonly values: readonly number[]
}

export const COUNTRY = 'DE'
export const BROWSER = 'Firefox'

const panels = [
  'event:page',
  'visit:entry_page',
  'visit:exit_page',
  'visit:source',
  'visit:channel',
  'visit:referrer',
  'visit:campaign',
  'visit:country',
  'visit:city',
  'visit:browser',
  'visit:os',
  'visit:device',
]

export function questionsOf(days: number): Question[] {
  const date = (day: number): string => new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10)
  const part = (
    name: string,
    dimensions: readonly string[],
    metrics: readonly string[],
    limit: number,
    filters: Query['filters'] = [],
  ): Part => ({
    name,
    query: { metrics, dimensions, filters, date_range: [date(0), date(days - 1)], pagination: { limit } },
  })
  const pageMetrics = ['visitors', 'visits', 'pageviews']
  const range = `${days} days`
  return [
    {
      name: 'pages',
      title: `top 100 pages: visitors, visits, page views; ${range}, unfiltered`,
      parts: [part('pages', ['event:page'], pageMetrics, 100)],
    },
    {
      name: 'pages-filtered',
      title: `the same where country = ${COUNTRY} and browser = ${BROWSER}`,
      parts: [
        part('pages', ['event:page'], pageMetrics, 100, [
          ['is', 'visit:country', [COUNTRY]],
          ['is', 'visit:browser', [BROWSER]],
        ]),
      ],
    },
    {
      name: 'sources',
      title: `top 100 sources: visitors, visits; ${range}`,
      parts: [part('sources', ['visit:source'], ['visitors', 'visits'], 100)],
    },
    {
      name: 'hours',
      title: `series by hour: visitors, page views; ${range}`,
      parts: [part('hours', ['time:hour'], ['visitors', 'pageviews'], 10_000)],
    },
    {
      name: 'dashboard',
      title: `dashboard: 5 totals, series by day, ${panels.length} panels of 10; ${range}`,
      parts: [
        part('totals', [], ['visitors', 'visits', 'pageviews', 'bounce_rate', 'visit_duration'], 1),
        part('days', ['time:day'], ['visitors', 'pageviews'], 10_000),
        ...panels.map((name) => part(name, [name], ['visitors'], 10)),
      ],
    },
  ]
}

/** An average, rounded here or there, may differ in the last place; all other numbers must be equal. */
const averages: ReadonlySet<string> = new Set(['visit_duration'])

/** Says the first difference of two answers, or nothing if they agree. */
export function differenceOf(question: Question, one: Rows, other: Rows): string | undefined {
  if (one.length !== other.length) return `${one.length} rows, ${other.length} rows`
  const metricsOf = new Map(question.parts.map(({ name, query }) => [name, query.metrics]))
  for (const [index, row] of one.entries()) {
    const twin = other[index]
    if (!twin || !isSame(row, twin, metricsOf.get(row.part) ?? [])) {
      return `row ${index}: ${JSON.stringify(row)}, ${JSON.stringify(twin)}`
    }
  }
  return undefined
}

function isSame(row: Row, twin: Row, metrics: readonly string[]): boolean {
  return (
    row.part === twin.part &&
    row.label === twin.label &&
    row.values.length === metrics.length &&
    twin.values.length === metrics.length &&
    metrics.every((metric, at) => {
      const difference = Math.abs((row.values[at] ?? Number.NaN) - (twin.values[at] ?? Number.NaN))
      return difference <= (averages.has(metric) ? 1 : 0)
    })
  )
}
