import { html } from 'hono/html'
import type { Markup, Scene } from './scene.ts'
import { paramsOf, type View } from './view.ts'

/** The parameters of a view as a form keeps them. */
export function hiddenInputs(view: View): readonly Markup[] {
  return paramsOf(view).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
}

/** The options of a choice, and what each is called. */
export function optionsOf<T extends string>(
  values: readonly T[],
  chosen: string | null | undefined,
  text: (value: T) => string,
): readonly Markup[] {
  return values.map(
    (one) => html`<option value="${one}"${one === chosen && html` selected`}>${text(one)}</option>`,
  )
}

/** The beginning of a form that changes something: what it does, and where to go on afterwards. */
export function deed(what: string, { here }: Pick<Scene, 'here'>): Markup {
  return html`<input type="hidden" name="do" value="${what}"><input type="hidden" name="back" value="${here}">`
}
