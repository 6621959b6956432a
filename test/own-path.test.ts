import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { experimental_readRawConfig } from 'wrangler'
import { type Child, type Folder, freePort, temporaryFolder } from './support/child.ts'
import { blockOf } from './support/docs.ts'
import { proxies } from './support/proxies.ts'
import { ADMIN_KEY, startNode, startWorker } from './support/server.ts'

const PAGE = 'docs/own-path.md'
const HOST = 'www.example.com'
const root = fileURLToPath(new URL('../', import.meta.url))

let folder: Folder
const started: Pick<Child, 'stop'>[] = []
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop()
  await folder.remove()
}, 30_000)

/** What the site's own host is reached by, and who prints the first write key. */
interface Site {
  readonly url: string
  readonly child: Child
}

async function startBehind(): Promise<{ upstream: string; child: Child }> {
  const server = await startNode({ TRUST_PROXY: '1' })
  started.push(server)
  return { upstream: new URL(server.url).host, child: server.child }
}

const sites: Readonly<Record<string, () => Promise<Site>>> = {
  async nginx() {
    const { upstream, child } = await startBehind()
    const port = await freePort()
    const server = blockOf(PAGE, 'nginx')
      .replace('listen 80', `listen 127.0.0.1:${port}`)
      .replace('127.0.0.1:4000', upstream)
    started.push(proxies.nginx(server, folder.path))
    return { url: `http://127.0.0.1:${port}`, child }
  },
  async caddy() {
    const { upstream, child } = await startBehind()
    const port = await freePort()
    const site = blockOf(PAGE, 'caddyfile')
      .replace(`http://${HOST}`, `http://${HOST}:${port}`)
      .replace('127.0.0.1:4000', upstream)
    started.push(proxies.caddy(site, folder.path))
    return { url: `http://127.0.0.1:${port}`, child }
  },
  async 'a Worker'() {
    const skerry = readFileSync(`${root}wrangler.toml`, 'utf8')
      .replace('adapters/runtime', `${root}adapters/runtime`)
      .replace('directory = "assets"', `directory = "${root}assets"`)
    const configs = [join(folder.path, 'path.toml'), join(folder.path, 'skerry.toml')] as const
    writeFileSync(join(folder.path, 'path.js'), blockOf(PAGE, 'js'))
    writeFileSync(configs[0], blockOf(PAGE, 'toml wrangler').replace(/^routes.*\n/m, ''))
    writeFileSync(configs[1], `${skerry}\n[vars]\nSKERRY_KEY = "${ADMIN_KEY}"\n`)
    const worker = await startWorker({}, configs[0], undefined, [configs[1]])
    started.push(worker)
    return { url: worker.url, child: worker.child }
  },
}

describe.each(Object.entries(sites))('a path of the site, by %s as the docs have it,', (name, startSite) => {
  test('leads to the collector; addresses come along, cookies and keys do not', {
    timeout: 90_000,
  }, async () => {
    const { url, child } = await startSite()
    const ask = (path: string, ...more: string[]): string =>
      execFileSync('curl', ['-s', '-H', `Host: ${HOST}`, ...more, `${url}${path}`], { encoding: 'utf8' })
    await expect
      .poll(() => spawnSync('curl', ['-sf', '-o', '/dev/null', url]).status, { timeout: 10_000 })
      .not.toBe(7)

    expect(ask('/t/s.js')).toBe(readFileSync(`${root}assets/s.js`, 'utf8'))
    expect(ask('/t/optout')).toContain('src="optout.js"')
    const forged = ['-H', 'X-Forwarded-For: 203.0.113.9', '-H', 'X-Real-IP: 203.0.113.9']
    const { address, by } = JSON.parse(ask('/t/api/whoami', ...forged))
    expect(address).toMatch(/^(?:127\.0\.0\.1|::1)$/)
    expect(by).toBe(name === 'a Worker' ? 'cf-connecting-ip' : 'x-forwarded-for')

    // An admin's key is not passed on, whether in a header or as a session.
    expect(ask('/t/api/collections', '-H', `Authorization: Key ${ADMIN_KEY}`)).toContain('"status":401')
    const signIn = ['-d', `do=sign-in&key=${ADMIN_KEY}`, '-D', '-', '-o', '/dev/null']
    expect(ask('/t/', ...signIn, '-H', 'Sec-Fetch-Site: same-origin')).not.toMatch(/^set-cookie/im)

    const [key] = await child.until(/skw_[\w-]+/)
    const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
    const body = JSON.stringify([{ page: `http://${HOST}/hello` }])
    const beacon = ['-A', agent, '-H', 'Cookie: session=private', '-d', body, '-w', '%{http_code}']
    expect(ask(`/t/pageviews?key=${key}`, ...beacon)).toMatch(/"accepted":1.*201$/)
  })
})

test('what Vercel and Netlify read is what they can read', () => {
  const { rewrites } = JSON.parse(blockOf(PAGE, 'json'))
  expect(rewrites).toEqual([{ source: '/t/:path*', destination: 'https://collect.example.com/:path*' }])
  const file = join(folder.path, 'netlify.toml')
  writeFileSync(file, blockOf(PAGE, 'toml netlify'))
  const redirect = { from: '/t/*', to: 'https://collect.example.com/:splat', status: 200, force: true }
  expect(experimental_readRawConfig({ config: file }).rawConfig).toEqual({ redirects: [redirect] })
})
