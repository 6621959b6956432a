import { html } from 'hono/html'
import { type Annotation, annotationLimits } from '../../annotation.ts'
import type { Markup } from '../scene.ts'
import {
  described,
  faultAlert,
  faultNote,
  faultsOf,
  type ManageScene,
  manageDeed,
  managePage,
  type Refusal,
} from './manage-page.ts'

/** What happened on which day. `today`: the day that the form begins with. */
export function annotationsPage(
  scene: ManageScene,
  annotations: readonly Annotation[],
  today: string,
  refusal?: Refusal,
): Markup {
  const { words } = scene
  const [dateFaults, textFaults] = ['date', 'text'].map((name) => faultsOf(refusal, name))
  return managePage(
    scene,
    html`${faultAlert(scene, refusal)}<section class="card"><p class="note">${words('annotationsNote')}</p><form class="inline" method="post" action="/">${manageDeed('annotate', scene)}
<label>${words('date')} <input type="date" id="date" name="date" required value="${refusal?.form.get('date') ?? today}"${described('date', dateFaults ?? [], false)}></label><label>${words('text')} <input id="text" name="text" required maxlength="${annotationLimits.text}" value="${refusal?.form.get('text') ?? ''}"${described('text', textFaults ?? [], false)}></label><button>${words('addAnnotation')}</button></form>${faultNote(scene, 'date', dateFaults ?? [])}${faultNote(scene, 'text', textFaults ?? [])}</section>
<section class="card">${
      annotations.length === 0
        ? html`<p class="nothing">${words('noAnnotations')}</p>`
        : html`<ul class="rows">${annotations.toReversed().map((one) => row(scene, one))}</ul>`
    }</section>`,
  )
}

function row(scene: ManageScene, { id, date, text }: Annotation): Markup {
  const { words, figures } = scene
  return html`<li><span class="when">${figures.days(date, date)}</span><span class="what">${text}</span><form method="post" action="/">${manageDeed('unannotate', scene)}<input type="hidden" name="id" value="${id}"><button aria-label="${words('dropOf', { name: text })}">${words('drop')}</button></form></li>`
}
