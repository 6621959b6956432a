import { FAULTS_SHOWN, problemDocument, SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { isObject } from '../json.ts'
import { json, type Reply } from '../reply.ts'
import type { MetricValue, Report, ReportRow } from '../report.ts'
import type { Answer } from './question.ts'

/** Plausible's Stats API v2, `POST /api/v2/query`: the grammar is ours, the answer has its members and no others. */
export const plausibleQuery: Answer = async ({ body, ask }) => {
  const asked = body as Readonly<Record<string, unknown>>
  const report = await ask(asked)
  const imports = isObject(asked.include) ? asked.include.imports : undefined
  const mixed = report.results.flatMap((row) => namesOfMixed(row, report))
  return {
    results: report.results.map(withOneCurrency),
    meta: {
      ...(imports === true && { imports_included: false }),
      ...(mixed.length > 0 && { metric_warnings: Object.fromEntries(mixed.map((name) => [name, MIXED])) }),
      ...(report.meta.time_labels && { time_labels: report.meta.time_labels }),
      ...(report.meta.total_rows !== undefined && { total_rows: report.meta.total_rows }),
    },
    query: resolved(report, asked.site_id, imports === true),
  }
}

/** The site that a body asks about. Throws `invalid_query` if it names none. */
export function siteOfBody(body: unknown): string {
  const site = isObject(body) ? body.site_id : undefined
  if (typeof site === 'string') return site
  throw new SkerryError('invalid_query', { detail: 'The site_id of the site to ask is missing.' })
}

/** An error as Plausible tells it: 401 for whatever is wrong with key or site, 400 for a bad question. */
export function plausibleError(error: SkerryError): Reply {
  const { status, message } = told(error)
  return json({ error: message }, status, { ...error.headers, ...PRIVATE })
}

function told(error: SkerryError): { readonly status: number; readonly message: string } {
  switch (error.code) {
    case 'unauthorized':
      return { status: 401, message: 'A valid API key is needed, as a Bearer token.' }
    case 'forbidden':
    case 'unknown_collection':
      return { status: 401, message: 'The API key is not valid, or not for this site.' }
    case 'internal':
    case 'damaged':
      return { status: 500, message: String(problemDocument(error).title) }
    default: {
      const faults = error.faults
        .slice(0, FAULTS_SHOWN)
        .map(({ pointer, detail }) => `${pointer || 'query'}: ${detail}`)
      return { status: error.status === 422 ? 400 : error.status, message: faults.join(' ') || error.message }
    }
  }
}

const MIXED = {
  code: 'no_single_revenue_currency',
  warning: 'Revenue in several currencies is never added up. Filter by a goal that has one currency.',
}

function namesOfMixed({ metrics }: ReportRow, { query }: Report): readonly string[] {
  return (query.metrics as readonly string[]).filter((_, i) => Array.isArray(metrics[i]))
}

/** Plausible knows no list of currencies: where there are several it has no amount. */
function withOneCurrency(row: ReportRow): ReportRow {
  const one = (value: MetricValue): MetricValue => (Array.isArray(value) ? null : value)
  const { comparison } = row
  return {
    dimensions: row.dimensions,
    metrics: row.metrics.map(one),
    ...(comparison && { comparison: { ...comparison, metrics: comparison.metrics.map(one) } }),
  }
}

/** The query as it was understood; an order that was not asked for is told, too. */
function resolved({ query }: Report, site: unknown, imports: boolean): Readonly<Record<string, unknown>> {
  const { metrics, dimensions, date_range, filters, include, pagination } = query
  const order = query.order_by as readonly unknown[]
  const time = (dimensions as readonly string[]).find((name) => name.startsWith('time'))
  const first = (metrics as readonly string[])[0]
  const usual = [...(time === undefined ? [] : [[time, 'asc']]), [first, 'desc']]
  return {
    site_id: site,
    ...{ metrics, date_range, filters, dimensions },
    order_by: order.length > 0 ? order : usual,
    include: { imports, ...(include as object) },
    pagination,
  }
}
