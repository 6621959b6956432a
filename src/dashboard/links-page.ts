import { html } from 'hono/html'
import type { StoredKey } from '../key.ts'
import { sharedLinkLimits as limits } from '../shared-link.ts'
import { siteChoice } from './bar.ts'
import { deed } from './forms.ts'
import { filterText, type RowFilter, readRowFilter, writeRowFilter } from './row-filter.ts'
import type { Markup, Scene } from './scene.ts'
import { closing, opening } from './shell.ts'
import { siteNav } from './site-nav.ts'
import type { View } from './view.ts'

/** What came of a form. */
export interface LinkOutcome {
  readonly fault?: 'passwordLength' | 'goalFilter'
  /** The link that was made. */
  readonly link?: string
  readonly isEmbeddable?: boolean
}

type LinksScene = Scene & { readonly view: View }

/** The links to a collection's dashboard, to make and to remove. */
export function linksPage(scene: LinksScene, keys: readonly StoredKey[], outcome: LinkOutcome = {}): Markup {
  const { words, view } = scene
  return html`${opening(scene, { title: `${words('links')} · ${view.site}`, bar: siteChoice(scene) })}<div class="controls">${siteNav(scene)}</div>
<div class="two"><section class="card" aria-labelledby="new-title"><h2 id="new-title">${words('newLink')}</h2><p class="note">${words('linksNote')}</p>${outcome.link !== undefined && made(scene, outcome.link, outcome.isEmbeddable)}${form(scene, outcome.fault)}</section>
<section class="card" aria-labelledby="links-title"><h2 id="links-title">${words('links')}</h2>${list(scene, keys)}</section></div>${closing(scene)}`
}

function made({ words }: Scene, link: string, isEmbeddable = false): Markup {
  const frame = `<iframe src="${link}" width="100%" height="1600" loading="lazy"></iframe>`
  return html`<div class="made" role="status"><p>${words('linkMade')}</p><pre tabindex="0"><code>${link}</code></pre>${
    isEmbeddable && html`<p>${words('linkFrame')}</p><pre tabindex="0"><code>${frame}</code></pre>`
  }</div>`
}

function form(scene: LinksScene, fault: LinkOutcome['fault']): Markup {
  const { words, view } = scene
  const { filters } = view
  return html`<form class="stack" method="post" action="/">${deed('add-link', scene)}<input type="hidden" name="site" value="${view.site}">
<label>${words('label')} <input name="label" maxlength="${limits.label}"></label>
<label>${words('passwordWish')} <input name="password" type="password" autocomplete="new-password" minlength="${limits.leastPassword}" maxlength="${limits.mostPassword}"></label>
${
  filters.length === 0
    ? html`<p class="note">${words('linkFilterHint')}</p>`
    : html`<fieldset><legend>${words('linkLimited')}</legend>${filters.map(
        (filter) =>
          html`<label class="check"><input type="checkbox" name="f" value="${writeRowFilter(filter)}" checked> ${filterText(scene, filter)}</label>`,
      )}</fieldset>`
}${fault && html`<p class="fault" role="alert">${words(fault, { least: String(limits.leastPassword) })}</p>`}<button class="main">${words('newLink')}</button></form>`
}

function list(scene: LinksScene, keys: readonly StoredKey[]): Markup {
  const { words, figures, view } = scene
  const rows = keys.flatMap(({ id, created, link }) => {
    if (!link) return []
    const filters = link.filters.flatMap((text): RowFilter[] => {
      const filter = readRowFilter(text)
      return filter ? [filter] : []
    })
    const name = link.label || id
    return [
      html`<tr><th scope="row">${name}</th><td>${figures.moment(created.slice(0, 10), 'axis', 'day')}</td><td>${words(link.password ? 'yes' : 'no')}</td><td>${filters.map((filter) => filterText(scene, filter)).join(', ') || words('everything')}</td><td><form method="post" action="/">${deed('remove-link', scene)}<input type="hidden" name="site" value="${view.site}"><input type="hidden" name="id" value="${id}"><button aria-label="${words('removeLink')}: ${name}">${words('removeLink')}</button></form></td></tr>`,
    ]
  })
  if (rows.length === 0) return html`<p class="nothing">${words('noLinks')}</p>`
  return html`<div class="scroll"><table class="plain links"><thead><tr><th scope="col">${words('label')}</th><th scope="col">${words('made')}</th><th scope="col">${words('password')}</th><th scope="col">${words('linkShows')}</th><th scope="col"><span class="unseen">${words('removeLink')}</span></th></tr></thead><tbody>${rows}</tbody></table></div>`
}

/** Asks for the password of a link. */
export function openLinkPage(scene: Scene, ref: string, fault?: 'wrongPassword'): Markup {
  const { words } = scene
  return html`${opening(scene, { title: words('openLink') })}<section class="card narrow"><h1>${words('openLink')}</h1><p class="note">${words('openLinkNote')}</p><form method="post" action="/">${deed('open-link', scene)}<input type="hidden" name="view" value="${ref}"><label for="password">${words('password')}</label><input id="password" name="password" type="password" required autofocus autocomplete="current-password" maxlength="${limits.mostPassword}"${fault && html` aria-invalid="true" aria-describedby="password-fault"`}>${
    fault && html`<p class="fault" id="password-fault" role="alert">${words(fault)}</p>`
  }<button class="main">${words('show')}</button></form></section>${closing(scene)}`
}
