import type { Settings } from '../../src/settings.ts'
import { redisStore } from '../../src/store/redis/redis-store.ts'
import { sqlStore } from '../../src/store/sql/sql-store.ts'
import type { Store } from '../../src/store/store.ts'
import { ioredis } from './ioredis.ts'
import { sqlite } from './sqlite.ts'
import { upstash } from './upstash.ts'

/** The store that the settings name; without any, SQLite in the data folder. */
export function openStore({ redisUrl, upstash: upstashSettings, data }: Settings): Store {
  if (redisUrl !== undefined) return redisStore(ioredis(redisUrl))
  if (upstashSettings !== undefined) return redisStore(upstash(upstashSettings))
  return sqlStore(sqlite(data), () => new Promise((resolve) => setImmediate(resolve)))
}
