import { html } from 'hono/html'
import type { Markup, Scene } from '../scene.ts'

/** Where beacons of a collection are sent to, and with which key. */
export interface Snippet {
  readonly site: string
  /** Under which browsers know us. */
  readonly origin: string
  readonly key: string | undefined
}

/** What to put on pages, and a line to try it with. */
export function snippetText({ words }: Scene, { site, origin, key }: Snippet): Markup {
  if (key === undefined) return html`<p>${words('snippetKey')}</p>`
  const tag = `<script defer src="${origin}/s.js" data-collection="${site}" data-key="${key}"></script>`
  const command = `curl -i '${origin}/${site}?key=${key}' -A 'Mozilla/5.0 Firefox/140.0' -d '{"page": "/hello"}'`
  return html`<pre tabindex="0"><code>${tag}</code></pre><p class="note">${words('snippetLocal')}</p><p>${words('emptyKey')}</p><pre tabindex="0"><code>${command}</code></pre>`
}
