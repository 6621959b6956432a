import { html } from 'hono/html'
import type { RefusedReport, RefusedSample } from '../../refusal.ts'
import { labelOf } from '../panel.ts'
import type { Markup } from '../scene.ts'
import { hrefOf, viewOf } from '../view.ts'
import { confirmation, type ManageScene, manageDeed, managePage } from './manage-page.ts'

/** What is asked about, before it is counted after all. */
export interface Asked {
  readonly code: string | null
  readonly id: string | null
}

/** What was refused, and why; each reason, and each of the newest events, may count after all. */
export function refusedPage(scene: ManageScene, report: RefusedReport, asked: Asked): Markup {
  const { words } = scene
  const groups = Object.entries(report.counts).sort(([, a], [, b]) => b - a)
  const isEmpty = groups.length === 0 && report.sample.length === 0
  return managePage(
    scene,
    html`${question(scene, report, asked)}<p class="note">${words('refusedNote')}</p>${
      isEmpty
        ? html`<p class="card nothing">${words('noRefused')}</p>`
        : html`<section class="card"><div class="scroll"><table class="plain texts"><thead><tr><th scope="col">${words('reason')}</th><th scope="col">${words('countOf')}</th><td></td></tr></thead><tbody>${groups.map(
            ([code, count]) =>
              html`<tr><th scope="row">${labelOf(scene, 'refusal', code)}</th><td>${scene.figures.whole(count)}</td><td>${askLink(scene, 'code', code, labelOf(scene, 'refusal', code))}</td></tr>`,
          )}</tbody></table></div></section>${newest(scene, report.sample)}`
    }`,
  )
}

function question(
  scene: ManageScene,
  { counts, sample }: RefusedReport,
  { code, id }: Asked,
): Markup | false {
  const { words, figures } = scene
  const count = code === null ? undefined : Object.entries(counts).find(([one]) => one === code)?.[1]
  const one = sample.find(({ event }) => event.id !== undefined && event.id === id)
  if (count === undefined && !one) return false
  const [name, value] = one ? ['id', id ?? ''] : ['code', code ?? '']
  const text = one
    ? words('restoreOneAsk')
    : words('restoreAsk', { n: figures.whole(count ?? 0), name: labelOf(scene, 'refusal', value) })
  return confirmation(
    scene,
    text,
    words('restore'),
    html`${manageDeed('restore', scene)}<input type="hidden" name="${name}" value="${value}">`,
  )
}

function askLink({ words, view }: ManageScene, name: string, value: string, of: string): Markup {
  const href = hrefOf({ ...viewOf(view.site), chapter: 'refused' })
  return html`<a href="${href}&amp;${name}=${encodeURIComponent(value)}" aria-label="${words('restore')}: ${of}">${words('restore')}</a>`
}

function newest(scene: ManageScene, sample: readonly RefusedSample[]): Markup {
  const { words } = scene
  return html`<section class="card" aria-labelledby="newest"><h3 id="newest">${words('newestRefused')}</h3><div class="scroll" tabindex="0" role="group" aria-labelledby="newest"><table class="plain texts"><thead><tr><th scope="col">${words('time')}</th><th scope="col">${words('reason')}</th><th scope="col">${words('of_page')}</th><th scope="col">${words('of_name')}</th><td></td></tr></thead><tbody>${sample.map((one) => sampleRow(scene, one))}</tbody></table></div></section>`
}

function sampleRow(scene: ManageScene, { code, bot, event }: RefusedSample): Markup {
  const moment = new Date(event.time).toISOString().slice(0, 19).replace('T', ' ')
  const reason = labelOf(scene, 'refusal', code)
  return html`<tr><th scope="row"><time datetime="${new Date(event.time).toISOString()}">${moment}</time></th><td>${reason}${bot !== undefined && html` · ${bot}`}</td><td class="long">${event.page}</td><td class="long">${event.name}</td><td>${event.id !== undefined && askLink(scene, 'id', event.id, `${reason} ${moment}`)}</td></tr>`
}
