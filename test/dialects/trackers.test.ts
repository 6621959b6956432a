import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { init as initCounterscale, trackPageview as trackByCounterscale } from '@counterscale/tracker/server'
import { Umami } from '@umami/node'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, type Json, type Site } from '../contract/client.ts'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import { type Exchange, type Front, startFront } from '../support/browser/front.ts'
import { runtimes } from '../support/browser/stage.ts'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { startChromium } from '../support/chromium.ts'
import { overHttp } from '../support/in-process.ts'
import type { Server } from '../support/server.ts'

const require = createRequire(import.meta.url)
const modules = new URL('../../node_modules/', import.meta.url)

interface Matomo {
  track(of: Json): void
  trackBulk(events: readonly Json[], callback: (answer: string) => void): void
  on(name: 'error', listener: (why: unknown) => void): void
}
const MatomoTracker = require('matomo-tracker') as new (site: string, url: string) => Matomo

/** The trackers' own files, as their packages have them, by the path where the site serves them. */
const scripts = {
  '/plausible.js': '@plausible-analytics/tracker/plausible.js',
  '/old/plausible.js': 'plausible-tracker/build/module/index.js',
  '/old/lib/tracker': 'plausible-tracker/build/module/lib/tracker.js',
  '/old/lib/request': 'plausible-tracker/build/module/lib/request.js',
  '/counterscale.js': '@counterscale/tracker/dist/module/index.js',
}
const ids = {
  plausible: 'shop.test',
  old: 'old.shop.test',
  counterscale: 'Shop of ours',
  umami: '0b5ca4cd-1b1e-4b0e-9d5c-5f6f7a9b0c1d',
  goatcounter: 'site.test',
  matomo: '7',
}

/** A page as the owner of a site writes it, with all trackers at once. */
function pageWith(collect: string): string {
  return `<!doctype html><title>An article</title>
    <a id="out" href="https://other.test/away" target="_blank">away</a>
    <script type="module">
      import { init, track } from '/plausible.js'
      import Plausible from '/old/plausible.js'
      import * as counterscale from '/counterscale.js'
      init({ domain: '${ids.plausible}', endpoint: '${collect}/api/event', outboundLinks: true })
      const old = Plausible({ domain: '${ids.old}', apiHost: '${collect}' })
      old.enableAutoPageviews()
      counterscale.init({ siteId: '${ids.counterscale}', reporterUrl: '${collect}/collect' })
      ${unpackaged(collect)}
      viewed()
      const push = history.pushState
      history.pushState = (...state) => {
        push.apply(history, state)
        viewed()
      }
      window.signUp = (revenue) => new Promise((callback) =>
        track('Signup', { props: { plan: 'pro' }, revenue, callback }))
      window.oldSignUp = () => new Promise((callback) =>
        old.trackEvent('Signup', { props: { plan: 'pro' }, callback }))
    </script>`
}

/** The scripts of Umami, GoatCounter and Matomo are in no package: this sends what they do, the way they do. */
function unpackaged(collect: string): string {
  return `let cache
      const { width, height } = screen
      async function viewed() {
        const { href, hostname, pathname, search } = location
        const payload = { website: '${ids.umami}', screen: width + 'x' + height, language: navigator.language,
          title: document.title, hostname, url: href, referrer: document.referrer }
        const goat = new URLSearchParams({ p: pathname + search, t: document.title, s: width, b: 0, rnd: 'x7' })
        if (search) goat.set('q', search)
        navigator.sendBeacon('${collect}/count?' + goat)
        const matomo = new URLSearchParams({ action_name: document.title, idsite: '${ids.matomo}', rec: 1,
          r: 373718, h: 2, m: 25, s: 15, url: href, _id: 'b329fb883be92ef2', _idn: 1, send_image: 0,
          pv_id: 'R3LkGL', pf_net: 39, res: width + 'x' + height, cookie: 1, uadata: '{"mobile":false}' })
        const type = 'application/x-www-form-urlencoded; charset=utf-8'
        navigator.sendBeacon('${collect}/matomo.php?' + matomo, new Blob([''], { type }))
        const response = await fetch('${collect}/api/send', { keepalive: true, method: 'POST', credentials: 'omit',
          body: JSON.stringify({ type: 'event', payload }),
          headers: { 'Content-Type': 'application/json', ...(cache && { 'x-umami-cache': cache }) } })
        cache = (await response.json()).cache
        window.umamiAnswers = (window.umamiAnswers ?? 0) + (cache ? 1 : 0)
      }`
}

