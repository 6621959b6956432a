import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorker } from '../../scripts/worker.ts'
import { annotationLimits } from '../../src/annotation.ts'
import { savedViewLimits } from '../../src/saved-view.ts'
import { Client, type Json, type Site } from '../contract/client.ts'
import { openDashboard, watch } from '../support/browser/dashboard.ts'
import { hostileTexts } from '../support/browser/hostile-texts.ts'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { startChromium } from '../support/chromium.ts'
import { freshName } from '../support/event.ts'
import { overHttp } from '../support/in-process.ts'
import { type Server, startNode, startWorker } from '../support/server.ts'

const DAY_MS = 86_400_000
const chapters = ['settings', 'keys', 'snippet', 'annotations', 'refused', 'erase', 'delete']

let folder: Folder
let built: string
let browser: Browser
beforeAll(async () => {
  folder = await temporaryFolder()
  built = await buildWorker(folder.path)
  browser = await startChromium()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await folder?.remove()
})

describe.each([
  ['Node', (): Promise<Server> => startNode()],
  ['workerd', (): Promise<Server> => startWorker({}, undefined, built)],
])('on %s', (runtime, start) => {
  let server: Server
  let site: Site
  let hostile: Site
  const client = new Client(() => overHttp(server))

  beforeAll(async () => {
    server = await start()
    site = await client.makeSite({ goals: [{ name: 'Signup', event: 'signup' }], attributes: ['plan'] })
    const short = hostileTexts.filter((text) => text.length <= 255)
    hostile = await client.makeSite({
      query: short.slice(0, 100),
      goals: short.slice(100).map((text) => ({ name: text, page: `/${text}`.slice(0, 255) })),
      aliases: short.slice(0, 20).map((text) => `${text} of nobody`.slice(0, 255)),
    })
    await client.deliver(site, days(30))
    for (const one of [site, hostile]) {
      await client.deliver(one, days(3))
      for (let i = 0; i < hostileTexts.length; i += 50)
        await refuse(one, one === site ? [{ page: '/for-bots' }] : hostileTexts.slice(i, i + 50).map(toEvent))
    }
  }, 120_000)
  afterAll(() => server?.stop(), 30_000)

  async function refuse(one: Site, events: readonly Json[]): Promise<void> {
    const headers = { 'User-Agent': 'Googlebot/2.1' }
    const init = { method: 'POST', headers, body: JSON.stringify(events) }
    expect((await client.call(`/${one.name}?key=${one.write}`, init)).status).toBe(202)
  }

  const open = (options: BrowserContextOptions = {}, key = client.adminKey): Promise<Page> =>
    openDashboard(browser, server.url, key, options)

  const go = (page: Page, search: string) => page.goto(`${server.url}/${search}`)
  const chapter = (page: Page, of: string, which: string) => go(page, `?site=${of}&manage=${which}`)
  const news = (page: Page) => page.locator('.news').textContent()

  test('without scripts a collection is made, set, kept in order and deleted', async () => {
    const page = await open({ javaScriptEnabled: false })
    const name = freshName('made')
    await page.click('a:has-text("New collection")')
    await page.fill('#name', 'Not A Name')
    // What the browser lets pass the program does not.
    await page.click('button.main')
    expect(await page.locator('#name-fault').count()).toBe(1)
    expect(await page.inputValue('#name')).toBe('Not A Name')
    await page.fill('#name', name)
    await page.fill('#timezone', 'Europe/Berlin')
    await page.click('button.main')
    expect(await page.locator('pre').first().textContent()).toContain(`data-collection="${name}"`)

    await page.click('nav a:has-text("Manage")')
    await page.fill('#origins', 'https://shop.example\nshop.example')
    await page.fill('input[name=goalName] >> nth=0', 'Paid')
    await page.selectOption('select[name=goalKind] >> nth=0', 'page')
    await page.fill('input[name=goalMatch] >> nth=0', '/thanks*')
    await page.click('button:has-text("Save")')
    expect(await page.locator('#origins-fault').textContent()).toContain('must be an origin')
    expect(await page.inputValue('#origins')).toBe('https://shop.example\nshop.example')
    await page.fill('#origins', 'https://shop.example')
    await page.click('button:has-text("Save")')
    expect(await news(page)).toBe('Saved.')
    await page.reload()
    expect(await page.locator('.news').count()).toBe(0)
    expect(await page.inputValue('input[name=goalMatch] >> nth=0')).toBe('/thanks*')

    await page.click('.manage nav a:has-text("Keys")')
    await page.check('input[value=server]')
    await page.click('button:has-text("Add key")')
    const key = (await page.locator('.news code').textContent()) ?? ''
    await client.deliver({ name, server: key, read: '', write: '' }, days(4))

    await page.click('.manage nav a:has-text("Annotations")')
    await page.fill('#text', 'Opening day')
    await page.click('button:has-text("Add annotation")')
    await page.click('.manage nav a:has-text("To the numbers")')
    expect(await page.locator('circle.mark').count()).toBe(0)
    await page.click('summary:has-text("Last 30 days")')
    await page.click('a:has-text("Today")')
    expect(await page.locator('.happened').textContent()).toContain('Opening day')
    expect(await page.locator('circle.mark').count()).toBe(1)

    await page.click('summary:has-text("Saved views")')
    await page.fill('.saved label input', 'Only today')
    await page.click('button:has-text("Save this view")')
    await go(page, `?site=${name}`)
    await page.click('summary:has-text("Saved views")')
    await page.click('a:has-text("Only today")')
    expect(page.url()).toMatch(/period=day$/)

    await chapter(page, name, 'erase')
    await page.click('summary:has-text("Add filter")')
    await page.selectOption('select[name=fd]', 'country')
    await page.fill('input[name=fv]', 'FR')
    await page.click('#filter button')
    await page.click('button:has-text("Erase 1 events")')
    expect(await news(page)).toBe('Events erased: 1.')

    await page.click('.manage nav a:has-text("Keys")')
    await page.click('tr:has-text("Server") a')
    await page.click('.confirm button')
    expect(await news(page)).toContain('revoked')

    await page.click('.manage nav a:has-text("Delete")')
    await page.fill('#typed', `${name}!`)
    await page.click('button.danger')
    expect(await page.locator('#typed-fault').count()).toBe(1)
    await page.fill('#typed', name)
    await page.click('button.danger')
    expect(await news(page)).toBe(`The collection ${name} is deleted.`)
    await page.context().close()
  }, 60_000)

  test('the keyboard alone makes a collection, which has the browser’s own time zone', async () => {
    const page = await open({ timezoneId: 'Asia/Tokyo' })
    const name = freshName('made')
    await page.focus('a:has-text("New collection")')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#name')
    await expect.poll(() => page.inputValue('#timezone')).toBe('Asia/Tokyo')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-waiting]')
    const agent = { 'User-Agent': 'Mozilla/5.0 Firefox/140.0' }
    const key = /data-key="([^"]+)"/.exec((await page.locator('pre').first().textContent()) ?? '')?.[1]
    const init = { method: 'POST', headers: agent, body: '{"page": "/first"}' }
    expect((await client.call(`/${name}?key=${key}`, init)).status).toBe(201)
    await page.waitForSelector('.panels', { timeout: 10_000 })
    await page.context().close()
  })

  test('who has a read key saves views, and is shown nothing to manage', async () => {
    const page = await open({}, site.read)
    await go(page, `?site=${site.name}&period=7d`)
    expect(await page.locator('a:has-text("Manage")').count()).toBe(0)
    await page.click('summary:has-text("Saved views")')
    await page.fill('.saved label input', 'A week')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.saved a:has-text("A week")', { state: 'attached' })
    await page.click('summary:has-text("Saved views")')
    await page.click('button[aria-label="Remove: A week"]')
    await page.waitForSelector('.saved a:has-text("A week")', { state: 'detached' })
    await page.context().close()
  })

  // The pages are the same wherever they are made.
  const themes = runtime === 'Node' ? (['light', 'dark'] as const) : []
  describe.each(themes)('axe finds nothing (%s)', (colorScheme) => {
    test.each([
      'new',
      ...chapters,
      'keys&id=',
      'refused&code=bot',
      'erase&period=7d&f=country:DE',
      'a fault',
    ])('on %s', async (which) => {
      // Axe is handed to the page, which its policy would not take.
      const page = await open({ colorScheme, bypassCSP: true })
      if (which === 'annotations') {
        await chapter(page, site.name, which)
        await page.fill('#text', 'Launch')
        await page.click('button:has-text("Add annotation")')
        await page.waitForSelector('.news')
      } else if (which === 'a fault') {
        await chapter(page, site.name, 'settings')
        for (const field of ['#origins', '#groupBy', '#retention', '#timezone']) await page.fill(field, 'x y')
        await page.fill('input[name=goalMatch] >> nth=0', '')
        await page.click('button:has-text("Save")')
        await page.waitForSelector('[role=alert]')
      } else if (which === 'keys&id=') {
        await chapter(page, site.name, 'keys')
        await page.click('tbody a')
        await page.waitForSelector('.confirm')
      } else await chapter(page, which === 'new' ? '' : site.name, which)
      await page.evaluate(axe.source)
      expect(await faultsOf(page)).toEqual([])
      await page.context().close()
    })

    test('on a report with annotations and saved views', async () => {
      const page = await open({ colorScheme, bypassCSP: true })
      const date = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 10)
      await chapter(page, site.name, 'annotations')
      await page.fill('#date', date)
      await page.fill('#text', 'Launch')
      await page.click('button:has-text("Add annotation")')
      await page.waitForSelector('.news')
      await go(page, `?site=${site.name}&period=7d`)
      await page.click('summary:has-text("Saved views")')
      await page.fill('.saved label input', colorScheme)
      await page.keyboard.press('Enter')
      await page.waitForSelector(`.saved a:has-text("${colorScheme}")`, { state: 'attached' })
      await page.click('summary:has-text("Saved views")')
      await page.evaluate(axe.source)
      expect(await faultsOf(page)).toEqual([])
      expect(await page.locator('circle.mark').count()).toBe(1)
      await page.context().close()
    })
  })

  test(`${hostileTexts.length} hostile texts are text in every form, list and chart, and break none of them`, async () => {
    const page = await open({ viewport: { width: 360, height: 800 } })
    const ran = watch(page)
    await page.evaluate(fillUp, {
      ...{
        site: hostile.name,
        texts: hostileTexts,
        date: new Date(Date.now() - DAY_MS).toISOString().slice(0, 10),
      },
      ...{ text: annotationLimits.text, name: savedViewLimits.name, views: 60 },
    })
    const searches = [
      '',
      '&period=7d',
      ...chapters.map((one) => `&manage=${one}`),
      '&manage=refused&code=bot',
    ]
    for (const search of searches) {
      await go(page, `?site=${hostile.name}${search}`)
      const found = await page.evaluate(() => ({
        wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
        strangers: document.querySelectorAll('main script, main iframe, main img, main style, main object')
          .length,
        footers: document.querySelectorAll('footer.end').length,
        title: document.title,
      }))
      expect([search, found]).toEqual([
        search,
        { wide: 0, strangers: 0, footers: 1, title: expect.stringContaining('Skerry') },
      ])
    }
    await go(page, `?site=${hostile.name}&period=7d`)
    expect(await page.locator('.happened li').count()).toBe(new Set(hostileTexts.map(cut)).size)
    expect(await page.locator('.saved li').count()).toBe(60)
    await page.click('summary:has-text("Saved views")')
    expect(ran).toEqual([])
    await page.context().close()
  }, 120_000)
})

