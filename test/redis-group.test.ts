import { afterAll, describe, expect, test } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { readRedisGroup } from '../src/redis-group.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { collectionContract } from './contract/collection.ts'
import { sealContract } from './contract/seal.ts'
import { storeContract } from './contract/store.ts'
import { figure } from './faults/scale.ts'
import { countOf, newAccount, sendAgain, sendTraffic, sentIds } from './faults/traffic.ts'
import { startCluster, startSentinel } from './support/redis-group.ts'
import { startNode } from './support/server.ts'
import { twoWays } from './support/two-ways.ts'

const groups = { 'a Redis Cluster': startCluster, 'a Redis Sentinel': startSentinel }

for (const [name, start] of Object.entries(groups)) {
  const group = await start()
  afterAll(() => group.stop())
  const store = redisStore(ioredis(group.url))
  storeContract(`ioredis, ${name}`, () => store)
  collectionContract(`ioredis, ${name}`, twoWays(store))
  sealContract(`ioredis, ${name}`, twoWays(store))

  test(`${name} promises what the least of its servers does`, async () => {
    expect(await store.durability()).toBe('everysec')
  })
}

/** Until a replica has taken its master's place, ms: a second until it is missed, then a vote. */
const FAILOVER_MS = 30_000

for (const [name, start] of Object.entries(groups)) {
  test(`${name} loses its master: refused until there is another, nothing lost or twice`, {
    timeout: 120_000,
  }, async ({ onTestFinished }) => {
    const group = await start()
    onTestFinished(() => group.stop())
    const server = await startNode({ REDIS_URL: group.url })
    onTestFinished(() => server.stop())
    const account = newAccount()
    let slowest = 0
    const send = (ms: number): Promise<void> =>
      sendTraffic(server.url, account, {
        connections: 8,
        until: AbortSignal.timeout(ms),
        seen: (_status, sent) => {
          slowest = Math.max(slowest, performance.now() - sent)
        },
      })
    await send(500)
    expect([...account.answers.keys()]).toEqual([201])
    await expect.poll(group.isReplicated, { timeout: 10_000 }).toBe(true)
    const before = account.acknowledged.size
    const master = await group.masterOf('pageviews')
    const killed = performance.now()
    master.child.signal('SIGKILL')
    await send(1000)
    expect(account.answers.get(503)).toBeGreaterThan(0)
    for (const end = performance.now() + FAILOVER_MS; account.unknown.length > 0; ) {
      if (performance.now() > end) break
      await sendAgain(server.url, account)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const took = Math.round(performance.now() - killed)
    figure(`${name} loses its master`, {
      'taken again after ms': took,
      'slowest answer ms': Math.round(slowest),
    })
    expect(account.unknown).toEqual([])
    expect(account.acknowledged.size).toBeGreaterThan(before)
    expect(await countOf(server.url)).toBe(sentIds(account).size)
    expect(slowest).toBeLessThan(3000)
  })
}

test('a Redis Cluster of which a master does not answer promises nothing', { timeout: 60_000 }, async ({
  onTestFinished,
}) => {
  const group = await startCluster()
  const store = redisStore(ioredis(group.url))
  const master = await group.masterOf('pageviews')
  onTestFinished(async () => {
    master.child.signal('SIGCONT')
    await store.close()
    await group.stop()
  })
  expect(await store.durability()).toBe('everysec')
  master.child.signal('SIGSTOP')
  await expect(store.durability()).rejects.toMatchObject({ code: 'unavailable' })
})

describe('a URL of a group', () => {
  test('names its hosts, who asks, and the master', () => {
    expect(readRedisGroup('redis+cluster://a,b.test:7001,[::1]:7002')).toEqual({
      kind: 'cluster',
      hosts: [
        { host: 'a', port: 6379 },
        { host: 'b.test', port: 7001 },
        { host: '::1', port: 7002 },
      ],
      isEncrypted: false,
      username: undefined,
      password: undefined,
      master: undefined,
      database: 0,
    })
    expect(readRedisGroup('rediss+sentinel://me:s%40cret@a,b:7001/the-master/3')).toEqual({
      kind: 'sentinel',
      hosts: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 7001 },
      ],
      isEncrypted: true,
      username: 'me',
      password: 's@cret',
      master: 'the-master',
      database: 3,
    })
    expect(readRedisGroup('redis+sentinel://:secret@a/m')).toMatchObject({
      username: undefined,
      password: 'secret',
    })
  })

  test.each([
    'redis://a',
    'redis+other://a',
    'redis+cluster://',
    'redis+cluster://a,,b',
    'redis+cluster://a:99999',
    'redis+cluster://a/1',
    'redis+sentinel://a',
    'redis+sentinel://a/m/x',
    'redis+sentinel://a b/m',
  ])('%s is none', (url) => {
    expect(readRedisGroup(url)).toBeUndefined()
  })
})
