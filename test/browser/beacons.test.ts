import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Site, startChromium, startSite } from '../support/chromium.ts'
import { freshName } from '../support/event.ts'
import { ADMIN_KEY, type Server, startNode, startWorker } from '../support/server.ts'

const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** What a page does to send, by the name of the page it says it is. Runs in the browser. */
const ways: Readonly<Record<string, (url: string, name: string) => unknown>> = {
  'sendBeacon of a string': (url, name) => navigator.sendBeacon(url, JSON.stringify({ page: `/${name}` })),
  'sendBeacon of a JSON Blob': (url, name) =>
    navigator.sendBeacon(url, new Blob([JSON.stringify({ page: `/${name}` })], { type: 'application/json' })),
  'sendBeacon of a Blob without type': (url, name) =>
    navigator.sendBeacon(url, new Blob([JSON.stringify({ page: `/${name}` })])),
  'sendBeacon of FormData': (url, name) => {
    const form = new FormData()
    form.append('page', `/${name}`)
    return navigator.sendBeacon(url, form)
  },
  'fetch keepalive': async (url, name) =>
    (await fetch(url, { method: 'POST', keepalive: true, body: JSON.stringify({ page: `/${name}` }) }))
      .status,
  'fetch keepalive of JSON': async (url, name) => {
    const init = { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' } }
    return (await fetch(url, { ...init, body: JSON.stringify({ page: `/${name}` }) })).status
  },
  'fetch without cors': (url, name) =>
    fetch(url, {
      method: 'POST',
      mode: 'no-cors',
      keepalive: true,
      body: JSON.stringify({ page: `/${name}` }),
    }).then(() => true),
  'a form': (url, name) => {
    const form = document.createElement('form')
    Object.assign(form, { action: url, method: 'post', target: 'sink' })
    const field = document.createElement('input')
    Object.assign(field, { name: 'page', value: `/${name}` })
    form.append(field)
    document.body.append(form)
    form.submit()
    return true
  },
  'an image': (url, name) =>
    new Promise((resolve) => {
      const image = new Image()
      image.onload = () => resolve(image.width)
      image.onerror = () => resolve('broken')
      image.src = `${url}&page=${encodeURIComponent(`/${name}`)}`
    }),
}

const answers: Readonly<Record<string, unknown>> = {
  'fetch keepalive': 201,
  'fetch keepalive of JSON': 201,
  'an image': 1,
}

const runtimes: Readonly<Record<string, () => Promise<Server>>> = {
  Node: () => startNode(),
  Workers: () => startWorker(),
}

describe.each(Object.entries(runtimes))('Chromium on a page of another site, to %s', (_runtime, start) => {
  let browser: Browser
  let site: Site
  let server: Server
  let collection: string
  let address: string

  beforeAll(async () => {
    site = await startSite('<!doctype html><title>a page</title><iframe name="sink"></iframe>')
    server = await start()
    browser = await startChromium()
    collection = freshName('browser')
    const { port } = new URL(server.url)
    await manage('PUT', '', { origins: [site.url] })
    const { key } = (await (await manage('POST', '/keys', { kind: 'write' })).json()) as { key: string }
    address = `http://collect.test:${port}/${collection}?key=${key}`
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await site?.stop()
  })

  function manage(method: string, path: string, body: unknown): Promise<Response> {
    return fetch(`${server.url}/api/collections/${collection}${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    })
  }

  async function count(page: string): Promise<number> {
    const response = await fetch(`${server.url}/${collection}/page/${encodeURIComponent(page)}/count`, {
      headers,
    })
    return ((await response.json()) as { count: number }).count
  }

  async function arrives(page: string): Promise<void> {
    await expect.poll(() => count(page), { timeout: 5000 }).toBe(1)
  }

  async function openPage(): Promise<Page> {
    const page = await browser.newPage()
    await page.goto(`${site.url}/somewhere`)
    return page
  }

  test.each(Object.keys(ways))('%s is counted', async (way) => {
    const page = await openPage()
    const run = ways[way] as (url: string, name: string) => unknown
    const result = await page.evaluate(
      `(${run.toString()})(${JSON.stringify(address)}, ${JSON.stringify(way)})`,
    )
    expect(result).toBe(answers[way] ?? true)
    await arrives(`/${way}`)
    await page.close()
  })

  test.each(['is left for another', 'is closed'])('one sent while the page %s is counted', async (how) => {
    const page = await openPage()
    const body = JSON.stringify({ page: `/${how}` })
    await page.evaluate(
      ([url, text]) => addEventListener('pagehide', () => navigator.sendBeacon(url ?? '', text)),
      [address, body],
    )
    if (how === 'is closed') await page.close({ runBeforeUnload: true })
    else await page.goto('about:blank')
    await arrives(`/${how}`)
  })

  test('leaves no cookie behind', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${site.url}/somewhere`)
    await page.evaluate(
      (url) => fetch(url, { method: 'POST', credentials: 'include', body: '{"page":"/cookie"}' }),
      address,
    )
    expect(await context.cookies()).toEqual([])
    await context.close()
  })
})
