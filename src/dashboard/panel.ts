import { html } from 'hono/html'
import { readQuery } from '../asking/query-reader.ts'
import { refusedFields } from '../dimension.ts'
import { SkerryError } from '../errors.ts'
import { isNumberMetric, type Metric, numberMetricParts } from '../metric.ts'
import type { Report, ReportRow } from '../report.ts'
import { hiddenInputs } from './forms.ts'
import { openTab, type Panel, type Tab } from './panel-list.ts'
import { ask, sensible } from './question.ts'
import type { Markup, ReportScene, Scene } from './scene.ts'
import type { Texts } from './texts.ts'
import { hrefOf, withFilter } from './view.ts'
import { ratingOf } from './vitals.ts'
import { MAP_ROWS, worldMap } from './world-map.ts'

/** Rows of a panel, and of a page of the full list. */
export const panelRows = { few: 9, many: 100 } as const

/** What a list of values is asked for. */
export interface ListOptions {
  readonly metrics: readonly Metric[]
  readonly limit: number
  readonly offset?: number
  readonly search?: string
  readonly sort?: Metric | undefined
}

/** Asks for the values of a tab's dimension, with the metrics that mean something there. */
export async function askList(scene: ReportScene, tab: Tab, options: ListOptions): Promise<Report> {
  const { collection, period } = scene
  const { limit, offset = 0, search = '', sort } = options
  const question = {
    metrics: options.metrics,
    dimensions: [tab.dimension],
    date_range: period.range,
    filters: [...scene.filters, ...(tab.filters ?? []), ...searchOf(tab, search)],
    include: { total_rows: true },
    pagination: { limit, offset },
  }
  if (tab.isRefused) return collection.queryRefused(readQuery(question, collection.definition, refusedFields))
  const metrics = sensible(collection, question)
  const order = sort && metrics.includes(sort) ? { order_by: [[sort, 'desc']] } : {}
  return ask(collection, { ...question, ...order, metrics })
}

/** Countries are looked for by their names, as they are shown. */
function searchOf({ dimension }: Tab, search: string): readonly unknown[] {
  if (search === '') return []
  const name = dimension === 'country' ? 'country_name' : dimension
  return [
    [
      dimension === 'goal' ? 'is' : 'contains',
      name,
      [search],
      ...(dimension === 'goal' ? [] : [{ case_sensitive: false }]),
    ],
  ]
}

/** A panel: its tabs, and the first rows of the one that is open. */
export async function panel(scene: ReportScene, { key, tabs }: Panel): Promise<Markup> {
  const { view, words } = scene
  const open = openTab({ key, tabs }, view.tabs)
  const body = open
    ? await attempt(scene, () => listOf(scene, open))
    : html`<p class="nothing">${words('noProperties')}</p>`
  return html`<section class="card panel${open?.dimension === 'country' && html` wide`}" id="${key}" aria-labelledby="${key}-title"><header><h2 id="${key}-title">${words(key)}</h2>
${tabs.length > 1 && html`<nav aria-label="${words('viewsOf', { name: words(key) })}"><ul class="choices">${tabs.map((tab) => tabLink(scene, { key, tabs }, tab, tab === open))}</ul></nav>`}</header>
${body}${key === 'properties' && propertyForm(scene)}${key === 'refused' && html`<p class="note">${words('refusedNote')}</p>`}</section>`
}

/** A list that cannot be asked for under the filters says so, and the others are still there. */
async function attempt({ words }: ReportScene, list: () => Promise<Markup>): Promise<Markup> {
  try {
    return await list()
  } catch (error) {
    const isSense = error instanceof SkerryError && error.code === 'invalid_query'
    return html`<p class="nothing">${words(isSense ? 'notWithFilters' : 'notRead')}</p>`
  }
}

async function listOf(scene: ReportScene, tab: Tab): Promise<Markup> {
  if (tab.draw) return (await tab.draw(scene)) ?? html`<p class="nothing">${scene.words('vitalsNone')}</p>`
  const isMapped = tab.dimension === 'country' && !tab.isRefused
  const whole = await askList(scene, tab, {
    metrics: tab.metrics,
    limit: isMapped ? MAP_ROWS : panelRows.few,
  })
  if (whole.results.length === 0) return nothing(scene)
  const report = { ...whole, results: whole.results.slice(0, panelRows.few) }
  const { view, words } = scene
  const total = report.meta.total_rows ?? 0
  const more = { ...view, detail: tab.key, search: '', offset: 0, sort: undefined }
  return html`${isMapped && worldMap(scene, whole)}${listTable(scene, tab, report)}<p class="more"><a href="${hrefOf(more)}">${words('more', { name: tabName(scene, tab) })}</a><span class="count">${scene.figures.whole(total)}</span>${otherNote(scene, report)}</p>`
}

function nothing({ words }: ReportScene): Markup {
  return html`<p class="nothing">${words('nothing')}</p>`
}

