import { describe, test } from 'vitest'
import { startNode } from '../support/server.ts'
import { startGateway } from '../support/upstash-gateway.ts'
import { startNetwork } from './network.ts'
import { expectOutageIsSurvived } from './outage.ts'
import { OUTAGES_MS, redisOutages, startDurableRedis } from './redis-outages.ts'
import { isLong } from './scale.ts'
import { newAccount } from './traffic.ts'
import { startWorkerd } from './workerd.ts'

const outages = Object.entries(redisOutages).filter(
  ([fault]) => isLong || ['lost reply', 'black hole', 'SIGKILL and start'].includes(fault),
)
const servers = {
  'Node, @upstash/redis': startNode,
  'workerd, fetch': (vars: Readonly<Record<string, string>>) =>
    startWorkerd('adapters/runtime/cloudflare.ts', vars),
}

describe.concurrent('Upstash (our gateway before a redis-server) goes away and comes back', () => {
  for (const [name, start] of Object.entries(servers)) {
    test(name, { timeout: 60_000 + OUTAGES_MS.length * 120_000 }, async ({ onTestFinished }) => {
      const redis = await startDurableRedis()
      const gateway = await startGateway(redis.url)
      const network = await startNetwork(Number(new URL(gateway.url).port))
      const server = await start({
        UPSTASH_REDIS_REST_URL: `http://127.0.0.1:${network.port}`,
        UPSTASH_REDIS_REST_TOKEN: gateway.token,
      })
      const remote = { redis, network }
      onTestFinished(async () => {
        await server.stop()
        await network.stop()
        await gateway.stop()
        await remote.redis.stop()
      })
      const account = newAccount()
      for (const [fault, outageOf] of outages) {
        for (const ms of OUTAGES_MS) {
          const title = `Upstash by ${name}, ${fault} for ${ms} ms`
          await expectOutageIsSurvived(title, server.url, outageOf(remote), ms, account)
        }
      }
    })
  }
})
