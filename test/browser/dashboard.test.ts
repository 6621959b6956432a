import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildDashboard } from '../../scripts/dashboard.ts'
import { Client, type Json, type Site } from '../contract/client.ts'
import { asset } from '../support/assets.ts'
import { openDashboard, watch } from '../support/browser/dashboard.ts'
import { hostileTexts } from '../support/browser/hostile-texts.ts'
import { startChromium } from '../support/chromium.ts'
import { overHttp } from '../support/in-process.ts'
import { type Server, startNode } from '../support/server.ts'

const DAY_MS = 86_400_000

let server: Server
let browser: Browser
let site: Site
let hostile: Site
let empty: Site
const client = new Client(() => overHttp(server))

beforeAll(async () => {
  server = await startNode()
  browser = await startChromium()
  const definition = { attributes: ['plan'], goals: [{ name: 'Signup', event: 'signup' }] }
  site = await client.makeSite(definition)
  hostile = await client.makeSite({ attributes: ['plan'] })
  empty = await client.makeSite()
  await client.deliver(site, friendly())
  await client.deliver(hostile, hostileTexts.map(hostileEvent))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
}, 60_000)

function friendly(): readonly Json[] {
  return Array.from({ length: 90 }, (_, i) => ({
    time: new Date(Date.now() - (i % 12) * DAY_MS).toISOString(),
    visitor: `visitor ${i >> 1}`,
    page: `https://example.com/${['', 'pricing', 'blog/a', 'blog/b'][i % 4]}`,
    country: ['DE', 'FR', 'NO'][i % 3],
    browser: ['Chrome', 'Firefox'][i % 2],
    referrer: 'https://news.ycombinator.com/',
    ...(i % 6 === 0 && { name: 'signup', props: { plan: 'pro' } }),
  }))
}

/** A text in every field that takes one. */
function hostileEvent(text: string, i: number): Json {
  const facts = { source: text, medium: text, campaign: text, browser: text, os: text, device: text }
  const place = { country: text, region: text, city: text, language: text, screen: text }
  return {
    ...Object.fromEntries(
      Object.entries({ ...facts, ...place }).map(([name, one]) => [name, one.slice(0, 120)]),
    ),
    time: new Date(Date.now() - DAY_MS).toISOString(),
    visitor: `visitor ${i}`,
    page: `https://example.com/${text}`,
    title: text.slice(0, 200),
    name: i % 2 ? 'pageview' : text.slice(0, 120),
    props: { plan: text, [text.slice(0, 60)]: text },
  }
}

const open = (options: BrowserContextOptions = {}): Promise<Page> =>
  openDashboard(browser, server.url, client.adminKey, options)

const go = (page: Page, search: string) => page.goto(`${server.url}/${search}`)

test('the script in assets/ is the one that is built, and small', async () => {
  expect(await asset('dashboard.js')).toBe(await buildDashboard())
  expect((await asset('dashboard.js')).length).toBeLessThan(10_000)
})

test('a whole page takes at most 60 kB, and nothing from elsewhere', async () => {
  const page = await open()
  await page.goto('about:blank')
  const sizes: number[] = []
  const hosts = new Set<string>()
  page.on('requestfinished', async (request) => {
    hosts.add(new URL(request.url()).origin)
    sizes.push((await request.sizes()).responseBodySize)
  })
  await go(page, `?site=${site.name}&period=30d`)
  await page.waitForLoadState('networkidle')
  expect([...hosts]).toEqual([server.url])
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000)
  await page.context().close()
})

describe.each(['light', 'dark'] as const)('axe finds nothing (%s)', (colorScheme) => {
  test.each([
    ['sign-in', undefined],
    ['the overview', ''],
    ['a collection', 'site'],
    ['a collection with filters', '&f=country%3ADE&f=%21page%3A%2Fpricing&edit=0'],
    ['a list', '&panel=page&q=a'],
    ['an empty collection', 'empty'],
    ['a fault', '&period=never'],
  ])('on %s', async (name, search) => {
    // Axe is handed to the page, which its policy would not take.
    const page = await open({ colorScheme, bypassCSP: true })
    if (name === 'sign-in') await page.context().clearCookies()
    const where = search === 'empty' ? empty.name : site.name
    await go(
      page,
      search === '' || search === undefined
        ? ''
        : `?site=${where}${search.startsWith('&') ? search : '&period=7d'}`,
    )
    await page.evaluate(axe.source)
    expect(await faultsOf(page, [])).toEqual([])
    // Opened all at once menus lie over what is below, as never one does that is open alone.
    for (const menu of await page.locator('details').all())
      await menu.evaluate((one) => one.setAttribute('open', ''))
    expect(await faultsOf(page, ['target-size'])).toEqual([])
    await page.context().close()
  })
})

