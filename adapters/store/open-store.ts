import type { Settings } from '../../src/settings.ts'
import type { RedisPort } from '../../src/store/redis/port.ts'
import type { Store } from '../../src/store/store.ts'

/** The store that the settings name; without any, SQLite in the data folder. Only its driver is loaded. */
export async function openStore({ redisUrl, upstash, data }: Settings): Promise<Store> {
  if (redisUrl !== undefined) return openRedis(async () => (await import('./ioredis.ts')).ioredis(redisUrl))
  if (upstash !== undefined) return openRedis(async () => (await import('./upstash.ts')).upstash(upstash))
  const [{ sqlite }, { sqlStore }] = await Promise.all([
    import('./sqlite.ts'),
    import('../../src/store/sql/sql-store.ts'),
  ])
  return sqlStore(sqlite(data), () => new Promise((resolve) => setImmediate(resolve)))
}

async function openRedis(connect: () => Promise<RedisPort>): Promise<Store> {
  const { redisStore } = await import('../../src/store/redis/redis-store.ts')
  return redisStore(await connect())
}
