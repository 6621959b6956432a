import { html } from 'hono/html'
import { readJourneys } from '../asking/path-reader.ts'
import { unitOf } from '../funnel.ts'
import { type JourneysReport, journeyLimits } from '../journeys.ts'
import { filterBar, periodBar, siteChoice } from './bar.ts'
import { optionsOf } from './forms.ts'
import { growTree, type Way } from './journey-tree.ts'
import { keptInputs, knownValues, stepInputs, withinInput } from './path-form.ts'
import { notes } from './report-page.ts'
import { filterText, toQueryFilters } from './row-filter.ts'
import type { Markup, ReportScene } from './scene.ts'
import { closing, opening } from './shell.ts'
import { siteNav } from './site-nav.ts'
import { hrefOf } from './view.ts'

/** Ways of the table, and branches of a fork. */
const ROWS = 100
const BRANCHES = 5
/** Forks that are seen before any is opened. */
const OPEN_LEVELS = 1

/** Which ways are taken most often. */
export async function* journeysPage(scene: ReportScene): AsyncGenerator<Markup> {
  const { view, words } = scene
  const [report, known] = await Promise.all([askJourneys(scene), knownValues(scene)])
  const total = report.meta.totals[unitOf(view.path.within)] ?? 0
  yield opening(scene, { title: `${words('journeys')} · ${view.site}`, bar: siteChoice(scene) })
  yield html`<div class="controls">${siteNav(scene)}${filterBar(scene)}${periodBar(scene)}</div>${form(scene)}${known}`
  yield html`<section class="card" aria-labelledby="ways-title"><h2 id="ways-title">${title(scene)}</h2>${
    total === 0 ? html`<p class="nothing">${words('nothing')}</p>` : ways(scene, report, total)
  }</section>`
  yield closing(scene, notes(scene, report.meta))
}

function askJourneys({ view, collection, period, filters }: ReportScene): Promise<JourneysReport> {
  const { at, door, of, within, depth } = view.path
  const question = {
    ...(at && { [door === 'end' ? 'to' : 'from']: toQueryFilters([at]) }),
    ...{ of, within, steps: depth, limit: journeyLimits.rows, date_range: period.range, filters },
  }
  return collection.journeys(readJourneys(question, collection.definition))
}

function title(scene: ReportScene): string {
  const { words, view } = scene
  const { at, door } = view.path
  return at
    ? words(door === 'end' ? 'waysTo' : 'waysFrom', { name: filterText(scene, at) })
    : words('waysAny')
}

function form(scene: ReportScene): Markup {
  const { words, view } = scene
  const { at, door, of, within, depth } = view.path
  const depths = Array.from({ length: journeyLimits.steps - 1 }, (_, i) => String(i + 2))
  return html`<form class="card steps" action="/">${keptInputs(scene)}<p class="inline"><label>${words('ways')} <select name="door">${optionsOf(['start', 'end'], door, (one) => words(one === 'end' ? 'door_end' : 'door_start'))}</select></label></p>${stepInputs(scene, 'j', words('doorStep'), at)}
<p class="inline"><label>${words('waysOf')} <select name="of">${optionsOf(['page', 'event'], of, (one) => words(one === 'event' ? 'name' : 'page'))}</select></label><label>${words('steps')} <select name="depth">${optionsOf(depths, String(depth), (one) => one)}</select></label>${withinInput(scene, within)}<button class="main">${words('show')}</button></p></form>`
}

function ways(scene: ReportScene, report: JourneysReport, total: number): Markup {
  const { words, figures, view } = scene
  const unit = unitOf(view.path.within)
  const told = report.results.reduce((sum, row) => sum + (row[unit] ?? 0), 0)
  const note = words('waysTold', {
    n: figures.whole(report.results.length),
    all: figures.whole(report.meta.total_rows),
    share: figures.share(told, total),
    unit: words(unit),
  })
  const tree = growTree(report.results.map((row) => ({ path: row.path, count: row[unit] ?? 0 })))
  return html`<p class="note">${note}</p>${branches(scene, tree, total)}
<details class="data"><summary>${words('asTable')}</summary><div class="scroll"><table class="plain"><thead><tr><th scope="col">${words('ways')}</th><th scope="col">${words(unit)}</th><th scope="col">${words('share')}</th></tr></thead><tbody>${report.results
    .slice(0, ROWS)
    .map(
      (row) =>
        html`<tr><th scope="row" class="way">${row.path.join(view.path.door === 'end' ? ' ← ' : ' → ')}</th><td>${figures.whole(row[unit] ?? 0)}</td><td>${figures.metric('percentage', row.percentage)}</td></tr>`,
    )}</tbody></table></div></details>`
}

/** Ways that begin alike have one branch; of a fork the rarest are told together. */
function branches(scene: ReportScene, ways: readonly Way[], total: number, level: number = 0): Markup {
  const { figures, words } = scene
  const [most, rest] = [ways.slice(0, BRANCHES), ways.slice(BRANCHES)]
  const count = rest.reduce((sum, way) => sum + way.count, 0)
  return html`<ul class="tree">${most.map((way) => branch(scene, way, total, level))}${
    rest.length > 0 &&
    html`<li><p class="note"><span class="label">${words('moreWays', { n: figures.whole(rest.length) })}</span><span>${figures.whole(count)}</span><span class="share">${figures.share(count, total)}</span></p></li>`
  }</ul>`
}

function branch(scene: ReportScene, way: Way, total: number, level: number): Markup {
  const { figures, view, words } = scene
  const { path } = view
  const dimension = path.of === 'page' ? 'page' : 'name'
  const at = { isNegated: false, match: 'is', dimension, value: way.name } as const
  const next = way.next.length > 0 && branches(scene, way.next, total, level + 1)
  const width = Math.round((way.count / Math.max(1, total)) * 1000) / 10
  return html`<li><p><svg class="fill" aria-hidden="true" width="100%" height="100%"><rect width="${width}%" height="100%" rx="4"/></svg><a class="label" href="${hrefOf({ ...view, path: { ...path, at } })}" title="${words(path.door === 'end' ? 'waysTo' : 'waysFrom', { name: way.name })}">${way.name}</a><span>${figures.whole(way.count)}</span><span class="share">${figures.share(way.count, total)}</span></p>${level < OPEN_LEVELS || !next ? next : html`<details><summary>${words('waysOn')}<span class="unseen"> ${way.name}</span></summary>${next}</details>`}</li>`
}
