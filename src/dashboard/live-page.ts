import { html } from 'hono/html'
import { filterBar, siteChoice } from './bar.ts'
import { panel } from './panel.ts'
import type { Panel, Tab } from './panel-list.ts'
import { currentText } from './report-page.ts'
import type { Markup, ReportScene } from './scene.ts'
import { closing, opening } from './shell.ts'
import { siteNav } from './site-nav.ts'
import { hrefOf } from './view.ts'

const tab = (dimension: string): Tab => ({
  key: dimension,
  dimension,
  metrics: ['visitors'],
  moreMetrics: ['visitors'],
})

const panels: readonly Panel[] = [
  { key: 'pages', tabs: [tab('page')] },
  { key: 'sources', tabs: [tab('source')] },
  { key: 'places', tabs: [tab('country')] },
]

/** Who is here now. Lists are asked for, and asked for again; events are told by the server as they come. */
export async function* livePage(scene: ReportScene): AsyncGenerator<Markup> {
  const { view, words, period } = scene
  const now: ReportScene = { ...scene, period: { ...period, range: 'realtime' } }
  const [current, ...lists] = [currentText(now), ...panels.map((one) => panel(now, one))] as const
  for (const list of lists) list.catch(() => {})
  const text = await current
  yield opening(scene, { title: `${words('live')} · ${view.site}`, bar: siteChoice(scene), isWaiting: true })
  yield html`<div class="controls">${siteNav(scene)}${filterBar(scene)}</div><p class="current big"><span class="pulse" aria-hidden="true"></span><span data-current>${text}</span></p><p class="note">${words('liveNote')}</p>
${feed(scene)}<div class="panels" data-fresh>`
  for (const list of lists) yield await list
  yield html`</div>${closing(scene)}`
}

function feed({ view, words }: ReportScene): Markup {
  return html`<section class="card feed" aria-labelledby="feed-title" data-live="${hrefOf({ ...view, filters: [] })}&amp;part=live" data-on="${words('liveOn')}" data-lost="${words('liveLost')}" data-paused="${words('livePaused')}" data-gap="${words('liveGap')}" data-pause="${words('pause')}" data-resume="${words('resume')}"><header><h2 id="feed-title">${words('liveTitle')}</h2><p class="state"><span role="status"></span><button type="button" hidden>${words('pause')}</button></p></header>${
    view.filters.length > 0 && html`<p class="note">${words('liveAll')}</p>`
  }<noscript><p class="note">${words('liveScript')}</p></noscript><div class="log" role="log" tabindex="0" aria-labelledby="feed-title"><ol></ol></div><p class="nothing">${words('liveNone')}</p></section>`
}
