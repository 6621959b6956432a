import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startRedis } from './redis-server.ts'
import { startGateway } from './upstash-gateway.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string
    upstash: { url: string; token: string }
  }
}

/**
 * One real redis-server and one gateway in front of it for all suites; each uses names of its own. What browsers and
 * wrangler leave in the temporary folder goes with the one they are given here.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-tests-'))
  process.env.TMPDIR = folder
  const redis = await startRedis()
  const gateway = await startGateway(redis.url)
  provide('redisUrl', redis.url)
  provide('upstash', { url: gateway.url, token: gateway.token })
  return async () => {
    await gateway.stop()
    await redis.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
