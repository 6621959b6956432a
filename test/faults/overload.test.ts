import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import { ADMIN_KEY, type Server, startNode } from '../support/server.ts'
import { deployedMemory } from './deployed.ts'
import type { OpenLoopResult } from './open-loop.ts'
import { figure, isLong } from './scale.ts'
import { exportOf, newAccount, sendTraffic } from './traffic.ts'

const SECONDS = isLong ? 30 : 3
/** Of what the server can take. */
const TIMES = 10
/** Events that a request brings: so many that to take one costs far more than to turn one away. */
const EVENTS = 400
const CONNECTIONS = 64
const MB = 1_048_576

const sender = fileURLToPath(new URL('./open-loop.ts', import.meta.url))

function rssOf({ child }: Server): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.process.pid}/status`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1024) / MB
}

/** Requests a second that are taken when each connection waits for its answer. */
async function capacityOf({ url }: Server): Promise<number> {
  const seconds = isLong ? 10 : 2
  const account = newAccount()
  const beacon = (n: number): { ids: readonly string[]; body: string } => {
    const ids = Array.from({ length: EVENTS }, (_, i) => `c${n}.${i}`)
    return { ids, body: JSON.stringify(ids.map((id, i) => ({ id, page: `/page${(n + i) % 50}` }))) }
  }
  await sendTraffic(url, account, {
    connections: CONNECTIONS,
    until: AbortSignal.timeout(1000 * seconds),
    beacon,
  })
  return (account.answers.get(201) ?? 0) / seconds
}

async function overload({ url }: Server, perSecond: number): Promise<OpenLoopResult> {
  const args = [sender, new URL(url).port, `Key ${ADMIN_KEY}`, String(perSecond), String(SECONDS)]
  const options = { maxBuffer: 1e9 }
  const { stdout } = await promisify(execFile)(process.execPath, [...args, String(EVENTS)], options)
  return JSON.parse(stdout) as OpenLoopResult
}

describe('more than a server can take', () => {
  for (const [store, env] of [
    ['SQLite', () => ({})],
    ['Redis', () => ({ REDIS_URL: `${inject('redisUrl')}/17` })],
  ] as const) {
    test(`is turned away, and what is taken is taken soon: ${store}`, {
      timeout: 1000 * SECONDS + 60_000,
    }, async ({ onTestFinished }) => {
      const server = await startNode({ ...deployedMemory(), ...env() })
      onTestFinished(() => server.stop())
      const capacity = await capacityOf(server)
      const before = rssOf(server)
      let most = before
      const watch = setInterval(() => {
        most = Math.max(most, rssOf(server))
      }, 100)
      const { answers, acknowledged, due, p99, max, refusedP99 } = await overload(server, TIMES * capacity)
      clearInterval(watch)
      figure(`${TIMES} x overload, ${store}`, {
        ...{ 'requests a second': (TIMES * capacity).toFixed(0), sent: due, ...answers, 'p99 ms': p99 },
        ...{ 'longest ms': max, 'refused p99 ms': refusedP99, 'memory MB': `+${(most - before).toFixed(0)}` },
      })
      expect(Object.keys(answers).sort()).toEqual(['201', '503'])
      const stored = new Set((await exportOf(server.url)).map(({ id }) => id))
      const lost = acknowledged.filter((n) => !stored.has(`o${n}.0`) || !stored.has(`o${n}.${EVENTS - 1}`))
      expect(lost, 'acknowledged and lost').toEqual([])
      if (!isLong) return
      expect(p99).toBeLessThanOrEqual(500)
      expect(most - before).toBeLessThanOrEqual(100)
    })
  }
})
