import { html } from 'hono/html'
import { SkerryError } from '../errors.ts'
import { textCell } from '../export/csv.ts'
import type { Metric } from '../metric.ts'
import type { MetricValue } from '../report.ts'
import { filterBar, periodBar, siteChoice } from './bar.ts'
import { hiddenInputs } from './forms.ts'
import { askList, listTable, metricName, otherNote, panelRows, tabName } from './panel.ts'
import { panelsOf, type Tab } from './panel-list.ts'
import type { Markup, ReportScene } from './scene.ts'
import { closing, opening } from './shell.ts'
import { closed, hrefOf } from './view.ts'

/** The whole list of one dimension, to search and to page through. */
export async function* detailPage(scene: ReportScene): AsyncGenerator<Markup> {
  const { view, words, figures } = scene
  const tab = tabOf(scene)
  const { search, sort, offset } = view
  const name = tabName(scene, tab)
  const answer = askList(scene, tab, {
    metrics: tab.moreMetrics,
    limit: panelRows.many,
    offset,
    search,
    sort,
  })
  const report = await answer
  const total = report.meta.total_rows ?? 0
  const metrics = report.query.metrics as readonly Metric[]
  yield opening(scene, { title: `${name} · ${view.site}`, bar: siteChoice(scene) })
  yield html`<div class="controls">${filterBar(scene)}${periodBar(scene)}</div><section class="card detail" aria-labelledby="detail-title"><header><h2 id="detail-title">${name}</h2><a href="${hrefOf(closed(view))}">${words('back')}</a></header>
<form class="inline" role="search" action="/">${hiddenInputs({ ...view, search: '', offset: 0 })}<label>${words('search')} <input type="search" name="q" value="${search}" maxlength="300"></label><button>${words('show')}</button><a href="${hrefOf(view)}&amp;format=csv" download>${words('download')}</a></form>
<ul class="choices" aria-label="${words('interval')}">${metrics.map((metric, i) => {
    const isShown = sort === undefined ? i === 0 : sort === metric
    return html`<li><a href="${hrefOf({ ...view, sort: metric, offset: 0 })}"${isShown && html` aria-current="true"`}>↓ ${metricName(scene, metric)}</a></li>`
  })}</ul><div class="scroll">${report.results.length > 0 ? listTable(scene, tab, report) : html`<p class="nothing">${words('nothing')}</p>`}</div>
<p class="more">${offset > 0 && html`<a rel="prev" href="${hrefOf({ ...view, offset: Math.max(0, offset - panelRows.many) })}">${words('earlierRows')}</a>`}<span class="count">${words('rowsOf', { from: figures.whole(Math.min(offset + 1, total)), to: figures.whole(offset + report.results.length), total: figures.whole(total) })}</span>${
    offset + report.results.length < total &&
    html`<a rel="next" href="${hrefOf({ ...view, offset: offset + panelRows.many })}">${words('laterRows')}</a>`
  }${otherNote(scene, report)}</p></section>`
  yield closing(scene)
}

/** The most rows of a CSV: as many as a query may have. */
const CSV_ROWS = 10_000

/** The same list as CSV, its names as the API has them. */
export async function detailCsv(scene: ReportScene): Promise<string> {
  const tab = tabOf(scene)
  const { search, sort } = scene.view
  const report = await askList(scene, tab, { metrics: tab.moreMetrics, limit: CSV_ROWS, search, sort })
  const metrics = report.query.metrics as readonly string[]
  const lines = report.results.map((row) => [textCell(row.dimensions[0] ?? ''), ...row.metrics.map(csvCell)])
  return [[textCell(tab.dimension), ...metrics], ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}

function csvCell(value: MetricValue): string {
  return typeof value === 'object' ? textCell(value === null ? '' : JSON.stringify(value)) : String(value)
}

function tabOf(scene: ReportScene): Tab {
  const { view } = scene
  const wanted = view.detail ?? ''
  const property = wanted.startsWith('props:') ? wanted.slice('props:'.length) : view.property
  const tabs = panelsOf(scene, property).flatMap((one) => one.tabs)
  const found = tabs.find(({ key, draw }) => key === wanted && !draw)
  if (found) return found
  throw new SkerryError('invalid_query', { detail: 'There is no such list.' })
}
