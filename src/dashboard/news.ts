import { html } from 'hono/html'
import type { Markup, Scene } from './scene.ts'
import type { Texts } from './texts.ts'

/** What has just been done. */
export function news({ news, words }: Scene): Markup | false {
  if (!news) return false
  const isKey = news.done === 'key'
  return html`<div class="card news" role="status"><p>${words(`done_${news.done}` as keyof Texts, { n: news.what })}</p>${
    isKey && html`<pre tabindex="0"><code>${news.what}</code></pre>`
  }</div>`
}
