import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Child, type Folder, freePort, startChild, temporaryFolder } from './support/child.ts'
import { commandOf } from './support/debian-package.ts'
import { followDockerfile } from './support/dockerfile.ts'
import { blockOf } from './support/docs.ts'
import { proxies } from './support/proxies.ts'
import { ADMIN_KEY, startNode } from './support/server.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const headers = { Authorization: `Key ${ADMIN_KEY}` }
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

let folder: Folder
const started: Pick<Child, 'stop'>[] = []
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop()
  await folder.remove()
})

function start(command: string, args: readonly string[], settings: NodeJS.ProcessEnv = {}): Child {
  const child = startChild(command, args, settings)
  started.push(child)
  return child
}

describe('the unit for systemd', () => {
  test('is one, and keeps the process to itself', () => {
    const file = join(folder.path, 'skerry.service')
    writeFileSync(
      file,
      readFileSync(`${root}deploy/skerry.service`, 'utf8').replaceAll('/opt/skerry', root.slice(0, -1)),
    )
    const analyze = commandOf('systemd-analyze', 'systemd')
    const verified = spawnSync(analyze, ['verify', '--man=no', file], { encoding: 'utf8' })
    expect([verified.status, verified.stderr]).toEqual([0, ''])
    const report = execFileSync(analyze, ['security', '--offline=yes', '--no-pager', file], {
      encoding: 'utf8',
    })
    const [, exposure] = /Overall exposure level for skerry\.service: ([\d.]+)/.exec(report) ?? []
    expect(Number(exposure)).toBeLessThanOrEqual(1.5)
  })
})

describe('the Dockerfile', () => {
  test('makes what its command runs, healthy while it is ready', { timeout: 280_000 }, async () => {
    const context = join(folder.path, 'context')
    const wanted = readFileSync(`${root}.dockerignore`, 'utf8').match(/(?<=^!).+$/gm) ?? []
    for (const name of wanted) cpSync(root + name, join(context, name), { recursive: true })
    const image = followDockerfile(`${root}Dockerfile`, context, folder.path, {
      ...env,
      npm_config_prefer_offline: 'true',
    })
    expect(image.user).toBe('node')
    expect(readdirSync(image.workdir).sort()).toEqual(['bin', 'dist', 'node_modules', 'package.json'])
    expect(existsSync(join(image.workdir, 'node_modules/typescript'))).toBe(false)

    const settings = {
      ...env,
      ...image.env,
      PORT: String(await freePort()),
      HOST: '127.0.0.1',
      SKERRY_KEY: ADMIN_KEY,
    }
    const [command = '', ...args] = image.command
    const isHealthy = (): boolean => {
      const [check = '', ...rest] = image.healthcheck
      return spawnSync(check, rest, { cwd: image.workdir, env: settings }).status === 0
    }
    expect(isHealthy()).toBe(false)
    const inPlace = ['-ec', 'cd "$1" && shift && exec "$@"', 'sh', image.workdir, command, ...args]
    const child = start('sh', inPlace, { ...settings, REDIS_URL: '' })
    const [, url = ''] = await child.until(/listens on (\S+)/)
    expect((await fetch(`${url}/pageviews`, { method: 'POST', headers, body: '{"page":"/"}' })).status).toBe(
      201,
    )
    expect(isHealthy()).toBe(true)
    expect(readdirSync(join(folder.path, '1/data'))).toContain('skerry.db')
    child.signal('SIGTERM')
    expect(await child.ended).toBe(0)
  })
})

