import { html } from 'hono/html'
import type { PathMeta } from '../funnel.ts'
import { filterBar, periodBar, siteChoice } from './bar.ts'
import { panel } from './panel.ts'
import { panelsOf } from './panel-list.ts'
import { ask } from './question.ts'
import type { Markup, ReportScene } from './scene.ts'
import { askSeries, seriesFigure } from './series.ts'
import { closing, opening } from './shell.ts'
import { siteNav } from './site-nav.ts'
import { askTotals, metricsOf, tiles } from './tiles.ts'
import { closed, hrefOf } from './view.ts'

/** The page of a collection, in pieces: what needs no answer comes first, the rest as it is known. */
export async function* reportPage(scene: ReportScene): AsyncGenerator<Markup> {
  const { view } = scene
  // What the filters leave of the metrics is known, and faults are told, before anything is sent.
  const metrics = metricsOf(scene)
  const [totals, series, current] = [askTotals(scene), askSeries(scene, metrics), currentText(scene)]
  for (const answer of [totals, series, current]) answer.catch(() => {})
  yield opening(scene, { title: view.site ?? '', bar: siteChoice(scene) })
  yield html`<div class="controls">${siteNav(scene)}${filterBar(scene)}${periodBar(scene)}</div>`
  yield currentVisitors(scene, await current.catch(() => scene.words('notRead')))
  yield await orNote(scene, async () => tiles(scene, await totals))
  yield await orNote(scene, async () => seriesFigure(scene, await series))
  const panels = panelsOf(scene, view.property).map((one) => panel(scene, one))
  for (const one of panels) one.catch(() => {})
  yield html`<div class="panels">`
  for (const one of panels) yield await orNote(scene, () => one)
  yield html`</div>`
  yield closing(scene, await orNote(scene, async () => notes(scene, (await totals).meta)))
}

async function orNote({ words }: ReportScene, piece: () => Promise<Markup>): Promise<Markup> {
  try {
    return await piece()
  } catch {
    return html`<p class="nothing">${words('notRead')}</p>`
  }
}

/** Visitors of the last minutes, under the filters. */
async function askCurrent({ collection, filters }: ReportScene): Promise<number> {
  const report = await ask(collection, { metrics: ['visitors'], date_range: 'realtime', filters })
  return Number(report.results[0]?.metrics[0] ?? 0)
}

/** How many are here now, in words. */
export async function currentText(scene: ReportScene): Promise<string> {
  const { words, figures } = scene
  return words('current', { n: figures.whole(await askCurrent(scene)) })
}

function currentVisitors({ words, view, guest }: ReportScene, text: string): Markup {
  const number = html`<span class="pulse" aria-hidden="true"></span><span data-current>${text}</span>`
  return html`<p class="current" title="${words('currentNote')}">${
    guest ? number : html`<a href="${hrefOf({ ...closed(view), show: 'live' })}">${number}</a>`
  }</p>`
}

/** What the numbers are, and what is not in them. */
export function notes({ words, figures }: ReportScene, meta: PathMeta): Markup {
  const ranges = (days: readonly (readonly [string, string])[]): string =>
    days
      .slice(0, 5)
      .map(([from, to]) => figures.days(from, to))
      .join(', ')
  return html`<p class="note">${words('exact')} ${meta.visitors === 'sum_of_daily_visitors' && words('sumOfDays')} ${
    meta.erased.length > 0 && words('erased', { days: ranges(meta.erased) })
  } ${meta.no_data.length > 0 && words('noData', { days: ranges(meta.no_data) })}</p>`
}
