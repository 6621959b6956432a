import { Redis } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'
import { ioredis } from '../../adapters/store/ioredis.ts'
import { journalCollection } from '../../src/store/journal-collection.ts'
import { redisStore } from '../../src/store/redis/redis-store.ts'
import { definition, event, freshName } from '../support/event.ts'
import { journalOptions } from '../support/journal.ts'
import { startNode } from '../support/server.ts'
import { startNetwork } from './network.ts'
import { expectOutageIsSurvived } from './outage.ts'
import { OUTAGES_MS, redisOutages, startDurableRedis } from './redis-outages.ts'
import { figure, isLong } from './scale.ts'

describe.concurrent('Redis goes away and comes back', () => {
  for (const [fault, outageOf] of Object.entries(redisOutages)) {
    for (const ms of OUTAGES_MS) {
      test(`${fault}, ${ms} ms`, { timeout: 60_000 }, async ({ onTestFinished }) => {
        const redis = await startDurableRedis()
        const network = await startNetwork(redis.port)
        const server = await startNode({ REDIS_URL: `redis://127.0.0.1:${network.port}` })
        const remote = { redis, network }
        onTestFinished(async () => {
          await server.stop()
          await network.stop()
          await remote.redis.stop()
        })
        await expectOutageIsSurvived(`Redis, ${fault} for ${ms} ms`, server.url, outageOf(remote), ms)
      })
    }
  }
})

test('a command whose reply is lost is not sent again', async () => {
  const network = await startNetwork(Number(new URL(inject('redisUrl')).port))
  const [port, direct] = [ioredis(`redis://127.0.0.1:${network.port}`), new Redis(inject('redisUrl'))]
  const key = freshName('list')
  await port.send(['RPUSH', key, 'a'])
  network.become('lost reply')
  await expect(port.send(['RPUSH', key, 'b'])).rejects.toThrow()
  network.become(undefined)
  await expect.poll(() => port.send(['LLEN', key]).catch(() => 0), { timeout: 5000 }).toBe(2)
  expect(await direct.lrange(key, 0, -1)).toEqual(['a', 'b'])
  direct.disconnect()
  await port.close()
  await network.stop()
})

test('a long journal is read in replies of a few MB', async () => {
  const replies: number[] = []
  const port = ioredis(inject('redisUrl'))
  const store = redisStore({
    ...port,
    async send(command) {
      const reply = await port.send(command)
      replies.push(JSON.stringify(reply).length)
      return reply
    },
  })
  const own = definition()
  const open = () => journalCollection(own, { ...journalOptions(store), store })
  const events = isLong ? 300_000 : 50_000
  const text = 'x'.repeat(600)
  for (let sent = 0; sent < events; sent += 10_000)
    await open().add(Array.from({ length: 10_000 }, () => event({ title: text, time: Date.now() })))
  const start = performance.now()
  expect(await open().count()).toBe(events)
  expect(Math.max(...replies)).toBeLessThan(6_000_000)
  figure('Redis, a journal that nobody has read', {
    events,
    'counted in ms': Math.round(performance.now() - start),
  })
  await open().clear()
  await store.close()
})
