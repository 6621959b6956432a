import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../contract/client.ts'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import { type Desk, startDesk } from '../support/browser/desk.ts'
import { type Stage, setStage } from '../support/browser/stage.ts'
import { startNode } from '../support/server.ts'

/** What happens to a page, and exactly how many events of it arrive: nothing is attached to the pages. */

/** What is shorter nobody reads; and what is longer for sure, ms. */
const GLANCE_MS = 100
const READING_MS = 500

/** Within which a browser has made a page ready in advance, ms. */
const READY_MS = 2_000

const PATIENCE = { timeout: 10_000 }

let certificate: Certificate
beforeAll(async () => {
  certificate = await makeCertificate()
})
afterAll(() => certificate?.remove())

// Which runtime takes the beacons makes no difference here; tracker.test.ts goes to both.
describe('in Chromium, a page that is', () => {
  let stage: Stage
  let desk: Desk
  beforeAll(async () => {
    stage = await setStage(() => startNode(), certificate)
  }, 90_000)
  afterAll(() => stage?.stop(), 30_000)
  beforeEach(async () => {
    desk = await startDesk()
  })
  afterEach(() => desk?.stop())

  /** A page with the tracker, and what it does by itself. */
  function serve(path: string, body = '', attributes = 'data-webdriver="count"'): string {
    const html = `<!doctype html><title>${path}</title>${body}${stage.tag(attributes)}`
    // What may not be stored is not kept for the way back either.
    stage.front.serve(path, { html, headers: { 'Cache-Control': 'max-age=0' } })
    return stage.front.site + path
  }

  async function expectOf(page: string, wanted: Readonly<Record<string, number>>): Promise<void> {
    expect(await stage.tally(page, wanted), page).toEqual(wanted)
  }

  test('hidden and shown twice: one view, read thrice', async () => {
    const tab = await desk.open(serve('/hidden'))
    await expectOf('/hidden', { pageview: 1 })
    for (const engagement of [1, 2]) {
      const other = await desk.open('about:blank')
      await expectOf('/hidden', { pageview: 1, engagement })
      await other.close()
      await tab.toFront()
      await wait(READING_MS)
    }
    await tab.close()
    await expectOf('/hidden', { pageview: 1, engagement: 3 })
  })

  test('opened behind another tab: nothing, until it is seen; then one view, and what waited', async () => {
    await desk.open('about:blank')
    const tab = await desk.open(serve('/behind', waiting), { behind: true })
    await expect.poll(() => stage.front.visits('/behind'), PATIENCE).toHaveLength(1)
    await wait(READING_MS)
    await expectOf('/behind', {})
    await tab.toFront()
    await expectOf('/behind', { pageview: 1, waited: 1 })
  })

  test('made ready in advance and then opened: one view, and what waited', async () => {
    serve('/ready', waiting)
    await desk.open(serve('/start', rules('/ready') + goOn("document.querySelector('a').click()", READY_MS)))
    await expectOf('/ready', { pageview: 1, waited: 1 })
    await expectOf('/start', { pageview: 1, engagement: 1 })
    const waited = (await stage.rows()).find(({ name, page }) => name === 'waited' && page === '/ready')
    expect(waited?.props).toEqual({ prerendering: true })
  })

  test('made ready in advance and never opened: nothing', async () => {
    serve('/unopened', `${waiting}<img src="/ran">`)
    const tab = await desk.open(serve('/stay', rules('/unopened')))
    await expect.poll(() => stage.front.visits('/ran'), PATIENCE).toEqual(['prefetch;prerender'])
    await expectOf('/stay', { pageview: 1 })
    await tab.close()
    await expectOf('/stay', { pageview: 1, engagement: 1 })
    await expectOf('/unopened', {})
  })

  test('left, and come back to as it was: two views, read twice', async () => {
    serve('/on', goOn('history.back()'))
    const tab = await desk.open(serve('/back', goOn("location = '/on'")))
    await expectOf('/on', { pageview: 1, engagement: 1 })
    await expectOf('/back', { pageview: 2, engagement: 1 })
    await tab.close()
    await expectOf('/back', { pageview: 2, engagement: 2 })
    const read = (await stage.rows()).filter(({ page, name }) => page === '/back' && name === 'engagement')
    // The time that it was away is nobody's.
    expect(Number(read[0]?.ms)).toBeLessThan(2 * READING_MS)
  })

  test('reloaded: two views, read twice', async () => {
    const once = "if (performance.getEntriesByType('navigation')[0].type !== 'reload') location.reload()"
    const tab = await desk.open(serve('/again', goOn(once)))
    await expectOf('/again', { pageview: 2, engagement: 1 })
    await tab.close()
    await expectOf('/again', { pageview: 2, engagement: 2 })
  })

  test('closed: one view, read once', async () => {
    const tab = await desk.open(serve('/closed'))
    await expectOf('/closed', { pageview: 1 })
    await tab.close()
    await expectOf('/closed', { pageview: 1, engagement: 1 })
  })

  test('closed at once: one view that nobody read', async () => {
    // A machine may take its time to close a page, which is read then.
    let read: readonly Json[] = []
    for (const page of ['/glance', '/glance-again', '/glance-thrice']) {
      await desk.open(serve(page, '<script>onload = () => setTimeout(close, 1)</script>'))
      expect(await stage.tally(page, { pageview: 1 }), page).toMatchObject({ pageview: 1 })
      read = (await stage.rows()).filter((row) => row.page === page && row.name === 'engagement')
      for (const { ms } of read) expect(Number(ms)).toBeGreaterThanOrEqual(GLANCE_MS)
      if (read.length === 0) break
    }
    expect(read).toEqual([])
  })

  test('the browser is killed: what it had told, once', async () => {
    await desk.open(serve('/killed', goOn("skerry('told')")))
    await expectOf('/killed', { pageview: 1, told: 1 })
    await desk.kill()
    await expectOf('/killed', { pageview: 1, told: 1 })
  })

  test('in two tabs: two views, each read once', async () => {
    const url = serve('/tabs')
    const tabs = [await desk.open(url)]
    await expectOf('/tabs', { pageview: 1 })
    tabs.push(await desk.open(url))
    await expectOf('/tabs', { pageview: 2, engagement: 1 })
    for (const tab of tabs.reverse()) await tab.close()
    await expectOf('/tabs', { pageview: 2, engagement: 2 })
  })
})

/** A page that does something by itself after it was read. */
function goOn(what: string, ms = READING_MS): string {
  return `<script>setTimeout(() => { ${what} }, ${ms})</script>`
}

/** A page that has something to tell before anybody has seen it. */
const waiting = `<script>
  window.skerry = (name, props) => skerry.q.push({ name, props })
  skerry.q = []
  skerry('waited', { prerendering: document.prerendering })
</script>`

/** A link to a page that the browser makes ready in advance. */
function rules(path: string): string {
  const list = JSON.stringify({ prerender: [{ urls: [path], eagerness: 'immediate' }] })
  return `<script type="speculationrules">${list}</script><a href="${path}">on</a>`
}