function tabLink(scene: ReportScene, { key, tabs }: Panel, tab: Tab, isOpen: boolean): Markup {
  const others = scene.view.tabs.filter((one) => tabs.every((other) => other.key !== one))
  const href = hrefOf({ ...scene.view, tabs: tab === tabs[0] ? others : [...others, tab.key] })
  return html`<li><a href="${href}#${key}" data-keep${isOpen && html` aria-current="true"`}>${tabName(scene, tab)}</a></li>`
}

/** What a metric is called: one of a property by its key and what is taken of it. */
export function metricName({ words }: Pick<ReportScene, 'words'>, metric: Metric): string {
  const parts = isNumberMetric(metric) ? numberMetricParts(metric) : undefined
  if (!parts) return words(metric as keyof Texts)
  return `${parts.of.slice(parts.of.lastIndexOf(':') + 1).toUpperCase()} ${parts.take}`
}

/** What a tab is called: a property by its key. */
export function tabName({ words }: Pick<ReportScene, 'words'>, { key }: Tab): string {
  return key.startsWith('props:') ? key.slice('props:'.length) : words(key as keyof Texts)
}

/** Values with bars and shares, each a link that filters the page by it. */
export function listTable(scene: ReportScene, tab: Tab, report: Report): Markup {
  const { words } = scene
  const metrics = report.query.metrics as readonly Metric[]
  const share = sharedBy(report, metrics)
  const top = Math.max(
    1,
    ...report.results.map(({ metrics: [first] }) => (typeof first === 'number' ? first : 0)),
  )
  return html`<table class="list"><thead><tr><th scope="col">${tabName(scene, tab)}</th>${metrics.map(
    (metric) => html`<th scope="col">${metricName(scene, metric)}</th>`,
  )}${share && html`<th scope="col">${words('share')}</th>`}</tr></thead><tbody>${report.results.map((row) =>
    listRow(scene, tab, row, { metrics, top, share }),
  )}</tbody></table>`
}

interface RowOptions {
  readonly metrics: readonly Metric[]
  readonly top: number
  /** What a row's first number is a share of; undefined: of nothing that is known. */
  readonly share: number | undefined
}

function listRow(scene: ReportScene, tab: Tab, row: ReportRow, { metrics, top, share }: RowOptions): Markup {
  const { figures } = scene
  const [first] = row.metrics
  const width = typeof first === 'number' ? Math.round((first / top) * 1000) / 10 : 0
  return html`<tr><th scope="row"><svg class="fill" aria-hidden="true" width="100%" height="100%"><rect width="${width}%" height="100%" rx="4"/></svg>${rowLink(scene, tab, row.dimensions[0] ?? '')}</th>${metrics.map(
    (metric, i) => {
      const rating = ratingOf(metric, row.metrics[i])
      return html`<td${rating && html` class="${rating}" title="${scene.words(`rating_${rating}`)}"`}>${figures.metric(metric, row.metrics[i], true)}</td>`
    },
  )}${share !== undefined && html`<td class="share">${typeof first === 'number' && figures.share(first, share)}</td>`}</tr>`
}

/** The rows are a whole where all of them are here and none counts twice. */
function sharedBy({ results, meta }: Report, [metric]: readonly Metric[]): number | undefined {
  if (metric !== 'events' || (meta.total_rows ?? 0) > results.length) return undefined
  return results.reduce((sum, { metrics: [value] }) => sum + (typeof value === 'number' ? value : 0), 0)
}

function rowLink(scene: ReportScene, tab: Tab, value: string): Markup {
  const { view, words } = scene
  const name = labelOf(scene, tab.dimension, value)
  if (tab.isRefused || value === '(other)') return html`<span class="label">${name}</span>`
  const filter = { isNegated: false, match: 'is', dimension: tab.dimension, value } as const
  const title = words('filterBy', { name })
  return html`<a class="label" href="${hrefOf(withFilter(view, filter))}" title="${title}">${name}</a>`
}

/** A value as people read it: countries and languages by name, refusals in words. */
export function labelOf(
  { figures, words }: Pick<Scene, 'figures' | 'words'>,
  dimension: string,
  value: string,
): string {
  if (dimension === 'country' && /^[A-Z]{2}$/.test(value)) return figures.country(value)
  if (dimension === 'language' && /^[a-z]{2,3}(-|$)/.test(value)) return figures.languageName(value)
  if (dimension === 'refusal') return words(`refusal_${value}` as keyof Texts)
  return value
}

/** Says where rare values were put together. */
export function otherNote({ words }: ReportScene, { meta }: Report): Markup | false {
  return meta.other.length > 0 && html`<span class="note">${words('otherNote')}</span>`
}

/** Any key may be asked for; those that events have are suggested. */
function propertyForm({ view, words, properties }: ReportScene): Markup {
  return html`<form class="inline" action="/#properties">${hiddenInputs({ ...view, property: undefined, tabs: view.tabs.filter((tab) => !tab.startsWith('props:')) })}<label>${words('propertyKey')} <input name="prop" required maxlength="300" list="keys" autocomplete="off" value="${view.property ?? ''}"></label><datalist id="keys">${properties.map((key) => html`<option value="${key}"></option>`)}</datalist><button>${words('show')}</button></form>`
}
