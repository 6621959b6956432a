import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../contract/client.ts'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import type { Exchange } from '../support/browser/front.ts'
import { reportedPages } from '../support/browser/policies.ts'
import { keptParcel, runtimes, type Stage, sameness, setStage } from '../support/browser/stage.ts'
import { chromiumPartingWays, partingWays, textOf, ways } from '../support/browser/ways.ts'
import { type Folder, startChild, temporaryFolder } from '../support/child.ts'
import { chromiumArguments, chromiumCommand, startChromium } from '../support/chromium.ts'

const TITLE = '<!doctype html><title>An article</title>'
const allPartingWays = { ...partingWays, ...chromiumPartingWays }

let certificate: Certificate
let home: Folder
/** Why the browser trusts anybody, if it has to. */
let distrust: string | undefined
let browser: Browser

beforeAll(async () => {
  certificate = await makeCertificate()
  home = await temporaryFolder()
  try {
    certificate.trustIn(join(home.path, '.pki/nssdb'))
  } catch (error) {
    distrust = `without certutil no authority can be trusted: ${String(error)}`
  }
  browser = await startChromium(distrust === undefined ? home.path : undefined)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
  await certificate?.remove()
})

describe.each(Object.entries(runtimes))('Chromium, from a page of another site to %s', (_runtime, start) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await setStage(start, certificate)
    stage.front.serve('/article', { html: TITLE })
  }, 90_000)
  afterAll(() => stage?.stop(), 60_000)

  async function open(path = '/article', from: Pick<Browser, 'newPage'> = browser): Promise<Page> {
    const page = await from.newPage()
    await page.goto(`${stage.front.site}${path}`)
    return page
  }

  /** The event of that id, which must be the same as all others but for it. */
  async function arrivesWhole(id: string): Promise<void> {
    const row = await stage.arrives((one) => one.id === id)
    expect(row).toMatchObject(keptParcel)
    const first = (await stage.rows()).find(({ page }) => page === keptParcel.page)
    expect(sameness(row)).toEqual(sameness(first ?? {}))
  }

  describe('an event is the same, sent by', () => {
    let page: Page
    beforeAll(async () => {
      page = await open()
    })
    afterAll(() => page?.close())

    test.each(Object.entries(ways))('%s', async (name, way) => {
      expect(await page.evaluate(textOf(way, stage.parcel(name)))).toBe(true)
      await arrivesWhole(name)
    })
  })

  test.each(Object.entries(allPartingWays))(
    'an event is the same, sent on leaving by %s',
    async (name, way) => {
      const page = await open()
      expect(await page.evaluate(textOf(way, stage.parcel(name)))).toBe(true)
      await page.goto(`${stage.front.site}/article?next`)
      await arrivesWhole(name)
      await page.close()
    },
  )

  test.each(['sendBeacon in pagehide', 'fetchLater'] as const)(
    'an event is the same, sent on closing by %s',
    async (name) => {
      // A context of its own, since one that closes with its page takes what is under way with it.
      const context = await browser.newContext()
      const page = await open('/article', context)
      const id = `${name}, closed`
      await page.evaluate(textOf(allPartingWays[name] as (typeof partingWays)[string], stage.parcel(id)))
      await page.close({ runBeforeUnload: true })
      await arrivesWhole(id)
      await context.close()
    },
  )

  test('without scripts an image and a background are counted', async () => {
    const urlOf = (id: string): string => `${stage.url}&${new URLSearchParams(stage.parcel(id).pairs)}`
    const image = urlOf('noscript').replaceAll('&', '&amp;')
    const html = `${TITLE}<style>p { background: url("${urlOf('css')}") }</style><p>a<noscript><img src="${image}"></noscript>`
    stage.front.serve('/noscript', { html })
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${stage.front.site}/noscript`)
    await arrivesWhole('noscript')
    await arrivesWhole('css')
    await context.close()
  })

  test('a link that pings tells where it leads to, and its own origin from where', async () => {
    const hinted = `${stage.url}&page=${encodeURIComponent(`${stage.front.site}/linked?token=s3cret`)}`
    const pings = [stage.ownUrl, hinted].join(' ').replaceAll('&', '&amp;')
    stage.front.serve('/links', {
      html: `${TITLE}<a href="/target?token=s3cret#s3cret" ping="${pings}">on</a>`,
    })
    stage.front.serve('/target', { html: TITLE })
    const page = await open('/links?token=s3cret#s3cret')
    await page.click('a')
    for (const from of ['/links', '/linked']) {
      const row = await stage.arrives((one) => one.name === 'ping' && one.page === from)
      expect(row).toMatchObject({ hostname: 'site.test', props: { target: 'https://site.test/target' } })
    }
    expect(stage.front.exchanges.map(({ headers }) => headers['ping-from']).filter(Boolean)).toEqual([
      `${stage.front.site}/links?token=s3cret#s3cret`,
    ])
    await page.close()
  })

  describe('the browser reports', () => {
    const pathOf = (name: string): string => `/${name.replace(' ', '/')}`

    test.for(Object.keys(reportedPages('', '')))('%s', async (name, { skip }) => {
      skip(name === 'network-error' && distrust !== undefined, distrust)
      const reported = reportedPages(stage.url, stage.front.other)[name]
      if (!reported) throw new Error(name)
      stage.front.serve(pathOf(name), reported)
      stage.front.serve('/script.js', { html: ';', headers: { 'Content-Type': 'text/javascript' } })
      const page = await open(name === 'coop' ? '/article' : `${pathOf(name)}?token=s3cret#s3cret`)
      if (name === 'coop') await page.evaluate((path) => void window.open(path), pathOf(name))
      if (name === 'crash') await page.goto('chrome://crash').catch(() => {})
      const where = name === 'network-error' ? '/missing' : pathOf(name)
      const row = await stage.arrives((one) => one.name === reported.type && one.page === where)
      expect(row).toMatchObject({ hostname: 'site.test', interactive: false, props: reported.props })
      await page.close()
    })

    test('a violation to report-to and to report-uri alike', async () => {
      const rows = await stage.rows()
      const [modern, legacy] = ['/csp/report-to', '/csp/report-uri'].map((path) => {
        const row = rows.find((one) => one.name === 'csp-violation' && one.page === path) ?? {}
        const { documentURL, sourceFile, originalPolicy, violatedDirective, ...same } = row.props as Json
        expect([documentURL, sourceFile]).toEqual([`https://site.test${path}`, `https://site.test${path}`])
        return { ...sameness(row), page: '', props: same }
      })
      expect(modern).toEqual(legacy)
    })
  })

  test('a beacon of a prerendered page is refused, until somebody looks at it', async () => {
    const parcel = JSON.stringify({ page: '/prerendered' })
    const send = `const send = (id) => navigator.sendBeacon('${stage.url}', JSON.stringify({ ...${parcel}, id }))`
    const activated = `document.addEventListener('prerenderingchange', () => send('looked at'))`
    const rules = JSON.stringify({ prerender: [{ urls: ['/prerendered'], eagerness: 'immediate' }] })
    const click = `const wait = setInterval(async () => {
      if ((await fetch('/is-prerendered')).ok) clearInterval(wait), document.querySelector('a').click()
    }, 200)`
    stage.front.serve('/prerendered', {
      html: `${TITLE}<script>${send}; send('prerendered'); ${activated}</script>`,
    })
    stage.front.serve('/start', {
      html: `${TITLE}<a href="/prerendered">on</a><script type="speculationrules">${rules}</script><script>${click}</script>`,
    })
    // Plain, since nothing is prerendered while developer tools are attached.
    const profile = await temporaryFolder()
    const trust = distrust === undefined ? [] : ['--ignore-certificate-errors']
    const options = ['--headless=new', `--user-data-dir=${profile.path}`, ...chromiumArguments, ...trust]
    const plain = startChild(chromiumCommand(), [...options, `${stage.front.site}/start`], {
      HOME: home.path,
    })
    const first = (): Exchange | undefined =>
      stage.front.exchanges.find(({ body }) => body.includes('"id":"prerendered"'))
    try {
      await expect.poll(first, { timeout: 10_000 }).toBeDefined()
      stage.front.serve('/is-prerendered', { html: 'yes' })
      await stage.arrives(({ id }) => id === 'looked at')
    } finally {
      await plain.stop()
      await profile.remove()
    }
    const sent = first()
    expect(sent?.headers['sec-purpose']).toBe('prefetch;prerender')
    expect([sent?.status, sent?.answer['skerry-refused']]).toEqual([202, 'prefetch'])
    expect((await stage.rows()).some(({ id }) => id === 'prerendered')).toBe(false)
  })

  test('all of it is one visitor', async () => {
    expect(await stage.visitors()).toBe(1)
  })

  test('nothing private is kept, and no cookie', async () => {
    const rows = await stage.rows()
    expect(rows.length).toBeGreaterThan(Object.keys(ways).length)
    expect(JSON.stringify(rows)).not.toMatch(/s3cret|token|Mozilla|127\.0\.0\.1(?!")/)
    expect(stage.front.exchanges.some(({ headers }) => headers.cookie !== undefined)).toBe(false)
    expect(stage.front.exchanges.some(({ answer }) => answer['set-cookie'] !== undefined)).toBe(false)
  })

  test('no answer makes a browser send again: all are 2xx', () => {
    expect(stage.front.exchanges.filter(({ status }) => status >= 300)).toEqual([])
  })
})
