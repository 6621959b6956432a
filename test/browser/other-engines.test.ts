import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, makeCertificate } from '../support/browser/certificate.ts'
import { startFirefox } from '../support/browser/firefox.ts'
import { type Stage, setStage } from '../support/browser/stage.ts'
import { startWebKit, webKitCommands } from '../support/browser/webkit.ts'
import { commandOf } from '../support/debian-package.ts'
import { startNode } from '../support/server.ts'

/** The tracker in engines other than Chromium, on pages that go on by themselves: exactly how many events arrive. */

interface Engine {
  /** Throws, and says what to install, where it is not here. */
  find(): void
  start(url: string): Promise<{ stop(): Promise<void> }>
}

let certificate: Certificate
beforeAll(async () => {
  certificate = await makeCertificate()
})
afterAll(() => certificate?.remove())

const engines: Readonly<Record<string, Engine>> = {
  Firefox: {
    find(): void {
      commandOf('firefox-esr', 'firefox-esr')
      commandOf('certutil', 'libnss3-tools')
    },
    start: (url) => startFirefox(url, certificate),
  },
  WebKitGTK: { find: webKitCommands, start: (url) => startWebKit(url) },
}

describe.each(Object.entries(engines))('the tracker in %s', (_name, { find, start }) => {
  /** Why there is no such browser here. */
  let missing: string | undefined
  let stage: Stage
  beforeAll(async () => {
    try {
      find()
    } catch (error) {
      missing = String(error)
      return
    }
    stage = await setStage(() => startNode(), certificate)
  }, 240_000)
  afterAll(() => stage?.stop())

  test('counts views, navigations, events, the way back and what was read, each once', {
    timeout: 60_000,
  }, async ({ skip }) => {
    skip(missing !== undefined, missing)
    const { front } = stage
    const serve = (path: string, script: string): void => {
      const html = `<!doctype html><title>${path}</title>${stage.tag('data-webdriver="count"')}<script>
        const pause = () => new Promise((done) => setTimeout(done, 1000))
        onload = async () => { await pause(); ${script} }</script>`
      front.serve(path, { html, headers: { 'Cache-Control': 'max-age=0' } })
    }
    const custom = "skerry('told', { plan: 'pro' }, { amount: '9.90', currency: 'EUR' })"
    const inside = "history.pushState(null, '', '/inside')"
    serve('/first', `${custom}; await pause(); ${inside}; await pause(); location = '/second'`)
    serve('/second', "location = '/third'")
    serve('/third', 'history.back()')
    const engine = await start(`${front.site}/first`)
    try {
      for (const [page, wanted] of Object.entries({
        '/first': { pageview: 1, told: 1, engagement: 1 },
        '/inside': { pageview: 1, engagement: 1 },
      })) {
        expect(await stage.tally(page, wanted), page).toEqual(wanted)
      }
      expect(await stage.tally('/third', { pageview: 1 })).toMatchObject({ pageview: 1 })
      expect(await stage.tally('/second', { pageview: 2 })).toMatchObject({ pageview: 2 })
      const told = (await stage.rows()).find(({ name }) => name === 'told')
      expect(told).toMatchObject({ props: { plan: 'pro' }, revenue: { amount: '9.90', currency: 'EUR' } })
    } finally {
      await engine.stop()
    }
  })
})
