import { html } from 'hono/html'
import type { Markup, Scene } from '../scene.ts'
import { described, faultNote, faultsOf, type Refusal } from './manage-page.ts'

/** A time zone, of those that the runtime knows. `isNew`: scripts put the browser's own in. */
export function zoneField(
  scene: Scene,
  zone: string,
  refusal: Refusal | undefined,
  isNew: boolean = false,
): Markup {
  const { words } = scene
  const faults = faultsOf(refusal, 'timezone')
  return html`<div class="field"><label for="timezone">${words('timezone')}</label><p class="note" id="timezone-hint">${words('timezoneHint')}</p><input id="timezone" name="timezone" list="zones" required maxlength="100" spellcheck="false" autocomplete="off" value="${zone}"${isNew && html` data-zone`}${described('timezone', faults)}>${faultNote(scene, 'timezone', faults)}<datalist id="zones">${Intl.supportedValuesOf('timeZone').map((one) => html`<option value="${one}"></option>`)}</datalist></div>`
}
