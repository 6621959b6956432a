import { html } from 'hono/html'
import { hiddenInputs, optionsOf } from './forms.ts'
import { isSameRange, periodWords, rangeOf, shiftedRange, wholeSpan } from './period.ts'
import { filterText } from './row-filter.ts'
import { savedViewsMenu } from './saved-views.ts'
import type { Markup, ReportScene } from './scene.ts'
import { closed, hrefOf, type View, viewOf } from './view.ts'

/** The choice of a collection. */
export function siteChoice({ sites, view, words }: Pick<ReportScene, 'sites' | 'view' | 'words'>): Markup {
  const name = html`<h1 class="site">${view.site}</h1>`
  if (sites.length < 2) return name
  return html`${name}<details class="menu sites"><summary><span class="unseen">${words('collections')}</span></summary><ul class="sheet">${sites.map(
    (site) =>
      html`<li><a href="${hrefOf(viewOf(site))}"${site === view.site && html` aria-current="page"`}>${site}</a></li>`,
  )}</ul></details>`
}

/** Period, comparison, and the way to earlier and later. */
export function periodBar(scene: ReportScene): Markup {
  const { view, period, words } = scene
  const base = closed(view)
  const [before, after] = [shiftedRange(period, -1), shiftedRange(period, 1)]
  return html`<nav class="period" aria-label="${words('period')}">${arrow(base, before, words('previous'), '←', 'ArrowLeft')}
<details class="menu"><summary>${periodName(scene)}</summary><div class="sheet"><ul>${periodWords.map(
    ([word, key]) => {
      const range = rangeOf(word, period.now, period.timezone)
      const isShown = isSameRange(range, period.range)
      return html`<li><a href="${hrefOf({ ...base, period: range, interval: undefined })}" data-key="${key}"${isShown && html` aria-current="true"`}>${words(`period_${word}`)}</a><kbd>${key}</kbd></li>`
    },
  )}</ul>${customForm(scene)}</div></details>${arrow(base, after, words('next'), '→', 'ArrowRight')}
${view.show === undefined && comparisonMenu(scene)}</nav>`
}

function comparisonMenu({ view, words }: ReportScene): Markup {
  const base = closed(view)
  return html`<details class="menu"><summary>${words('compare')}</summary><ul class="sheet">${(
    [undefined, 'previous_period', 'year_over_year'] as const
  ).map(
    (comparison) =>
      html`<li><a href="${hrefOf({ ...base, comparison })}"${comparison === view.comparison && html` aria-current="true"`}>${words(comparison ?? 'none')}</a></li>`,
  )}</ul></details><a class="unseen" tabindex="-1" aria-hidden="true" data-key="x" href="${hrefOf({ ...base, comparison: view.comparison ? undefined : 'previous_period' })}"></a>`
}

function arrow(base: View, range: View['period'], name: string, sign: string, key: string): Markup {
  if (range === undefined) return html`<span class="step none" aria-hidden="true">${sign}</span>`
  return html`<a class="step" href="${hrefOf({ ...base, period: range })}" aria-label="${name}" data-key="${key}">${sign}</a>`
}

function periodName({ period, words, figures }: ReportScene): string {
  const word = periodWords.find(([one]) =>
    isSameRange(rangeOf(one, period.now, period.timezone), period.range),
  )
  if (word) return words(`period_${word[0]}`)
  if (typeof period.range === 'string' && period.range === 'realtime') return words('period_realtime')
  const { firstDate, lastDate } = wholeSpan(period)
  return figures.days(firstDate, lastDate)
}

function customForm({ view, period, words }: ReportScene): Markup {
  const { firstDate, lastDate } = wholeSpan(period)
  return html`<form action="/">${hiddenInputs({ ...closed(view), period: undefined, interval: undefined })}<label>${words('from')} <input type="date" name="from" required value="${firstDate}"></label><label>${words('to')} <input type="date" name="to" required value="${lastDate}"></label><button>${words('apply')}</button></form>`
}

const filterDimensions = [
  ...['page', 'entry_page', 'exit_page', 'hostname', 'source', 'channel', 'referrer', 'campaign', 'medium'],
  ...['country', 'region', 'city', 'language', 'browser', 'os', 'device', 'screen', 'goal', 'name', 'props'],
] as const

const operators = { '': 'is', '!': 'isNot', '~': 'contains', '!~': 'containsNot' } as const
const signs = ['', '!', '~', '!~'] as const

/** The filters that are on, each to turn round, edit or remove, and a form for one more. */
export function filterBar(scene: ReportScene): Markup {
  const { view, words } = scene
  const base = closed(view)
  const forced = (scene.guest?.filters ?? []).map(
    (filter) => html`<li class="chip fixed"><span>${filterText(scene, filter)}</span></li>`,
  )
  const chips = view.filters.map((filter, i) => {
    const others = view.filters.filter((_, at) => at !== i)
    const turned = view.filters.map((one, at) => (at === i ? { ...one, isNegated: !one.isNegated } : one))
    const text = filterText(scene, filter)
    return html`<li class="chip"><a href="${hrefOf({ ...base, editing: i })}#filter" title="${words('editFilter')}">${text}</a>${
      filter.dimension !== 'goal' &&
      html`<a class="turn" href="${hrefOf({ ...base, filters: turned })}" aria-label="${words('negate')}: ${text}" title="${words('negate')}">≠</a>`
    }<a class="drop" href="${hrefOf({ ...base, filters: others })}" aria-label="${words('remove')}: ${text}" title="${words('remove')}">×</a></li>`
  })
  return html`<section class="filters" aria-label="${words('filters')}">${forced.length + chips.length > 0 && html`<ul>${forced}${chips}</ul>`}${
    chips.length > 1 &&
    html`<a class="clear" href="${hrefOf({ ...base, filters: [] })}">${words('clear')}</a>`
  }${chips.length > 0 && html`<a class="unseen" tabindex="-1" aria-hidden="true" data-key="Escape" href="${hrefOf({ ...base, filters: [] })}"></a>`}${filterForm(scene)}${savedViewsMenu(scene)}</section>`
}

function filterForm(scene: ReportScene): Markup {
  const { view, words } = scene
  const edited = view.editing === undefined ? undefined : view.filters[view.editing]
  const others = edited ? view.filters.filter((one) => one !== edited) : view.filters
  const operator = edited ? (edited.isNegated ? '!' : '') + (edited.match === 'contains' ? '~' : '') : ''
  const isProperty = edited?.dimension.startsWith('props:') ?? false
  return html`<details class="menu add" id="filter"${edited && html` open`}><summary>${words(edited ? 'editFilter' : 'addFilter')}</summary><form class="sheet" action="/">${hiddenInputs({ ...closed(view), filters: others })}
<label>${words('dimension')} <select name="fd">${optionsOf(filterDimensions, isProperty ? 'props' : edited?.dimension, (one) => words(`of_${one}`))}</select></label><label>${words('propertyKey')} <input name="fk" maxlength="300" value="${isProperty ? edited?.dimension.slice('props:'.length) : ''}"></label>
<label><span class="unseen">${words('condition')}</span><select name="fo">${optionsOf(signs, operator, (sign) => words(operators[sign]))}</select></label><label>${words('value')} <input name="fv" required maxlength="2000" value="${edited?.value ?? ''}"></label><button>${words('apply')}</button></form></details>`
}
