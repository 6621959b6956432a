import { html } from 'hono/html'
import type { Fault } from '../../errors.ts'
import { siteChoice } from '../bar.ts'
import { news } from '../news.ts'
import type { Markup, Scene } from '../scene.ts'
import { closing, opening } from '../shell.ts'
import { type Chapter, chapters, hrefOf, type View, viewOf } from '../view.ts'
import { faultWords } from '../words.ts'

/** A page where something of a collection is managed. */
export interface ManageScene extends Scene {
  readonly view: View & { readonly site: string }
}

/** What was sent and could not be, to be mended where it stands. */
export interface Refusal {
  readonly form: URLSearchParams
  readonly faults: readonly Fault[]
}

/** A chapter with the way to the others, and what was done. */
export function managePage(scene: ManageScene, body: Markup): Markup {
  const { words, view } = scene
  const title = words(`chapter_${view.chapter ?? 'settings'}`)
  return html`${opening(scene, { title: `${title} · ${view.site}`, bar: siteChoice(scene) })}<div class="manage"><nav aria-label="${words('chapters')}"><ul>${chapters.map(
    (one) => one !== 'new' && chapterLink(scene, one),
  )}<li class="away"><a href="${hrefOf(viewOf(view.site))}">${words('toNumbers')}</a></li></ul></nav><div class="chapter"><h2>${title}</h2>${news(scene)}${body}</div></div>${closing(scene)}`
}

function chapterLink({ words, view }: ManageScene, chapter: Chapter): Markup {
  return html`<li><a href="${hrefOf({ ...viewOf(view.site), chapter })}"${chapter === view.chapter && html` aria-current="page"`}>${words(`chapter_${chapter}`)}</a></li>`
}

/** The beginning of a form that changes the collection: what it does. It is sent to `/` like all others. */
export function manageDeed(what: string, { view }: ManageScene): Markup {
  return html`<input type="hidden" name="do" value="${what}"><input type="hidden" name="site" value="${view.site}"><input type="hidden" name="manage" value="${view.chapter ?? ''}">`
}

/** A question with a form that says yes, and a way back. */
export function confirmation(scene: ManageScene, question: string, yes: string, form: Markup): Markup {
  const { words, view } = scene
  const back = hrefOf({ ...viewOf(view.site), chapter: view.chapter })
  return html`<section class="card confirm" aria-label="${yes}"><p>${question}</p><form method="post" action="/">${form}<button class="danger">${yes}</button> <a href="${back}">${words('cancel')}</a></form></section>`
}

/** Faults of one field, by the last but index of their pointers: `/origins/0` and `/privacy/gpc`. */
export function faultsOf(refusal: Refusal | undefined, field: string): readonly Fault[] {
  return (refusal?.faults ?? []).filter(({ pointer }) => fieldOf(pointer) === field)
}

function fieldOf(pointer: string): string {
  const [, first = '', second = ''] = pointer.split('/')
  return first === 'privacy' || first === 'policies' ? second : first
}

/** What is wrong with a field, to stand below it under an id that the field names. */
export function faultNote(scene: Scene, id: string, faults: readonly Fault[]): Markup | false {
  if (faults.length === 0) return false
  const details = [...new Set(faults.map(({ detail }) => faultWords(scene.words, detail)))]
  return html`<p class="fault" id="${id}-fault">${details.join('; ')}</p>`
}

/** What a field says of its hint and its faults. */
export function described(id: string, faults: readonly Fault[], hasHint = true): Markup | false {
  const ids = [...(hasHint ? [`${id}-hint`] : []), ...(faults.length > 0 ? [`${id}-fault`] : [])]
  if (ids.length === 0) return false
  return html` aria-describedby="${ids.join(' ')}"${faults.length > 0 && html` aria-invalid="true"`}`
}

/** Says at the top that something below cannot be. */
export function faultAlert({ words }: Scene, refusal: Refusal | undefined): Markup | false {
  if (!refusal) return false
  const others = refusal.faults.filter(({ pointer }) => pointer === '' || pointer === '/name')
  return html`<p class="fault card" role="alert">${words('fault_many')} ${others.map(({ detail }) => faultWords(words, detail)).join(' ')}</p>`
}