async function faultsOf(page: Page, without: readonly string[]): Promise<readonly string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]))
  const options = JSON.stringify({ runOnly: tags, rules })
  const { passes, violations } = (await page.evaluate(`axe.run(document, ${options})`)) as axe.AxeResults
  expect(passes.length).toBeGreaterThan(10)
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  )
}

test('the keyboard alone signs in, filters, goes through periods and takes the filter off', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${server.url}/?site=${site.name}`)
  // The field has the focus by itself, with the first frame.
  await page.waitForFunction(() => document.activeElement?.id === 'key')
  await page.keyboard.type(client.adminKey)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.panels')
  await page.waitForLoadState('load')
  expect(new URL(page.url()).searchParams.get('site')).toBe(site.name)
  await page.keyboard.press('w')
  await page.waitForURL(/period=7d/)
  await page.focus('#places .label')
  await page.keyboard.press('Enter')
  await page.waitForURL(/f=country/)
  await page.keyboard.press('ArrowLeft')
  await page.waitForURL(/period=\d{4}-/)
  await page.keyboard.press('x')
  await page.waitForURL(/compare=none/)
  await page.focus('svg.plot')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => page.locator('.tip').textContent()).toMatch(/Visitors|:/)
  await page.locator('svg.plot').blur()
  await page.keyboard.press('Escape')
  await expect.poll(() => new URL(page.url()).searchParams.has('f')).toBe(false)
  await page.evaluate(() => history.back())
  await expect.poll(() => page.url()).toMatch(/f=country/)
  await context.close()
})

test('the first event is shown by itself', async () => {
  const waiting = await client.makeSite()
  const page = await open()
  await go(page, `?site=${waiting.name}`)
  await page.waitForSelector('[data-waiting]')
  await client.deliver(waiting, [{ page: '/first' }])
  await page.waitForSelector('.panels', { timeout: 10_000 })
  await page.context().close()
})

test('without scripts rows, periods, forms and tables work as well', async () => {
  const page = await open({ javaScriptEnabled: false })
  await go(page, `?site=${site.name}&period=30d`)
  await page.click('#places .label')
  expect(await page.locator('.chip').count()).toBe(1)
  await page.click('summary:has-text("Last 30 days")')
  await page.click('a:has-text("Last 7 days")')
  expect(page.url()).toMatch(/period=7d.*f=country/)
  await page.click('summary:has-text("Add filter")')
  await page.selectOption('select[name=fd]', 'browser')
  await page.fill('input[name=fv]', 'Firefox')
  await page.click('#filter button')
  expect(await page.locator('.chip').count()).toBe(2)
  await page.click('.data > summary')
  expect(await page.locator('.data tbody tr').count()).toBe(7)
  await page.context().close()
})

describe('hostile values', () => {
  const tabs = [
    '&tab=entry_page&tab=channel&tab=region&tab=os&tab=name',
    '&tab=exit_page&tab=campaign&tab=city&tab=device',
  ]
  const more = [
    '&tab=hostname&tab=medium&tab=language&tab=screen',
    `&prop=${encodeURIComponent(hostileTexts[0] ?? '')}`,
  ]
  const lists = ['page', 'source', 'country', 'city', 'browser', 'name', 'props:plan'].map(
    (key) => `&panel=${encodeURIComponent(key)}`,
  )

  test(`${hostileTexts.length} of them are text, on every page`, async () => {
    expect(hostileTexts.length).toBeGreaterThan(100)
    const page = await open({ viewport: { width: 900, height: 900 } })
    const ran = watch(page)
    for (const search of ['', ...tabs, ...more, ...lists]) {
      await go(page, `?site=${hostile.name}&period=7d${search}`)
      const { width, title, wide } = await page.evaluate(() => ({
        width: innerWidth,
        title: document.title,
        wide: document.documentElement.scrollWidth,
      }))
      expect([title, wide <= width]).toEqual([expect.stringContaining('Skerry'), true])
      expect(await page.locator('main script, main iframe, main img, main style, main object').count()).toBe(
        0,
      )
      expect(await page.locator('footer.end').count()).toBe(1)
    }
    expect(ran).toEqual([])
    await page.context().close()
  }, 120_000)

  test('in filters too', async () => {
    const page = await open()
    const ran = watch(page)
    for (let i = 0; i < hostileTexts.length; i += 12) {
      const filters = hostileTexts
        .slice(i, i + 12)
        .map((text) => `&f=!city:${encodeURIComponent(text.slice(0, 120))}`)
      await go(
        page,
        `?site=${hostile.name}&period=7d${filters.join('')}&q=${encodeURIComponent(hostileTexts[i] ?? '')}&panel=city`,
      )
      expect(await page.locator('.chip').count()).toBe(filters.length)
    }
    expect(ran).toEqual([])
    await page.context().close()
  }, 120_000)
})
