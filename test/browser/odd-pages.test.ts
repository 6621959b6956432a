import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import { type Stage, setStage } from '../support/browser/stage.ts'
import { startChromium } from '../support/chromium.ts'
import { startNode } from '../support/server.ts'

/** Pages and browsers that are not as one would think, and exactly how many events arrive. */

const COUNTED = 'data-webdriver="count"'
const PRIVATE = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"

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

// Which runtime takes the beacons makes no difference here; tracker.test.ts goes to both.
describe('the tracker', () => {
  let stage: Stage
  beforeAll(async () => {
    // What is in a sandbox has no origin.
    stage = await setStage(() => startNode(), certificate, ['null'])
  }, 90_000)
  afterAll(() => stage?.stop(), 30_000)

  interface Odd {
    readonly attributes?: string
    readonly before?: string
    readonly after?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly site?: string
  }

  async function open(path: string, odd: Odd = {}): Promise<Page> {
    const { attributes = COUNTED, before = '', after = '', headers = {}, site = stage.front.site } = odd
    const { pathname } = new URL(path, site)
    const html = `<!doctype html><title>${pathname}</title>${before}${stage.tag(attributes)}${after}`
    stage.front.serve(pathname, { html, headers })
    const page = await browser.newPage()
    await page.goto(site + path)
    return page
  }

  async function expectOf(page: string, wanted: Readonly<Record<string, number>>): Promise<void> {
    expect(await stage.tally(page, wanted), page).toEqual(wanted)
  }

  const sent = (text: string): number =>
    stage.front.exchanges.filter(({ method, body }) => method === 'POST' && body.includes(text)).length

  test('is there twice and counts once', async () => {
    const page = await open('/twice', { before: stage.tag(COUNTED), after: stage.tag(COUNTED) })
    await page.evaluate(() => window.skerry?.('told'))
    await expectOf('/twice', { pageview: 1, told: 1 })
    await page.close({ runBeforeUnload: true })
    await expectOf('/twice', { pageview: 1, told: 1, engagement: 1 })
  })

  test('stands inline as well', async () => {
    const script = readFileSync(new URL('../../assets/s.js', import.meta.url), 'utf8')
    const inline = stage.tag(COUNTED).replace('defer src', 'data-url').replace('/s.js"', '/"')
    const html = `<!doctype html><title>inline</title>${inline.replace('></', () => `>${script}</`)}`
    stage.front.serve('/inline', { html })
    const page = await browser.newPage()
    await page.goto(`${stage.front.site}/inline`)
    await expectOf('/inline', { pageview: 1 })
    await page.close({ runBeforeUnload: true })
    await expectOf('/inline', { pageview: 1, engagement: 1 })
  })

  const wander = async (page: Page, base: string): Promise<void> => {
    const steps = ['?q=1', '/a', '/a', '/b', '/b#part', '/a']
    // What is read for less than a tenth of a second is not told.
    await page.waitForTimeout(300)
    for (const step of steps) {
      await page.evaluate((to) => history.pushState(null, '', to), base + step)
      await page.waitForTimeout(600)
    }
    await page.evaluate(() => history.back())
    await page.waitForTimeout(700)
    await page.evaluate((to) => history.replaceState(null, '', to), `${base}/c`)
    await page.waitForTimeout(600)
    await page.close({ runBeforeUnload: true })
    // The question mark makes another address of the same page.
    await expectOf(base, { pageview: 2, engagement: 2 })
    await expectOf(`${base}/a`, { pageview: 2, engagement: 2 })
    await expectOf(`${base}/b`, { pageview: 2, engagement: 2 })
    await expectOf(`${base}/c`, { pageview: 1, engagement: 1 })
  }

  test('goes along with navigations inside the page, each once', async () => {
    await wander(await open('/app'), '/app')
  })

  test('does so in a browser without the Navigation API', async () => {
    const page = await open('/old', { before: '<script>delete window.navigation</script>' })
    expect(await page.evaluate(() => 'navigation' in window)).toBe(false)
    await wander(page, '/old')
  })

  test('takes what follows a hash for the path, where the site says so', async () => {
    const page = await open('/hash#/one', { attributes: `${COUNTED} data-hash="#"` })
    await expectOf('/hash/one', { pageview: 1 })
    await page.evaluate(() => {
      location.hash = '/two'
    })
    await expectOf('/hash/two', { pageview: 1 })
    await page.close({ runBeforeUnload: true })
    await expectOf('/hash/two', { pageview: 1, engagement: 1 })
  })

  test('counts in a sandbox, which has no storage', async () => {
    const page = await open('/sandbox', { headers: { 'Content-Security-Policy': 'sandbox allow-scripts' } })
    expect(await page.evaluate('try { localStorage.length } catch (error) { error.name }')).toBe(
      'SecurityError',
    )
    await expectOf('/sandbox', { pageview: 1 })
    await page.close({ runBeforeUnload: true })
    await expectOf('/sandbox', { pageview: 1, engagement: 1 })
  })

  test('counts by images where only those may be loaded, each event once', async () => {
    const policy = `default-src 'none'; script-src ${stage.front.collect} 'unsafe-inline'; img-src ${stage.front.collect}`
    const page = await open('/images', { headers: { 'Content-Security-Policy': policy } })
    await expectOf('/images', { pageview: 1 })
    await page.evaluate(() => window.skerry?.('told', { plan: 'pro' }))
    await expectOf('/images', { pageview: 1, told: 1 })
    const told = (await stage.rows()).find(({ name, page }) => name === 'told' && page === '/images')
    expect(told?.props).toEqual({ plan: 'pro' })
    expect(sent('/images')).toBe(0)
    await page.close()
  })

  test('loses what happens offline, without an outbox, and nothing after', async () => {
    const page = await open('/offline')
    await expectOf('/offline', { pageview: 1 })
    await page.context().setOffline(true)
    await page.evaluate(() => window.skerry?.('lost'))
    await page.waitForTimeout(500)
    await page.context().setOffline(false)
    await page.evaluate(() => window.skerry?.('told'))
    await expectOf('/offline', { pageview: 1, told: 1 })
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await page.close()
  })

  test('leaves no error of its own on the page', async () => {
    const errors: string[] = []
    const page = await open('/clean')
    page.on('pageerror', (error) => errors.push(String(error)))
    await page.context().setOffline(true)
    await page.evaluate(() => window.skerry?.('lost'))
    await page.evaluate(() => document.dispatchEvent(new Event('click', { bubbles: true })))
    await page.waitForTimeout(500)
    expect(errors).toEqual([])
    await page.close()
  })

  describe('is silent, unless the site says otherwise,', () => {
    const cases = {
      'in a browser that a program drives': ['/driven', '', COUNTED, ''],
      'for a visitor who asks for privacy': ['/asking', COUNTED, `${COUNTED} data-gpc="count"`, PRIVATE],
    } as const
    test.each(Object.entries(cases))('%s', async (_name, [path, silent, loud, script]) => {
      const before = script && `<script>${script}</script>`
      const quiet = await open(path, { attributes: silent, before })
      await quiet.evaluate(() => window.skerry?.('told'))
      await quiet.close({ runBeforeUnload: true })
      await expectOf(path, {})
      expect(sent(path)).toBe(0)
      const page = await open(`${path}/counted`, { attributes: loud, before })
      await expectOf(`${path}/counted`, { pageview: 1 })
      await page.close()
    })

    test.each(['localhost', '127.0.0.1'])('on %s', async (host) => {
      const site = stage.front.site.replace('site.test', host)
      const quiet = await open(`/on-${host}`, { site })
      await quiet.evaluate(() => window.skerry?.('told'))
      await quiet.close({ runBeforeUnload: true })
      expect(sent(`/on-${host}`)).toBe(0)
      const page = await open(`/also-${host}`, { site, attributes: `${COUNTED} data-local="count"` })
      await expect.poll(() => sent(`/also-${host}`)).toBeGreaterThan(0)
      await page.close()
    })
  })
})
