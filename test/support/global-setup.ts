import type { TestProject } from 'vitest/node'
import { startRedis } from './redis-server.ts'
import { startGateway } from './upstash-gateway.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string
    upstash: { url: string; token: string }
  }
}

/** One real redis-server and one gateway in front of it for all suites; each uses names of its own. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis()
  const gateway = await startGateway(redis.url)
  provide('redisUrl', redis.url)
  provide('upstash', { url: gateway.url, token: gateway.token })
  return async () => {
    await gateway.stop()
    await redis.stop()
  }
}
