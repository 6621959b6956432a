import { html } from 'hono/html'
import { readFilters } from '../../asking/query-reader.ts'
import type { Collection, Selection } from '../../collection.ts'
import { toTimeRange } from '../../range.ts'
import { dateOf } from '../../zone.ts'
import { filterBar } from '../bar.ts'
import { hiddenInputs } from '../forms.ts'
import { wholeSpan } from '../period.ts'
import { ask } from '../question.ts'
import { toQueryFilters } from '../row-filter.ts'
import type { Markup, ReportScene } from '../scene.ts'
import { type View, viewOf } from '../view.ts'
import { confirmation, type ManageScene, manageDeed, managePage } from './manage-page.ts'

interface Days {
  readonly from: string
  readonly to: string
}

/** The events that a view means: whole days, or all of them, under its filters. Undefined: it does not say. */
export function selectionOf(view: View, { definition }: Collection, now: number): Selection | undefined {
  const days = daysOf(view, definition.timezone, now)
  if (!days && view.filters.length === 0) return undefined
  const filters = readFilters(toQueryFilters(view.filters), definition)
  return { range: toTimeRange(days ?? {}, definition.timezone), filters }
}

/** The days of a view's period; undefined: all, the future too. */
function daysOf({ period }: View, timezone: string, now: number): Days | undefined {
  if (period === undefined || period === 'all') return undefined
  const { firstDate, lastDate } = wholeSpan({ range: period, timezone, now })
  return { from: firstDate, to: lastDate }
}

/** Erases events: first which, then how many, then for good. */
export async function erasePage(scene: ManageScene & ReportScene): Promise<Markup> {
  const { view, words, collection, period } = scene
  const { timezone } = collection.definition
  const days = daysOf(view, timezone, period.now)
  const isSaid = selectionOf(view, collection, period.now) !== undefined
  const shown = days ?? (await daysOfAll(scene))
  return managePage(
    scene,
    html`<p class="note">${words('eraseNote')}</p>${isSaid && (await question(scene, days))}<section class="card"><form class="inline" action="/">${hiddenInputs({ ...view, period: undefined })}<label>${words('from')} <input type="date" name="from" required value="${shown.from}"></label><label>${words('to')} <input type="date" name="to" required value="${shown.to}"></label><button>${words('look')}</button></form>${filterBar(scene)}</section>`,
  )
}

/** How many they are, as a query counts them. */
async function question(scene: ManageScene & ReportScene, days: Days | undefined): Promise<Markup> {
  const { view, words, figures, collection, filters } = scene
  const range = days ? [days.from, days.to] : 'all'
  const { results } = await ask(collection, { metrics: ['events'], date_range: range, filters })
  const n = figures.whole(Number(results[0]?.metrics[0] ?? 0))
  if (n === '0') return html`<p class="card nothing">${words('eraseNothing')}</p>`
  const kept = {
    ...viewOf(view.site),
    chapter: view.chapter,
    period: days ? ([days.from, days.to] as const) : view.period,
    filters: view.filters,
  }
  return html`${confirmation(scene, words('eraseAsk', { n }), words('eraseYes', { n }), html`${manageDeed('erase', scene)}${hiddenInputs(kept)}`)}`
}

/** From the first event's day to today. */
async function daysOfAll({ collection, period }: ReportScene): Promise<Days> {
  const question = { metrics: ['events'] as const, dimensions: ['time:day'], date_range: 'all' }
  const { results } = await ask(collection, {
    ...question,
    order_by: [['time:day', 'asc']],
    pagination: { limit: 1 },
  })
  const today = dateOf(period.now, period.timezone)
  return { from: String(results[0]?.dimensions[0] ?? today), to: today }
}
