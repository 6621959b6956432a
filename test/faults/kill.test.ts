import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/child.ts'
import { seeded } from '../support/kills.ts'
import { startRedis } from '../support/redis-server.ts'
import { startNode } from '../support/server.ts'
import { expectExact, expectIntact } from './audit.ts'
import { figure, isLong } from './scale.ts'
import { type Account, newAccount, sendTraffic } from './traffic.ts'

const KILLS = isLong ? 100 : 10
const CONNECTIONS = 64
const SEED = Number(process.env.SEED ?? 1)

/** What all the kills came to. */
interface Toll {
  unknown: number
  storedUnknown: number
}

/** Starts the server again and again, kills it at a random moment under load, and looks at what it left. */
async function killAgainAndAgain(env: NodeJS.ProcessEnv, check: () => void): Promise<[Account, Toll]> {
  const account = newAccount()
  const toll = { unknown: 0, storedUnknown: 0 }
  const random = seeded(SEED)
  for (let kills = 0; ; kills++) {
    const server = await startNode(env)
    try {
      toll.unknown += account.unknown.flatMap(({ ids }) => ids).length
      toll.storedUnknown += (await expectExact(server.url, account)).storedUnknown
      check()
      if (kills === KILLS) return [account, toll]
      const endless = new AbortController().signal
      const sending = sendTraffic(server.url, account, { connections: CONNECTIONS, until: endless })
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * 380))
      server.child.signal('SIGKILL')
      await sending
    } finally {
      await server.stop()
    }
  }
}

function tell(store: string, { acknowledged }: Account, { unknown, storedUnknown }: Toll): void {
  figure(`kill -9 of the server, ${store}`, {
    kills: KILLS,
    acknowledged: acknowledged.size - unknown,
    lost: 0,
    unknown,
    'of these stored': storedUnknown,
    doubled: 0,
  })
}

describe.concurrent('a server killed under load loses nothing it acknowledged, and retries count once', () => {
  test('SQLite', { timeout: 5000 * KILLS }, async ({ onTestFinished }) => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder.remove())
    const outcome = await killAgainAndAgain({ SKERRY_DATA: folder.path }, () => expectIntact(folder.path))
    expect(outcome[1].unknown).toBeGreaterThan(KILLS)
    tell('SQLite', ...outcome)
  })

  test('Redis', { timeout: 5000 * KILLS }, async ({ onTestFinished }) => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const outcome = await killAgainAndAgain({ REDIS_URL: redis.url }, () => {})
    expect(outcome[1].unknown).toBeGreaterThan(KILLS)
    tell('Redis', ...outcome)
  })
})
