import { html } from 'hono/html'
import type { Within } from '../funnel.ts'
import { hiddenInputs, optionsOf } from './forms.ts'
import { blankPath } from './path-view.ts'
import { ask } from './question.ts'
import type { RowFilter } from './row-filter.ts'
import type { Markup, ReportScene } from './scene.ts'
import type { Texts } from './texts.ts'

/** What of a view a form of paths does not say itself. */
export function keptInputs({ view }: ReportScene): readonly Markup[] {
  return hiddenInputs({ ...view, path: blankPath })
}

/** A step as a form has it: what it looks at, and a value. `prefix`: of the names of its inputs. */
export function stepInputs(
  scene: ReportScene,
  prefix: string,
  name: string,
  step: RowFilter | undefined,
): Markup {
  const { words, collection } = scene
  const dimensions = ['page', 'name', ...(collection.definition.goals.length > 0 ? ['goal'] : [])] as const
  const of = step?.dimension ?? 'page'
  const offered = dimensions.some((one) => one === of) ? dimensions : [...dimensions, of]
  return html`<fieldset class="step-form"><legend>${name}</legend><label><span class="unseen">${words('dimension')}</span><select name="${prefix}d">${optionsOf(offered, of, (one) => words(`of_${one}` as keyof Texts))}</select></label><label><span class="unseen">${words('condition')}</span><select name="${prefix}o">${optionsOf(['', '~'], step?.match === 'contains' ? '~' : '', (sign) => words(sign ? 'contains' : 'is'))}</select></label><label><span class="unseen">${words('value')}</span><input name="${prefix}v" list="known" maxlength="2000" value="${step?.value ?? ''}"></label></fieldset>`
}

/** A choice of whose events are looked at in a row. */
export function withinInput({ words }: ReportScene, within: Within): Markup {
  return html`<label>${words('within')} <select name="within">${optionsOf(['visit', 'visitor'], within, (one) => words(`within_${one}`))}</select></label>`
}

/** Pages and events of the period that may be meant. */
export async function knownValues({ collection, period, filters }: ReportScene): Promise<Markup> {
  const options = { date_range: period.range, filters, pagination: { limit: 50 } }
  const lists = await Promise.all(
    ['page', 'name'].map((dimension) =>
      ask(collection, { ...options, metrics: ['events'], dimensions: [dimension] }),
    ),
  )
  const values = lists.flatMap(({ results }) => results.map(({ dimensions: [value = ''] }) => value))
  return html`<datalist id="known">${[...new Set(values)].map((value) => html`<option value="${value}"></option>`)}</datalist>`
}
