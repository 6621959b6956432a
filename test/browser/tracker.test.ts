import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../contract/client.ts'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import type { SitePage } from '../support/browser/front.ts'
import { runtimes, type Stage, setStage } from '../support/browser/stage.ts'
import { startChromium } from '../support/chromium.ts'

let certificate: Certificate
let browser: Browser

beforeAll(async () => {
  certificate = await makeCertificate()
  browser = await startChromium()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await certificate?.remove()
})

/** What a page has beside the tracker itself. */
interface Parts {
  readonly attributes?: string
  readonly body?: string
}

describe.each(Object.entries(runtimes))(
  'the tracker, from a page of another site to %s',
  (_runtime, start) => {
    let stage: Stage
    beforeAll(async () => {
      stage = await setStage(start, certificate)
    }, 90_000)
    afterAll(() => stage?.stop(), 60_000)

    /** A page with the tracker. What Playwright drives is silent unless told otherwise. */
    function serve(
      path: string,
      { attributes = 'data-webdriver="count"', body = '', ...page }: Partial<SitePage> & Parts = {},
    ): void {
      const tag = stage.tag(attributes)
      stage.front.serve(path, { ...page, html: `<!doctype html><title>${path}</title>${body}${tag}` })
    }

    async function open(path: string): Promise<Page> {
      const page = await browser.newPage()
      await page.goto(stage.front.site + path)
      return page
    }

    const arrives = (wanted: Json): Promise<Json> =>
      stage.arrives((row) => Object.entries(wanted).every(([key, value]) => row[key] === value))

    const beacons = (path: string): readonly string[] =>
      stage.front.exchanges
        .filter(({ method, body }) => method !== 'GET' && body.includes(path))
        .map(({ method }) => method)

    test('a view is one simple request, and what follows at once travels with it', async () => {
      const early = `<script>(skerry = (name, props) => skerry.q.push({ name, props })).q = []; skerry('early', { plan: 'pro' })</script>`
      serve('/one', { body: early })
      const page = await open('/one?utm_source=letter')
      expect(await arrives({ name: 'pageview', page: '/one' })).toMatchObject({
        utm_source: 'letter',
        hostname: 'site.test',
      })
      expect(await arrives({ name: 'early' })).toMatchObject({ page: '/one', props: { plan: 'pro' } })
      expect(beacons('/one')).toEqual(['POST'])
      expect(stage.front.exchanges.some(({ method }) => method === 'OPTIONS')).toBe(false)
      await page.close()
    })

    test('a navigation inside the page is a view, with the page before as its referrer; engagement goes before it', async () => {
      serve('/app', { body: '<p style="height: 400vh">tall' })
      const page = await open('/app')
      await arrives({ name: 'pageview', page: '/app' })
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      await page.waitForTimeout(300)
      await page.evaluate(() => history.pushState(null, '', '/app/next#part'))
      await arrives({ name: 'pageview', page: '/app/next' })
      const told = await arrives({ name: 'engagement', page: '/app' })
      expect(told.depth).toBeGreaterThan(90)
      expect(told.ms).toBeGreaterThan(200)
      await page.evaluate(() => {
        location.hash = 'other'
      })
      await page.waitForTimeout(300)
      await page.close({ runBeforeUnload: true })
      await arrives({ name: 'engagement', page: '/app/next' })
      expect(
        (await stage.rows()).filter((row) => row.page === '/app/next' && row.name === 'pageview'),
      ).toHaveLength(1)
    })

    test('the example: links, downloads, elements, forms, errors, vitals and what the site tells are events', async () => {
      stage.front.serve('/example', { html: stage.example() })
      const page = await open('/example')
      await arrives({ name: 'shown', page: '/example' })
      await page.waitForTimeout(1_000)
      await page.click('b')
      await page.click('#named input')
      await page.click('#named button')
      await page.click('#nameless button')
      await page.click('#custom')
      await page.click('#broken')
      await page.click('#paper')
      await page.click('#out', { modifiers: ['Control'] })
      await page.click('#next')
      await page.waitForTimeout(500)
      await page.close({ runBeforeUnload: true })
      const once = { pageview: 1, shown: 1, 'plan chosen': 1, signup: 1, form: 1, purchase: 1 }
      const told = { 'js-error': 1, download: 1, outbound: 1, engagement: 1 }
      const { 'web-vital': vitals, ...counts } = await stage.tally('/example', { ...once, ...told })
      expect(counts).toEqual({ ...once, ...told })
      expect(vitals).toBeGreaterThanOrEqual(3)
      expect(await stage.tally('/part', { pageview: 1, engagement: 1 })).toEqual({
        pageview: 1,
        engagement: 1,
      })
      const { site, other } = stage.front
      const rows = await stage.rows()
      const propsOf = (name: string): unknown => rows.find((row) => row.name === name)?.props
      expect(propsOf('plan chosen')).toEqual({ plan: 'pro' })
      expect(propsOf('signup')).toEqual({ list: 'news' })
      expect(propsOf('form') ?? {}).toEqual({})
      expect(propsOf('download')).toEqual({ target: `${site}/paper.pdf` })
      expect(propsOf('outbound')).toEqual({ target: `${other}/elsewhere` })
      expect(propsOf('js-error')).toMatchObject({
        message: expect.stringContaining('https://example.com/x'),
        source: expect.stringMatching(/\/example$/),
      })
      const lcp = rows.find(({ props }) => (props as Json | undefined)?.lcp !== undefined)
      expect(lcp).toMatchObject({ page: '/example', interactive: false, props: { rating: 'good' } })
      expect(rows.find(({ name }) => name === 'purchase')?.revenue).toEqual({
        amount: '19.90',
        currency: 'EUR',
      })
      expect(JSON.stringify(rows)).not.toContain('private')
    })

    test('a flag on the device silences the tracker, as long as it is there', async () => {
      serve('/silent')
      const page = await open('/silent')
      await arrives({ name: 'pageview', page: '/silent' })
      await page.evaluate(() => localStorage.setItem('skerry', 'off'))
      await page.evaluate(() => window.history.pushState(null, '', '/silent/out'))
      await page.waitForTimeout(300)
      await page.evaluate(() => localStorage.clear())
      await page.evaluate(() => window.history.pushState(null, '', '/silent/in'))
      await arrives({ name: 'pageview', page: '/silent/in' })
      expect((await stage.rows()).some((row) => row.page === '/silent/out' && row.name === 'pageview')).toBe(
        false,
      )
      await page.close()
    })

    test('a box on a page of the site, or the page /optout through its host, silences the tracker there', async () => {
      const box = '<input type="checkbox" disabled data-skerry-optout>'
      serve('/privacy', { body: `${box}<script defer src="${stage.front.collect}/optout.js"></script>` })
      const page = await open('/privacy')
      await arrives({ name: 'pageview', page: '/privacy' })
      await page.uncheck('input')
      expect(await page.evaluate(() => localStorage.skerry)).toBe('off')
      await page.reload()
      expect(await page.isChecked('input')).toBe(false)
      await page.check('input')
      expect(await page.evaluate(() => localStorage.length)).toBe(0)
      const broken: string[] = []
      page.on('console', (message) => broken.push(message.text()))
      await page.goto(`${stage.front.collect}/optout`)
      expect(await page.textContent('[data-skerry-origin]')).toBe(stage.front.collect)
      await page.uncheck('input')
      expect(await page.evaluate(() => localStorage.skerry)).toBe('off')
      await page.evaluate(() => localStorage.clear())
      expect(broken.filter((text) => !text.includes('favicon'))).toEqual([])
      await page.close()
    })

    test('coming back by the back button is a view again', async () => {
      serve('/back')
      serve('/forth')
      const page = await open('/back')
      await arrives({ name: 'pageview', page: '/back' })
      await page.goto(`${stage.front.site}/forth`)
      await page.evaluate(() => history.back())
      await expect
        .poll(
          async () =>
            (await stage.rows()).filter((row) => row.page === '/back' && row.name === 'pageview').length,
          { timeout: 10_000 },
        )
        .toBe(2)
      await page.close()
    })

    test('what a policy of the page forbids to connect arrives as an image', async () => {
      serve('/policy', {
        headers: { 'Content-Security-Policy': "default-src * 'unsafe-inline'; connect-src 'none'" },
      })
      const page = await open('/policy')
      await arrives({ name: 'pageview', page: '/policy' })
      await page.close()
    })

    test('nothing is kept on the device', async () => {
      const page = await open('/one')
      expect(
        await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]),
      ).toEqual([0, 0, ''])
      await page.close()
    })

    test('an outbox keeps what could not be sent, and it counts once at the next visit', async () => {
      const outbox = (): string => `<script type="module" src="${stage.front.collect}/outbox.js"></script>`
      serve('/kept', { body: outbox() })
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      await page.goto(`${stage.front.site}/kept`)
      await arrives({ name: 'pageview', page: '/kept' })
      await page.waitForTimeout(500)
      await context.setOffline(true)
      await page.evaluate(() => window.history.pushState(null, '', '/kept/offline'))
      await expect.poll(() => page.evaluate(() => localStorage.length)).toBe(1)
      await context.setOffline(false)
      await page.goto(`${stage.front.site}/kept`)
      await arrives({ name: 'pageview', page: '/kept/offline' })
      await expect.poll(() => page.evaluate(() => localStorage.length)).toBe(0)
      expect(
        (await stage.rows()).filter((row) => row.page === '/kept/offline' && row.name === 'pageview'),
      ).toHaveLength(1)
      await context.close()
    })

    test('a page that is not there is a view and an event', async () => {
      serve('/gone', { status: 404 })
      const page = await open('/gone')
      await arrives({ name: 'pageview', page: '/gone' })
      await arrives({ name: '404', page: '/gone' })
      await page.close()
    })

    test('a browser that a program drives is silent, and so is one whose visitor asks for privacy', async () => {
      serve('/driven', { attributes: '' })
      serve('/asking')
      await (await open('/driven')).close({ runBeforeUnload: true })
      const page = await browser.newPage()
      await page.addInitScript(() =>
        Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }),
      )
      await page.goto(`${stage.front.site}/asking`)
      serve('/last')
      await open('/last')
      await arrives({ page: '/last' })
      expect([...beacons('/driven'), ...beacons('/asking')]).toEqual([])
      await page.close()
    })
  },
)
