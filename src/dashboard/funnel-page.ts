import { html } from 'hono/html'
import { readFunnel } from '../asking/path-reader.ts'
import { type FunnelReport, funnelLimits, unitOf } from '../funnel.ts'
import { filterBar, periodBar, siteChoice } from './bar.ts'
import { keptInputs, knownValues, stepInputs, withinInput } from './path-form.ts'
import { notes } from './report-page.ts'
import { filterText, toQueryFilters } from './row-filter.ts'
import type { Markup, ReportScene } from './scene.ts'
import { closing, opening } from './shell.ts'
import { siteNav } from './site-nav.ts'

/** Empty steps that a form offers, beside those there are. */
const FIRST_STEPS = 3

/** How many come from one step to the next. */
export async function* funnelPage(scene: ReportScene): AsyncGenerator<Markup> {
  const { view, words } = scene
  const [report, known] = await Promise.all([askFunnel(scene), knownValues(scene)])
  yield opening(scene, { title: `${words('funnel')} · ${view.site}`, bar: siteChoice(scene) })
  yield html`<div class="controls">${siteNav(scene)}${filterBar(scene)}${periodBar(scene)}</div>${form(scene)}${known}`
  yield html`<section class="card" aria-labelledby="funnel-title"><h2 id="funnel-title">${words('funnel')}</h2>${
    report ? table(scene, report) : html`<p class="nothing">${words('funnelEmpty')}</p>`
  }</section>`
  yield closing(scene, report && notes(scene, report.meta))
}

/** Undefined: there are not steps enough. */
async function askFunnel({
  view,
  collection,
  period,
  filters,
}: ReportScene): Promise<FunnelReport | undefined> {
  const { steps, within } = view.path
  if (steps.length < 2) return undefined
  const question = {
    steps: steps.map((step) => toQueryFilters([step])),
    within,
    date_range: period.range,
    filters,
  }
  return collection.funnel(readFunnel(question, collection.definition))
}

function form(scene: ReportScene): Markup {
  const { words, view } = scene
  const { steps, within } = view.path
  const count = Math.min(funnelLimits.steps, Math.max(FIRST_STEPS, steps.length + 1))
  return html`<form class="card steps" action="/">${keptInputs(scene)}${Array.from(
    { length: count },
    (_, i) => stepInputs(scene, 's', words('step', { n: String(i + 1) }), steps[i]),
  )}<p class="inline">${withinInput(scene, within)}<button class="main">${words('show')}</button><span class="note">${words('funnelHint')}</span></p></form>`
}

function table(scene: ReportScene, { results }: FunnelReport): Markup {
  const { words, figures, view } = scene
  const unit = unitOf(view.path.within)
  const first = results[0]?.[unit] ?? 0
  const width = (count: number): string => `${first > 0 ? Math.round((count / first) * 1000) / 10 : 0}%`
  const percent = (value: number): string => figures.metric('percentage', value)
  return html`<table class="list funnel"><thead><tr><th scope="col">${words('steps')}</th><th scope="col">${words(unit)}</th><th scope="col">${words('ofFirst')}</th><th scope="col">${words('ofBefore')}</th><th scope="col">${words('dropped')}</th></tr></thead><tbody>${results.map(
    (row, i) => {
      const count = row[unit] ?? 0
      const step = view.path.steps[i]
      return html`<tr><th scope="row"><svg class="fill" aria-hidden="true" width="100%" height="100%"><rect class="lost" x="${width(count)}" width="${width(row.dropped)}" height="100%" rx="4"/><rect width="${width(count)}" height="100%" rx="4"/></svg><span class="label">${figures.whole(i + 1)}. ${step && filterText(scene, step)}</span></th><td>${figures.whole(count)}</td><td>${percent(row.conversion_rate)}</td><td>${i > 0 ? percent(row.step_rate) : ''}</td><td>${i > 0 && html`−${figures.whole(row.dropped)}`}</td></tr>`
    },
  )}</tbody></table>`
}
