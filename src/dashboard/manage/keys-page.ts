import { html } from 'hono/html'
import { madeKinds, type StoredKey } from '../../key.ts'
import type { Markup } from '../scene.ts'
import type { Texts } from '../texts.ts'
import { hrefOf, viewOf } from '../view.ts'
import { confirmation, type ManageScene, manageDeed, managePage } from './manage-page.ts'

/** The keys of a collection, but for those of links. `revoking`: the one that is asked about. */
export function keysPage(scene: ManageScene, all: readonly StoredKey[], revoking: string | null): Markup {
  const { words } = scene
  const keys = all.filter(({ link }) => link === undefined)
  const asked = keys.find(({ id }) => id === revoking)
  const shown = keys.toSorted((a, b) => (a.created < b.created ? 1 : -1))
  return managePage(
    scene,
    html`${asked && confirmation(scene, words('revokeAsk', { n: `${words(`kind_${asked.kind}` as keyof Texts)} · ${asked.key ?? asked.id}` }), words('revoke'), html`${manageDeed('revoke-key', scene)}<input type="hidden" name="id" value="${asked.id}">`)}<section class="card"><div class="scroll">${
      keys.length === 0
        ? html`<p class="nothing">${words('noKeys')}</p>`
        : html`<table class="plain texts"><thead><tr><th scope="col">${words('keyKind')}</th><th scope="col">${words('key')}</th><th scope="col">${words('made')}</th><td></td></tr></thead><tbody>${shown.map((key) => keyRow(scene, key))}</tbody></table>`
    }</div></section>
<section class="card" aria-labelledby="add-key"><h3 id="add-key">${words('addKey')}</h3><form class="fields" method="post" action="/">${manageDeed('add-key', scene)}<div class="choice-list">${madeKinds.map(
      (kind) =>
        html`<label class="check"><input type="radio" name="kind" value="${kind}" required> <span><strong>${words(`kind_${kind}`)}</strong>: ${words(`kindHint_${kind}`)}</span></label>`,
    )}</div><button>${words('addKey')}</button></form></section>`,
  )
}

function keyRow({ words, figures, view }: ManageScene, { id, kind, created, key }: StoredKey): Markup {
  const href = hrefOf({ ...viewOf(view.site), chapter: 'keys' })
  return html`<tr><th scope="row">${words(`kind_${kind}` as keyof Texts)}</th><td><code>${key ?? `${id} …`}</code></td><td>${figures.moment(created.slice(0, 10), 'full', 'day')}</td><td><a href="${href}&amp;id=${encodeURIComponent(id)}" aria-label="${words('revoke')}: ${id}">${words('revoke')}</a></td></tr>`
}
