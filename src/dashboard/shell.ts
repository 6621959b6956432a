import { html } from 'hono/html'
import { deed, optionsOf } from './forms.ts'
import { type Markup, type Scene, themes } from './scene.ts'
import { hrefOf, viewOf } from './view.ts'
import { languageNames } from './words.ts'

/** What stands around a page. */
export interface Frame {
  readonly title: string
  /** Beside the name, as a choice of collections. */
  readonly bar?: Markup | undefined
  /** Looks again by itself, also without scripts, whose part it is where there are any. */
  readonly isWaiting?: boolean
}

/** A page from its beginning up to what it is about. */
export function opening(scene: Scene, { title, bar, isWaiting = false }: Frame): Markup {
  const { look, words, files, guest } = scene
  return html`<!doctype html>
<html lang="${look.language}" data-theme="${look.theme}"${!look.hasKeys && html` data-keys="off"`}><head><meta charset="utf-8"><title>${title} · Skerry</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex,nofollow">
<link rel="stylesheet" href="${files.style}"><link rel="icon" href="${files.icon}" type="image/svg+xml"><script type="module" src="${files.script}"></script>${
    isWaiting && html`<noscript><meta http-equiv="refresh" content="10"></noscript>`
  }</head>
<body><a class="skip" href="#main">${words('skip')}</a>
<header class="top"><a class="brand" href="${guest ? hrefOf({ ...viewOf(undefined), link: guest.link }) : '/'}"><svg aria-hidden="true" width="22" height="22" viewBox="0 0 22 22"><path d="M2 15 8 6l4 5 2.5-3L20 15Z"/><path class="sea" d="M1 18.5q2.5-1.8 5 0t5 0 5 0 5 0"/></svg>Skerry</a>${bar}${menu(scene)}</header>
<main id="main" tabindex="-1">`
}

/** The end of every page. */
export function closing({ words }: Scene, note?: Markup): Markup {
  return html`</main><footer class="end">${note}<p class="keys">${words('keys')}</p></footer></body></html>`
}

function menu(scene: Scene): Markup {
  const { look, words, isSignedIn } = scene
  return html`<details class="menu looks"><summary><span class="word">${words('looks')}</span></summary><div class="sheet">
<form method="post" action="/">${deed('look', scene)}<label>${words('theme')} <select name="theme">${optionsOf(themes, look.theme, (theme) => words(`theme_${theme}`))}</select></label><label>${words('languageOf')} <select name="language">${[
    ...languageNames,
  ].map(
    ([code, name]) =>
      html`<option value="${code}" lang="${code}"${code === look.language && html` selected`}>${name}</option>`,
  )}</select></label><label class="check"><input type="checkbox" name="keys"${look.hasKeys && html` checked`}> ${words('singleKeys')}</label><button>${words('apply')}</button></form>${
    isSignedIn &&
    html`<form method="post" action="/">${deed('sign-out', scene)}<button>${words('signOut')}</button></form>`
  }</div></details>`
}
