import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../contract/client.ts'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import { type Firefox, startFirefox } from '../support/browser/firefox.ts'
import { reportedPages } from '../support/browser/policies.ts'
import { keptParcel, runtimes, type Stage, sameness, setStage } from '../support/browser/stage.ts'
import { partingWays, textOf, ways } from '../support/browser/ways.ts'
import { commandOf } from '../support/debian-package.ts'

const TITLE = '<!doctype html><title>An article</title>'

/** What ships switched off, or has been: pings, and the Reporting API. */
const settings = {
  'browser.send_pings': true,
  'browser.send_pings.max_per_link': 2,
  'dom.reporting.enabled': true,
  'dom.reporting.header.enabled': true,
}

/** Why there is no Firefox here. */
let missing: string | undefined
let certificate: Certificate

beforeAll(async () => {
  try {
    commandOf('firefox-esr', 'firefox-esr')
    commandOf('certutil', 'libnss3-tools')
  } catch (error) {
    missing = String(error)
    return
  }
  certificate = await makeCertificate()
}, 180_000)
afterAll(() => certificate?.remove())

describe.each(Object.entries(runtimes))('Firefox, from a page of another site to %s', (_runtime, start) => {
  let stage: Stage
  let firefox: Firefox

  beforeAll(async () => {
    if (missing !== undefined) return
    stage = await setStage(start, certificate)
    const { front, url } = stage
    for (const [path, page] of Object.entries(reportedPages(url, front.other))) {
      front.serve(`/${path.replace(' ', '/')}`, page)
    }
    front.serve('/article', { html: article(stage) })
    front.serve('/target', { html: TITLE })
    firefox = await startFirefox(`${front.site}/article?token=s3cret#s3cret`, certificate, settings)
  }, 120_000)
  afterAll(async () => {
    await firefox?.stop()
    await stage?.stop()
  }, 60_000)

  test.for(Object.keys({ ...ways, ...partingWays }))(
    'an event is the same, sent by %s',
    async (id, { skip }) => {
      skip(missing !== undefined, missing)
      const row = await stage.arrives((one) => one.id === id)
      expect(row).toMatchObject(keptParcel)
      const first = (await stage.rows()).find(({ page }) => page === keptParcel.page)
      expect(sameness(row)).toEqual(sameness(first ?? {}))
    },
  )

  test('a link that pings tells where it leads to, and its own origin from where', async ({ skip }) => {
    skip(missing !== undefined, missing)
    for (const from of ['/article', '/linked']) {
      const row = await stage.arrives((one) => one.name === 'ping' && one.page === from)
      expect(row).toMatchObject({ hostname: 'site.test', props: { target: 'https://site.test/target' } })
    }
  })

  test.for(['csp report-to', 'csp report-uri'])('the browser reports %s', async (name, { skip }) => {
    skip(missing !== undefined, missing)
    const path = `/${name.replace(' ', '/')}`
    const row = await stage.arrives((one) => one.name === 'csp-violation' && one.page === path)
    const { props } = reportedPages(stage.url, stage.front.other)[name] ?? {}
    expect(row).toMatchObject({ hostname: 'site.test', interactive: false, props: props as Json })
  })

  test('all of it is one visitor, and nothing private', async ({ skip }) => {
    skip(missing !== undefined, missing)
    expect(await stage.visitors()).toBe(1)
    expect(JSON.stringify(await stage.rows())).not.toMatch(/s3cret|token|Mozilla/)
    expect(stage.front.exchanges.filter(({ status }) => status >= 300)).toEqual([])
  })
})

/** A page that sends in every way there is, has its policies broken in frames, and leaves by a link. */
function article({ url, ownUrl, front, parcel }: Stage): string {
  const hinted = `${url}&page=${encodeURIComponent(`${front.site}/linked?token=s3cret`)}`
  const pings = [ownUrl, hinted].join(' ').replaceAll('&', '&amp;')
  const steps = Object.entries({ ...ways, ...partingWays }).map(
    ([name, way]) => `await Promise.resolve(${textOf(way, parcel(name))}).catch(console.error)`,
  )
  // Forms, images and frames are under way when their way has returned.
  const rest = 'await new Promise((done) => setTimeout(done, 1500))'
  const leave = "document.querySelector('a').click()"
  return `${TITLE}<a href="/target?token=s3cret#s3cret" ping="${pings}">on</a>
    <iframe src="/csp/report-to?token=s3cret"></iframe><iframe src="/csp/report-uri?token=s3cret"></iframe>
    <script type="module">${[...steps, rest, leave].join('\n')}</script>`
}
