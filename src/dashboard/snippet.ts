import { html } from 'hono/html'
import { type Snippet, trackerTag } from '../snippet.ts'
import type { Markup, Scene } from './scene.ts'

/** What to put on pages, and a line to try it with. `snippet`: undefined where there is no write key. */
export function snippetText({ words }: Scene, snippet: Snippet | undefined): Markup {
  if (!snippet) return html`<p>${words('snippetKey')}</p>`
  const { site, origin, key } = snippet
  const command = `curl -i '${origin}/${site}?key=${key}' -A 'Mozilla/5.0 Firefox/140.0' -d '{"page": "/hello"}'`
  return html`<pre tabindex="0"><code>${trackerTag(snippet)}</code></pre><p class="note">${words('snippetLocal')}</p><p>${words('emptyKey')}</p><pre tabindex="0"><code>${command}</code></pre>`
}
