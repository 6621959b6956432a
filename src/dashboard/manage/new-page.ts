import { html } from 'hono/html'
import type { Markup, Scene } from '../scene.ts'
import { closing, opening } from '../shell.ts'
import { described, faultAlert, faultNote, faultsOf, type Refusal } from './manage-page.ts'
import { zoneField } from './zone-field.ts'

/** Makes a collection: the rest of its settings can be said later. */
export function newPage(scene: Scene, refusal?: Refusal): Markup {
  const { words } = scene
  const faults = faultsOf(refusal, 'name')
  const name = refusal?.form.get('name') ?? ''
  const zone = refusal?.form.get('timezone') ?? 'UTC'
  return html`${opening(scene, { title: words('chapter_new') })}<section class="card narrow"><h1>${words('chapter_new')}</h1>${faultAlert(scene, refusal)}<form method="post" action="/"><input type="hidden" name="do" value="create">
<div class="field"><label for="name">${words('siteName')}</label><p class="note" id="name-hint">${words('siteNameHint')}</p><input id="name" name="name" required maxlength="63" autofocus spellcheck="false" autocapitalize="off" autocomplete="off" value="${name}"${described('name', faults)}>${faultNote(scene, 'name', faults)}</div>
${zoneField(scene, zone, refusal, refusal === undefined)}<button class="main">${words('create')}</button></form></section>${closing(scene)}`
}
