import { html } from 'hono/html'
import type { Metric } from '../metric.ts'
import type { Report } from '../report.ts'
import { dateOf } from '../zone.ts'
import { spanBefore, wholeSpan } from './period.ts'
import { ask, sensible } from './question.ts'
import type { Markup, ReportScene } from './scene.ts'
import type { Texts } from './texts.ts'
import { hrefOf } from './view.ts'

const tileMetrics = [
  'visitors',
  'visits',
  'pageviews',
  'views_per_visit',
  'bounce_rate',
  'visit_duration',
] as const satisfies readonly Metric[]

/** What stands at the top where a goal is filtered by. */
const goalMetrics = [
  'visitors',
  'conversion_rate',
  'events',
  'total_revenue',
] as const satisfies readonly Metric[]

/** Metrics of which less is better. */
const falling: ReadonlySet<Metric> = new Set<Metric>(['bounce_rate'])

/** The metrics at the top of a page, those without meaning under its filters left out. */
export function metricsOf({ collection, view, period, filters }: ReportScene): readonly Metric[] {
  const hasGoal = view.filters.some(({ dimension }) => dimension === 'goal')
  const metrics = hasGoal ? goalMetrics : tileMetrics
  return sensible(collection, { metrics, date_range: period.range, filters })
}

/** The sums of a period, beside those of the time it is compared with. */
export function askTotals(scene: ReportScene): Promise<Report> {
  const { collection, view, period, filters } = scene
  const isAlone = period.range === 'all' || period.range === 'realtime'
  return ask(collection, {
    metrics: metricsOf(scene),
    date_range: period.range,
    filters,
    include: {
      trim_relative_date_range: true,
      ...(view.comparison && !isAlone && { comparison: view.comparison }),
    },
  })
}

/** The metrics of a period, each a link that shows it in the chart. */
export function tiles(scene: ReportScene, report: Report): Markup {
  const { words, view, figures, period } = scene
  const [row] = report.results
  const metrics = report.query.metrics as readonly Metric[]
  const isSum = report.meta.visitors === 'sum_of_daily_visitors'
  const { lastDate } = wholeSpan(period)
  const isOpen = period.range !== 'realtime' && lastDate >= dateOf(period.now, period.timezone)
  const before = view.comparison && spanBefore(period, view.comparison, true)
  return html`<section class="tiles" aria-labelledby="tiles-title"><h2 id="tiles-title" class="unseen">${words('numbers')}</h2><ul>
${metrics.map((metric, i) => {
  const change = row?.comparison?.change[i]
  const isShown = metric === view.metric
  return html`<li${isShown && html` class="shown"`}><a href="${hrefOf({ ...view, metric })}" data-keep${isShown && html` aria-current="true"`}>
<span class="name">${words(metric as keyof Texts)}${metric === 'visitors' && isSum && html` <small>${words('sumShort')}</small>`}</span><span class="value">${figures.metric(metric, row?.metrics[i], true)}</span>${
    row?.comparison && changeOf(scene, metric, change, row.comparison.metrics[i])
  }</a></li>`
})}</ul>
<p class="note">${before && words('comparedWith', { days: figures.days(before.firstDate, before.lastDate) })} ${isOpen && html`<strong>${words('openPeriod')}</strong>`}</p></section>`
}

function changeOf(
  { words, figures }: ReportScene,
  metric: Metric,
  change: number | null | undefined,
  before: Report['results'][number]['metrics'][number] | undefined,
): Markup {
  if (typeof change !== 'number') return html`<span class="change">${words('noChange')}</span>`
  const way = change > 0 ? 'up' : change < 0 ? 'down' : 'same'
  const isGood = change === 0 ? '' : change > 0 !== falling.has(metric) ? ' good' : ' bad'
  const text = figures.change(metric, change)
  const shown = figures.isPercentage(metric) ? words('points', { n: text }) : text
  const arrow = { up: '↗', down: '↘', same: '→' }[way]
  return html`<span class="change${isGood}"><span aria-hidden="true">${arrow}</span> <span class="unseen">${words(way)}</span>${shown} <span class="was">${words('was', { value: figures.metric(metric, before, true) })}</span></span>`
}
