import { ENGAGEMENT, PAGEVIEW } from '../../src/event.ts'
import { DAY_MS } from '../generator.ts'
import type { Part, Query, Row } from '../question.ts'
import type { Tables } from './tables.ts'

/** How the statements are written. */
export interface Style {
  /** Divides whole numbers. */
  readonly divide: '/' | '//'
  /**
   * Each day in a select of its own, and then added: visitors do not outlive the day, so the answer is the same. Nobody
   * would write such a statement by hand, but the databases' hash tables and trees stay small, and it is what we do.
   */
  readonly byDay: boolean
}

export function styleNote({ byDay }: Style): string {
  return byDay ? 'each day counted by itself, then added' : 'plain SQL'
}

interface MetricSql {
  readonly sum: string
  /** Divides the sum. */
  readonly per?: string
  readonly times?: string
}

type TableName = 'events' | 'visits'

/** A question's part in SQL: rows of a label (a text, or ms of a time, or anything) and the metrics. */
export function sqlOf({ query }: Part, tables: Tables, style: Style): string {
  const [dimension = ''] = query.dimensions
  const table = isOfEvents(dimension) ? 'events' : 'visits'
  const metrics = query.metrics.map((metric) => metricOf(metric, table, tables))
  const inner = metrics.flatMap(({ sum, per }, at) => [`${sum} as s${at}`, `${per ?? 'null'} as p${at}`])
  const code = codeOf(dimension, style)
  const days = rangesOf(query, style).map((range) => {
    const conditions = [range, ...conditionsOf(query, table, tables)].join(' and ')
    return `select ${code} as code, ${inner.join(', ')} from ${table} where ${conditions} group by 1`
  })
  const outer = metrics.map(({ per, times }, at) => {
    return per ? `round(${times} * sum(s${at}) / sum(p${at})) as m${at}` : `sum(s${at}) as m${at}`
  })
  const all = `select code, ${outer.join(', ')} from (${days.join(' union all ')}) group by code`
  if (dimension === '' || unitOf(dimension)) return `${all} order by code limit ${query.pagination.limit}`
  const names = metrics.map((_, at) => `m${at}`).join(', ')
  const labels = `labels_${dictionaryOf(columnOf(dimension))}`
  return `select label, ${names} from (${all}) join ${labels} using (code)
    order by m0 desc, label limit ${query.pagination.limit}`
}

export function rowOf({ name, query }: Part, [label, ...values]: readonly unknown[]): Row {
  return { part: name, label: labelOf(query.dimensions[0], label), values: values.map(Number) }
}

export function dictionaryOf(column: string): string {
  return column.endsWith('_page') ? 'page' : column
}

function isOfEvents(dimension: string): boolean {
  return dimension.startsWith('event:') || dimension === 'time:hour'
}

function columnOf(dimension: string): string {
  return dimension.slice(dimension.indexOf(':') + 1)
}

function unitOf(dimension: string): number | undefined {
  if (dimension === 'time:hour') return DAY_MS / 24
  return dimension === 'time:day' ? DAY_MS : undefined
}

function labelOf(dimension: string | undefined, label: unknown): string {
  if (!dimension) return ''
  if (!dimension.startsWith('time:')) return String(label)
  const text = new Date(Number(label)).toISOString()
  return dimension === 'time:day' ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 13)}:00:00`
}

function codeOf(dimension: string, { divide }: Style): string {
  const unit = unitOf(dimension)
  if (unit) return `ts ${divide} ${unit} * ${unit}`
  return dimension === '' ? '0' : columnOf(dimension)
}

function metricOf(metric: string, table: TableName, tables: Tables): MetricSql {
  const ofEvents: Record<string, MetricSql> = {
    visitors: { sum: 'count(distinct visitor)' },
    visits: { sum: 'count(distinct visit)' },
    pageviews: { sum: `count(*) filter (where name = ${tables.codeOf('name', PAGEVIEW)})` },
  }
  const ofVisits: Record<string, MetricSql> = {
    visitors: { sum: 'count(distinct visitor)' },
    visits: { sum: 'count(*)' },
    pageviews: { sum: 'sum(pageviews)' },
    bounce_rate: { sum: 'sum(bounce)', per: 'count(*)', times: '100.0' },
    visit_duration: { sum: 'sum(duration)', per: 'count(*)', times: '0.001' },
  }
  const sql = (table === 'events' ? ofEvents : ofVisits)[metric]
  if (!sql) throw new Error(`The rivals are not asked ${metric} of ${table}`)
  return sql
}

function rangesOf({ date_range }: Query, { byDay }: Style): string[] {
  const [from, to] = [Date.parse(date_range[0]), Date.parse(date_range[1]) + DAY_MS]
  const length = byDay ? DAY_MS : to - from
  return Array.from({ length: (to - from) / length }, (_, index) => {
    const start = from + index * length
    return `site = 1 and ts >= ${start} and ts < ${start + length}`
  })
}

function conditionsOf({ filters }: Query, table: TableName, tables: Tables): string[] {
  const conditions = filters.map(([, dimension, values]) => {
    const column = columnOf(dimension)
    const codes = values.map((value) => tables.codeOf(dictionaryOf(column), value))
    return `${column} in (${codes.join(', ')})`
  })
  if (table === 'events') conditions.push(`name <> ${tables.codeOf('name', ENGAGEMENT)}`)
  return conditions
}