/** As annotations have them, which are cut where the browser's field would end, and lose spaces around them. */
function cut(text: string): string {
  return text.slice(0, annotationLimits.text).trim()
}

interface Filling {
  readonly site: string
  readonly texts: readonly string[]
  readonly date: string
  readonly text: number
  readonly name: number
  readonly views: number
}

/** Runs in the page, whose forms it sends: an annotation of each text, and views of the first. */
async function fillUp({ site, texts, date, text, name, views }: Filling): Promise<void> {
  const send = (form: Record<string, string>): Promise<Response> =>
    fetch('/', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ site, ...form }) })
  for (const one of texts) await send({ do: 'annotate', date, text: one.slice(0, text) })
  const names = texts.map((one) => one.slice(0, name)).filter((one, i, all) => all.indexOf(one) === i)
  for (const one of names.slice(-views)) await send({ do: 'save-view', prop: one, name: one })
}

async function faultsOf(page: Page): Promise<readonly string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const options = JSON.stringify({ runOnly: tags })
  const { passes, violations } = (await page.evaluate(`axe.run(document, ${options})`)) as axe.AxeResults
  expect(passes.length).toBeGreaterThan(10)
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  )
}

function toEvent(text: string, i: number): Json {
  return { page: `https://example.com/${text}`, name: text.slice(0, 120), id: `${i} ${text}`.slice(0, 60) }
}

/** An event a day up to yesterday; every third of France, the others of Germany. */
function days(count: number): readonly Json[] {
  return Array.from({ length: count }, (_, i) => ({
    time: new Date(Date.now() - (i + 1) * DAY_MS).toISOString(),
    visitor: `visitor ${i}`,
    page: `/${i % 4}`,
    country: i % 3 === 2 ? 'FR' : 'DE',
  }))
}
