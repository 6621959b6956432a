import { html } from 'hono/html'
import type { Markup, Scene } from './scene.ts'
import { closed, hrefOf, type Show, shows, type View, viewOf } from './view.ts'

/** The pages of a collection. Guests are shown what is counted, and no single events. */
export function siteNav({ view, words, guest, isAdmin }: Scene & { readonly view: View }): Markup {
  const mayOpen = (show: Show): boolean => (show === 'links' ? isAdmin : show !== 'live' || !guest)
  return html`<nav class="pages" aria-label="${words('pagesOfSite')}"><ul class="choices">${[
    undefined,
    ...shows,
  ]
    .filter((show) => show === undefined || mayOpen(show))
    .map(
      (show) =>
        html`<li><a href="${hrefOf({ ...closed(view), show })}"${show === view.show && html` aria-current="page"`}>${words(show ?? 'report_')}</a></li>`,
    )}${isAdmin && html`<li><a href="${hrefOf({ ...viewOf(view.site), chapter: 'settings' })}">${words('manage')}</a></li>`}</ul></nav>`
}
