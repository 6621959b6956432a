import { html } from 'hono/html'
import { savedViewLimits } from '../saved-view.ts'
import { hiddenInputs } from './forms.ts'
import type { Markup, ReportScene } from './scene.ts'
import { paramsOf, type View } from './view.ts'

/** The parameters of a view that are saved: all that does not name the collection, nor what is just being done. */
export function searchToSave(view: View): string {
  const kept = paramsOf({ ...view, site: undefined, editing: undefined, chapter: undefined })
  return String(new URLSearchParams(kept.map(([name, value]) => [name, value])))
}

/** Views that somebody gave a name, and a form to name this one. */
export function savedViewsMenu({ view, words, savedViews }: ReportScene): Markup | false {
  if (!savedViews) return false
  const here = searchToSave(view)
  const site = encodeURIComponent(view.site ?? '')
  const back = hiddenInputs({ ...view, editing: undefined })
  return html`<details class="menu saved"><summary>${words('savedViews')}</summary><div class="sheet">${
    savedViews.length > 0 &&
    html`<ul>${savedViews.map(
      ({ name, search }) =>
        html`<li><a href="/?site=${site}&amp;${search}"${search === here && html` aria-current="true"`}>${name}</a><form method="post" action="/">${back}<input type="hidden" name="do" value="drop-view"><input type="hidden" name="name" value="${name}"><button aria-label="${words('dropOf', { name })}" title="${words('drop')}">×</button></form></li>`,
    )}</ul>`
  }<form method="post" action="/">${back}<input type="hidden" name="do" value="save-view"><label>${words('viewName')} <input name="name" required maxlength="${savedViewLimits.name}" autocomplete="off"></label><button>${words('saveView')}</button></form></div></details>`
}