describe('the Compose file', () => {
  test('has a Redis on whose word an event is on disk', async () => {
    const text = readFileSync(`${root}compose.yaml`, 'utf8')
    const [command = '', ...args] = JSON.parse(/^ +command: (\[.+\])$/m.exec(text)?.[1] ?? '[]') as string[]
    const port = String(await freePort())
    const redis = start(commandOf(command, 'redis-server'), [...args, '--port', port, '--dir', folder.path])
    await redis.until(/Ready to accept connections/)
    const server = await startNode({ REDIS_URL: `redis://127.0.0.1:${port}` })
    started.push(server)
    expect(await (await fetch(`${server.url}/health/ready`)).json()).toMatchObject({ durability: 'always' })
  })

  test('tells only what Skerry reads', () => {
    const text = readFileSync(`${root}compose.yaml`, 'utf8')
    const names = [...text.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name)
    const settings = readFileSync(`${root}src/settings.ts`, 'utf8')
    expect(names.length).toBeGreaterThan(2)
    for (const name of names) expect(settings).toContain(`'${name}'`)
  })
})

describe('the ecosystem file', () => {
  test('starts under a PM2 that stays in the foreground', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const home = join(folder.path, 'pm2')
    start(
      process.execPath,
      [`${root}node_modules/pm2/bin/pm2`, 'start', `${root}ecosystem.config.cjs`, '--no-daemon'],
      {
        ...{ ...env, PM2_HOME: home, PM2_DISCRETE_MODE: 'true', PORT: String(port), HOST: '127.0.0.1' },
        ...{ SKERRY_DATA: join(folder.path, 'data'), SKERRY_KEY: ADMIN_KEY, REDIS_URL: '' },
      },
    )
    const isLive = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/health/live`).then(
        ({ ok }) => ok,
        () => false,
      )
    await expect.poll(isLive, { timeout: 30_000, interval: 200 }).toBe(true)
  })
})

/** Starts a proxy by the configuration of a page, in front of a server: what it is reached by. */
const behind = {
  async nginx(page: string, upstream: string): Promise<string> {
    const port = await freePort()
    const server = blockOf(page, 'nginx')
      .replace('listen 80', `listen 127.0.0.1:${port}`)
      .replace('127.0.0.1:4000', upstream)
    started.push(proxies.nginx(server, folder.path))
    return `http://127.0.0.1:${port}`
  },
  async caddy(page: string, upstream: string): Promise<string> {
    const port = await freePort()
    const site = blockOf(page, 'caddyfile')
      .replace('http://collect.example.com', `http://collect.example.com:${port}`)
      .replace('127.0.0.1:4000', upstream)
    started.push(proxies.caddy(site, folder.path))
    return `http://127.0.0.1:${port}`
  },
}

describe.each(Object.entries(behind))('behind %s, as docs/deploy/proxy.md has it', (_name, startProxy) => {
  test('clients are told apart by an address that they cannot choose', async () => {
    const server = await startNode({ TRUST_PROXY: '1' })
    started.push(server)
    const url = await startProxy('docs/deploy/proxy.md', new URL(server.url).host)
    const ask = (path: string, more: readonly string[] = []): string =>
      execFileSync('curl', ['-s', '-H', 'Host: collect.example.com', ...more, `${url}${path}`], {
        encoding: 'utf8',
      })
    await expect
      .poll(() => spawnSync('curl', ['-sf', '-o', '/dev/null', url]).status, { timeout: 10_000 })
      .not.toBe(7)

    const whoami = JSON.parse(
      ask('/api/whoami', ['-H', 'X-Forwarded-For: 203.0.113.9', '-H', 'X-Real-IP: 203.0.113.9']),
    )
    expect(whoami).toMatchObject({ address: '127.0.0.1', by: 'x-forwarded-for' })
    const beacon = ['-H', `Authorization: Key ${ADMIN_KEY}`, '-d', '{"page":"/"}', '-w', '%{http_code}']
    expect(ask('/pageviews', beacon)).toBe('201')
    const large = join(folder.path, 'import.json')
    writeFileSync(
      large,
      JSON.stringify(Array.from({ length: 1000 }, () => ({ page: `/${'a'.repeat(2000)}` }))),
    )
    expect(ask('/pageviews', [...beacon.slice(0, 2), '-d', `@${large}`, '-w', '%{http_code}'])).toMatch(
      /201$/,
    )
    expect(JSON.parse(ask('/pageviews/count', beacon.slice(0, 2)))).toEqual({ count: 1001 })
  })
})
