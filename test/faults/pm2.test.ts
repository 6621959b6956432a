import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import { type Folder, freePort, temporaryFolder } from '../support/child.ts'
import { ADMIN_KEY } from '../support/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** PM2 with a home of its own: its daemon ends with `kill`, which only knows that home. */
function pm2In(home: Folder, settings: NodeJS.ProcessEnv) {
  const script = `${root}node_modules/pm2/bin/pm2`
  const env = { ...process.env, PM2_HOME: home.path, PM2_DISCRETE_MODE: 'true', ...settings }
  return {
    run: (...args: readonly string[]): string =>
      execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', cwd: root, env, stdio: 'pipe' }),
    /** Leaves this process free to do something else until the command has ended. */
    meanwhile: (...args: readonly string[]): Promise<unknown> =>
      promisify(execFile)(process.execPath, [script, ...args], { cwd: root, env }),
  }
}

async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`process ${pid} does not end`)
}

const stores = { SQLite: () => ({}), Redis: () => ({ REDIS_URL: `${inject('redisUrl')}/15` }) }

describe('PM2, two processes', () => {
  for (const [store, settings] of Object.entries(stores)) {
    test(`on one ${store} count every beacon once, and a reload fails none`, {
      timeout: 90_000,
    }, async () => {
      const [home, data] = [await temporaryFolder(), await temporaryFolder()]
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const pm2 = pm2In(home, {
        PORT: String(port),
        HOST: '127.0.0.1',
        SKERRY_DATA: data.path,
        SKERRY_KEY: ADMIN_KEY,
        REDIS_URL: '',
        ...settings(),
      })
      try {
        pm2.run('start', 'ecosystem.config.cjs')
        const list = JSON.parse(pm2.run('jlist')) as {
          pid: number
          pm2_env: { status: string; exec_mode: string }
        }[]
        expect(list.map(({ pm2_env: { status, exec_mode } }) => [status, exec_mode])).toEqual([
          ['online', 'cluster_mode'],
          ['online', 'cluster_mode'],
        ])
        let sent = 0
        let isLoading = true
        const failures: unknown[] = []
        const load = Array.from({ length: 16 }, async () => {
          while (isLoading) {
            const body = JSON.stringify({ id: `n${sent++}`, page: '/' })
            const response = await fetch(`${url}/pageviews`, { method: 'POST', headers, body }).catch(
              (error: unknown) => error,
            )
            if (!(response instanceof Response) || response.status !== 201) failures.push(response)
          }
        })
        await new Promise((resolve) => setTimeout(resolve, 500))
        await pm2.meanwhile('reload', 'skerry')
        isLoading = false
        await Promise.all(load)
        expect(failures).toEqual([])
        const response = await fetch(`${url}/pageviews/count`, { headers })
        expect(await response.json()).toEqual({ count: sent })
        expect(sent).toBeGreaterThan(100)
        const after = JSON.parse(pm2.run('jlist')) as { pid: number }[]
        expect(after.every(({ pid }) => !list.some((before) => before.pid === pid))).toBe(true)
      } finally {
        const daemon = Number(readFileSync(`${home.path}/pm2.pid`, 'utf8'))
        pm2.run('kill')
        await gone(daemon)
        await home.remove()
        await data.remove()
      }
    })
  }
})