let certificate: Certificate
let home: Folder
let browser: Browser
beforeAll(async () => {
  certificate = await makeCertificate()
  home = await temporaryFolder()
  // Nothing is kept in the cache of a browser that has to trust anybody.
  certificate.trustIn(join(home.path, '.pki/nssdb'))
  browser = await startChromium(home.path)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
  await certificate?.remove()
})

describe.each(Object.entries(runtimes))('unmodified trackers, to %s', (_runtime, start) => {
  let server: Server
  let front: Front
  const client = new Client(() => overHttp(server))
  const makeSite = (...aliases: readonly string[]): Promise<Site> => client.makeSite({ aliases })
  beforeAll(async () => {
    server = await start()
    front = await startFront(certificate, server.url, [])
  }, 90_000)
  afterAll(async () => {
    await front?.stop()
    await server?.stop()
  }, 60_000)

  /** The events of a site, once there are so many. */
  async function rowsOf(site: Site, count: number): Promise<readonly Json[]> {
    await expect.poll(async () => (await client.rows(site)).length, { timeout: 10_000 }).toBe(count)
    return client.rows(site)
  }

  describe('on one page of another site', () => {
    const sites = new Map<string, Site>()
    let context: BrowserContext
    let page: Page
    beforeAll(async () => {
      for (const [name, id] of Object.entries(ids)) sites.set(name, await makeSite(id))
      for (const [path, file] of Object.entries(scripts)) {
        const html = readFileSync(new URL(file, modules), 'utf8')
        front.serve(path, { html, headers: { 'Content-Type': 'text/javascript' } })
      }
      front.serve('/article', { html: pageWith(front.collect) })
      front.serve('/left', { html: '<!doctype html><title>left</title>' })
      context = await browser.newContext()
      // Trackers leave driven browsers out, and a person's is what is to be seen.
      await context.addInitScript(() => Object.defineProperty(navigator, 'webdriver', { get: () => false }))
      page = await context.newPage()
      await page.goto(`${front.site}/article?utm_source=letter&token=s3cret`)
      await page.waitForFunction(() => 'signUp' in window)
    }, 60_000)
    afterAll(() => context?.close())

    function answersTo(path: string): readonly Exchange[] {
      return front.exchanges.filter(({ url, method }) => url.split('?')[0] === path && method !== 'OPTIONS')
    }

    test('each tells the same: two page views of one visitor, on one visit', async () => {
      await expect.poll(() => answersTo('/collect').length, { timeout: 10_000 }).toBe(1)
      await page.evaluate(() => history.pushState({}, '', '/second'))
      await expect.poll(() => answersTo('/collect').length, { timeout: 10_000 }).toBe(2)
      const metrics = ['pageviews', 'visitors', 'visits']
      for (const [name, site] of sites) {
        await expect.poll(() => client.count(site), { timeout: 10_000 }).toBe(2)
        const pages = (await client.rows(site)).filter((row) => row.name === 'pageview')
        expect([name, pages]).toMatchObject([
          name,
          [
            { page: '/article', hostname: 'site.test', utm_source: 'letter', browser: 'Chrome' },
            { page: '/second', hostname: 'site.test' },
          ],
        ])
        expect([name, await client.table(site, { metrics, date_range: 'day' })]).toEqual([name, [[2, 1, 1]]])
      }
    })

    test('Plausible tells events, properties, revenue and engagement, and its callbacks are called', async () => {
      const { signUp, oldSignUp } = {
        signUp: (revenue: Json) =>
          page.evaluate((of) => (window as unknown as { signUp(of: unknown): unknown }).signUp(of), revenue),
        oldSignUp: () => page.evaluate(() => (window as unknown as { oldSignUp(): unknown }).oldSignUp()),
      }
      expect(await signUp({ amount: 9.9, currency: 'EUR' })).toEqual({ status: 202 })
      expect(await signUp({ amount: 'much', currency: 'EUR' })).toEqual({ status: 400 })
      await oldSignUp()
      await page.click('#out')
      await page.goto(`${front.site}/left`)
      const site = sites.get('plausible') as Site
      await expect
        .poll(async () => (await client.rows(site)).filter(({ name }) => name === 'engagement').length)
        .toBeGreaterThan(1)
      const rows = await client.rows(site)
      const named = (name: string): readonly Json[] => rows.filter((row) => row.name === name)
      expect(named('Signup')).toMatchObject([
        { page: '/second', props: { plan: 'pro' }, revenue: { amount: '9.9', currency: 'EUR' } },
      ])
      expect(named('Outbound Link: Click')).toMatchObject([{ props: { url: 'https://other.test/away' } }])
      expect(named('engagement').map((row) => [row.page, row.depth, typeof row.ms])).toEqual(
        expect.arrayContaining([['/second', 100, 'number']]),
      )
      const old = await rowsOf(sites.get('old') as Site, 3)
      expect(old.at(-1)).toMatchObject({ name: 'Signup', page: '/second', props: { plan: 'pro' } })
    })

    test("what the browser saw: no preflight but Umami's, and no error but the one that was due", () => {
      const seen = front.exchanges.map(
        ({ method, url, status }) => `${method} ${url.split('?')[0]} ${status}`,
      )
      expect([...new Set(seen)].sort()).toEqual([
        ...['GET /cache 200', 'GET /collect 200', 'OPTIONS /api/send 204', 'POST /api/event 202'],
        ...['POST /api/event 400', 'POST /api/send 200', 'POST /count 200', 'POST /matomo.php 204'],
      ])
      expect(seen.filter((one) => one === 'POST /api/event 400')).toHaveLength(1)
      const hits = front.exchanges.filter(({ url }) => url.startsWith('/collect')).map(({ url }) => url)
      expect(hits.map((url) => new URL(url, front.collect).searchParams.get('ht'))).toEqual(['1', '2'])
    })

    test('nothing private is kept, and no cookie', async () => {
      for (const site of sites.values())
        expect(JSON.stringify(await client.rows(site))).not.toMatch(/s3cret|token|Mozilla/)
      expect(front.exchanges.some(({ headers }) => headers.cookie !== undefined)).toBe(false)
      expect(front.exchanges.some(({ answer }) => answer['set-cookie'] !== undefined)).toBe(false)
    })
  })

  test('@umami/node: events with and without a page, and identify', async () => {
    const website = crypto.randomUUID()
    const site = await makeSite(website)
    const umami = new Umami({ hostUrl: server.url, websiteId: website })
    const answers = [
      await umami.track({ url: '/a', hostname: 'shop.test', title: 'A', language: 'de', website }),
      await umami.track('buy', { plan: 'pro', revenue: 5, currency: 'EUR' }),
      await umami.identify({ plan: 'pro' }),
    ]
    for (const answer of answers)
      expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ cache: 'none' })])
    const rows = await rowsOf(site, 3)
    expect([...rows].sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1))).toMatchObject([
      { name: 'buy', props: { plan: 'pro' }, revenue: { amount: '5', currency: 'EUR' } },
      { name: 'identify', props: { plan: 'pro' }, interactive: false },
      { name: 'pageview', page: '/a', hostname: 'shop.test', title: 'A', language: 'de' },
    ])
    const lost = await new Umami({ hostUrl: server.url, websiteId: 'none' }).track('x')
    expect([lost.status, await lost.json()]).toMatchObject([
      400,
      { error: { message: 'Website not found.' } },
    ])
  })

  test('matomo-tracker: one by one and many at once', async () => {
    const site = await makeSite()
    const tracker = new MatomoTracker(site.name, `${server.url}/matomo.php`)
    const errors: unknown[] = []
    tracker.on('error', (why) => errors.push(why))
    tracker.track({
      url: 'https://shop.test/a?token=s3cret',
      action_name: 'A',
      urlref: 'https://other.test/x',
    })
    await rowsOf(site, 1)
    const bulk = (events: readonly Json[]): Promise<unknown> =>
      new Promise((resolve) => tracker.trackBulk(events, (answer) => resolve(JSON.parse(answer))))
    const events = [{ url: 'https://shop.test/b', ua: 'Googlebot/2.1' }, { e_c: 'video', e_a: 'play' }, {}]
    expect(await bulk(events)).toEqual({ status: 'success', tracked: 1, invalid: 1 })
    expect(await rowsOf(site, 2)).toMatchObject([
      { page: '/a', hostname: 'shop.test', title: 'A', referrer: 'https://other.test/x' },
      { name: 'play', props: { category: 'video' } },
    ])
    expect(errors).toEqual([])
    const lost = new MatomoTracker('none', `${server.url}/matomo.php`)
    const why = new Promise((resolve) => lost.on('error', resolve))
    lost.track({ url: 'https://shop.test/' })
    expect(await why).toBe(400)
  })

  test('@counterscale/tracker/server', async () => {
    const site = await makeSite(`Servers ${crypto.randomUUID()}`)
    initCounterscale({ siteId: site.name, reporterUrl: `${server.url}/collect` })
    await trackByCounterscale({
      url: 'https://shop.test/a?utm_source=letter',
      referrer: 'https://other.test/x',
    })
    const { cleanup } = await import('@counterscale/tracker/server')
    cleanup()
    expect(await rowsOf(site, 1)).toMatchObject([
      { page: '/a', hostname: 'shop.test', utm_source: 'letter', referrer: 'https://other.test/x' },
    ])
  })
})
