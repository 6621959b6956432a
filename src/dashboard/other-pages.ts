import { html } from 'hono/html'
import type { Collection } from '../collection.ts'
import type { Snippet } from '../snippet.ts'
import { siteChoice } from './bar.ts'
import { sparkline } from './chart.ts'
import { deed } from './forms.ts'
import { news } from './news.ts'
import { ask } from './question.ts'
import type { Markup, Scene } from './scene.ts'
import { closing, opening } from './shell.ts'
import { siteNav } from './site-nav.ts'
import { snippetText } from './snippet.ts'
import type { Texts } from './texts.ts'
import { hrefOf, type View, viewOf } from './view.ts'

/** Asks for a key. `fault`: why the last one did not do. */
export function signInPage(scene: Scene, fault?: 'wrongKey' | 'keyOfOtherKind'): Markup {
  const { words } = scene
  return html`${opening(scene, { title: words('signIn') })}<section class="card narrow"><h1>${words('signIn')}</h1><p class="note" id="key-note">${words('signInNote')}</p>
<form method="post" action="/">${deed('sign-in', scene)}<label for="key">${words('key')}</label><input id="key" name="key" type="password" required autofocus autocomplete="current-password" spellcheck="false" maxlength="500" aria-describedby="key-note${fault && html` key-fault`}"${fault && html` aria-invalid="true"`}>${
    fault && html`<p class="fault" id="key-fault" role="alert">${words(fault as keyof Texts)}</p>`
  }<button class="main">${words('signIn')}</button></form></section>${closing(scene)}`
}

/** Something went wrong: what, and the way back. */
export function faultPage(scene: Scene, title: string, detail: string): Markup {
  return html`${opening(scene, { title })}<section class="card narrow"><h1>${title}</h1>${detail !== title && html`<p>${detail}</p>`}<p><a href="/">${scene.words('goOn')}</a></p></section>${closing(scene)}`
}

/** All collections that may be looked at, each with its last 30 days. */
export async function* overviewPage(
  scene: Scene,
  collections: readonly Collection[],
): AsyncGenerator<Markup> {
  const { words } = scene
  const asked = collections.slice(0, OVERVIEW_LIMIT).map((collection) => card(scene, collection))
  for (const one of asked) one.catch(() => {})
  yield html`${opening(scene, { title: words('collections') })}<div class="heading"><h1>${words('collections')}</h1>${
    scene.isAdmin &&
    html`<a class="button" href="${hrefOf({ ...viewOf(undefined), chapter: 'new' })}">${words('chapter_new')}</a>`
  }</div>${news(scene)}<p class="note">${words('last30')}</p>`
  if (asked.length === 0) yield html`<p class="nothing">${words('noCollections')}</p>`
  yield html`<ul class="overview">`
  for (const one of asked)
    yield await one.catch(() => html`<li class="card nothing">${words('notRead')}</li>`)
  yield html`</ul>${closing(scene)}`
}

/** More collections are found by their names in the bar of any. */
const OVERVIEW_LIMIT = 100

async function card({ figures, words }: Scene, collection: Collection): Promise<Markup> {
  const { name } = collection.definition
  const question = { metrics: ['visitors'] as const, date_range: '30d' }
  const [days, total] = await Promise.all([
    ask(collection, { ...question, dimensions: ['time:day'], include: { time_labels: true } }),
    ask(collection, { ...question, include: { comparison: 'previous_period' } }),
  ])
  const found = new Map(days.results.map(({ dimensions, metrics }) => [dimensions[0], metrics[0]]))
  const line = (days.meta.time_labels ?? []).map((label) => Number(found.get(label) ?? 0))
  const change = total.results[0]?.comparison?.change[0]
  return html`<li class="card"><a href="${hrefOf(viewOf(name))}"><h2>${name}</h2>${sparkline(line)}<p><span class="value">${figures.metric('visitors', total.results[0]?.metrics[0], true)}</span> <span class="unseen">${words('visitors')}</span>${
    typeof change === 'number' &&
    change !== 0 &&
    html`<span class="change">${figures.change('visitors', change)}</span>`
  }</p></a></li>`
}

/** What to put on pages, while nothing has come. */
export function emptyPage(scene: Scene & { readonly view: View }, snippet: Snippet | undefined): Markup {
  const { words, view } = scene
  return html`${opening(scene, { title: view.site ?? '', bar: siteChoice(scene), isWaiting: true })}<div class="controls">${siteNav(scene)}</div><section class="card narrow wide" data-waiting><h2>${words('emptyTitle')}</h2><p>${words('emptyNote')}</p>${snippetText(scene, snippet)}<p><a href="${scene.here}">${words('lookAgain')}</a></p></section>${closing(scene)}`
}
