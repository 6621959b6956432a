import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, test, vi } from 'vitest'
import { type Folder, freePort, temporaryFolder } from '../support/child.ts'
import { readOpenMetrics } from '../support/openmetrics.ts'
import { ADMIN_KEY } from '../support/server.ts'
import { expectExact } from './audit.ts'
import { figure, isLong } from './scale.ts'
import { newAccount, sendTraffic } from './traffic.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const script = `${root}node_modules/pm2/bin/pm2`
const RELOADS = isLong ? 10 : 1
const PER_SECOND = 1000

/** One of PM2's processes. */
interface Process {
  readonly pid: number
  readonly pm2_env: { readonly status: string; readonly exec_mode: string }
}

/** PM2 with a home of its own: its daemon ends with `kill`, which only knows that home. */
function pm2In(home: Folder, settings: NodeJS.ProcessEnv) {
  const env = { ...process.env, PM2_HOME: home.path, PM2_DISCRETE_MODE: 'true', ...settings }
  const run = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [script, ...args], { cwd: root, env })).stdout
  return { run, list: async () => JSON.parse(await run('jlist')) as readonly Process[] }
}

/** Two processes as our ecosystem file says; `work` is done while they run. */
async function withPm2(
  settings: NodeJS.ProcessEnv,
  work: (pm2: ReturnType<typeof pm2In>, url: string) => Promise<void>,
): Promise<void> {
  const [home, data, port] = [await temporaryFolder(), await temporaryFolder(), await freePort()]
  const pm2 = pm2In(home, {
    ...{
      PORT: String(port),
      HOST: '127.0.0.1',
      SKERRY_DATA: data.path,
      SKERRY_KEY: ADMIN_KEY,
      REDIS_URL: '',
    },
    ...settings,
  })
  try {
    await pm2.run('start', 'ecosystem.config.cjs')
    await work(pm2, `http://127.0.0.1:${port}`)
  } finally {
    const daemon = Number(readFileSync(`${home.path}/pm2.pid`, 'utf8'))
    await pm2.run('kill')
    await waitFor(() => expect(isAlive(daemon)).toBe(false), 10_000)
    await home.remove()
    await data.remove()
  }
}

/** As `expect.poll`, which knows no test once another one that runs beside it has ended. */
function waitFor(check: () => unknown, timeout: number): Promise<unknown> {
  return vi.waitFor(check, { timeout, interval: 200 })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Expects that all that is sent while something is done is acknowledged and counted once. */
async function expectNoneFails(what: string, url: string, work: () => Promise<unknown>): Promise<void> {
  const account = newAccount()
  const ending = new AbortController()
  const sending = sendTraffic(url, account, { connections: 64, perSecond: PER_SECOND, until: ending.signal })
  await new Promise((resolve) => setTimeout(resolve, 500))
  const start = performance.now()
  await work()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const seconds = (performance.now() - start) / 1000
  ending.abort()
  await sending
  expect([...account.answers.keys()]).toEqual([201])
  await expectExact(url, account)
  // Those that went handed on what they had counted, those that are there do so every 15 s.
  await waitFor(async () => expect(await acceptedBeacons(url)).toBe(account.answers.get(201)), 20_000)
  const perSecond = Math.round(account.made / (seconds + 0.5))
  figure(what, { sent: account.made, 'a second': perSecond, seconds: seconds.toFixed(1), failed: 0, lost: 0 })
}

/** What the metrics tell of beacons, whichever process is asked. */
async function acceptedBeacons(url: string): Promise<number> {
  const text = await (
    await fetch(`${url}/metrics`, { headers: { Authorization: `Key ${ADMIN_KEY}` } })
  ).text()
  const all = [...readOpenMetrics(text)].filter(([name]) =>
    /^skerry_beacons_total\{.*"accepted"\}$/.test(name),
  )
  return all.reduce((sum, [, value]) => sum + value, 0)
}

const stores = { SQLite: () => ({}), Redis: () => ({ REDIS_URL: `${inject('redisUrl')}/16` }) }

describe.concurrent.each(Object.entries(stores))('PM2, two processes on one %s', (store, settings) => {
  test('a reload and a SIGTERM under load fail no request', { timeout: 120_000 + RELOADS * 20_000 }, () =>
    withPm2(settings(), async (pm2, url) => {
      const before = await pm2.list()
      expect(before.map(({ pm2_env: { status, exec_mode } }) => [status, exec_mode])).toEqual([
        ['online', 'cluster_mode'],
        ['online', 'cluster_mode'],
      ])
      const [{ pid: one } = { pid: 0 }, { pid: other } = { pid: 0 }] = before
      await expectNoneFails(`pm2 reload and SIGTERM, ${store}`, url, async () => {
        for (let i = 0; i < RELOADS; i++) await pm2.run('reload', 'skerry')
        const [{ pid } = { pid: 0 }] = await pm2.list()
        process.kill(pid, 'SIGTERM')
        await waitFor(() => expect(isAlive(pid)).toBe(false), 10_000)
      })
      expect([isAlive(one), isAlive(other)]).toEqual([false, false])
    }),
  )
})
