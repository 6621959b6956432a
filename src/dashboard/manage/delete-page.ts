import { html } from 'hono/html'
import type { Markup } from '../scene.ts'
import { described, faultNote, type ManageScene, manageDeed, managePage } from './manage-page.ts'

/** Deletes the collection once its name was typed. `typed`: what was typed instead. */
export function deletePage(scene: ManageScene, typed?: string): Markup {
  const { words, view } = scene
  const faults = typed === undefined ? [] : [{ pointer: '/typed', detail: words('deleteWrong') }]
  return managePage(
    scene,
    html`<section class="card danger-zone"><p>${words('deleteNote')}</p><form class="fields" method="post" action="/">${manageDeed('delete', scene)}<label for="typed">${words('deleteType', { name: view.site })}</label><input id="typed" name="typed" required autocomplete="off" spellcheck="false" autocapitalize="off" maxlength="100" value="${typed ?? ''}"${described('typed', faults, false)}>${faultNote(scene, 'typed', faults)}<button class="danger">${words('deleteYes')}</button></form></section>`,
  )
}
