import { html } from 'hono/html'
import type { Report } from '../report.ts'
import type { Markup, ReportScene } from './scene.ts'
import { hrefOf, withFilter } from './view.ts'

/** Countries that a map is asked for: all there are. */
export const MAP_ROWS = 300
const SHADES = 5

/** The countries of a report, the stronger its colour the more; each filters the page by it. The list beside it has the same links. */
export function worldMap({ view, words, figures, files }: ReportScene, { results }: Report): Markup {
  const found = results.flatMap(({ dimensions: [code = ''], metrics: [count] }) =>
    /^[A-Z]{2}$/.test(code) && typeof count === 'number' ? [{ code, count }] : [],
  )
  const top = Math.max(1, ...found.map(({ count }) => count))
  const shapes = found.map(({ code, count }) => {
    const filter = { isNegated: false, match: 'is', dimension: 'country', value: code } as const
    const shade = Math.max(1, Math.ceil(Math.sqrt(count / top) * SHADES))
    return html`<a href="${hrefOf(withFilter(view, filter))}" tabindex="-1"><use class="shade-${shade}" href="${files.world}#${code}"><title>${figures.country(code)}: ${figures.whole(count)}</title></use></a>`
  })
  return html`<figure class="map" aria-hidden="true"><svg viewBox="0 0 1000 436"><use href="${files.world}#world"/>${shapes}</svg><figcaption>${words('mapNote')}</figcaption></figure>`
}
