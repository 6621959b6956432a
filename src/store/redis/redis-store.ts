import type { Durability } from '../../durability.ts'
import { unavailable } from '../../errors.ts'
import type { Append, Store, Tail } from '../store.ts'
import type { RedisPort, RedisReply } from './port.ts'

/** Scripts are constants and get their keys in KEYS: nothing a client sends is ever part of one. */
const TAIL = `return {redis.call('GET', KEYS[1]), redis.call('LRANGE', KEYS[2], ARGV[1], ARGV[2])}`

const CLEAR = `redis.call('INCR', KEYS[1]) return redis.call('DEL', KEYS[2])`

/** ARGV: name, 'absent' or 'is', before, 'remove' or 'set', after. */
const REPLACE = `
local now = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[2] == 'absent' then if now then return 0 end
elseif now ~= ARGV[3] then return 0 end
if ARGV[4] == 'remove' then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], ARGV[5]) end
return 1`

/** Braces make a hash tag: all keys of a collection live in one slot of a Cluster. */
const journalKey = (collection: string): string => `skerry:{${collection}}:journal`
const epochKey = (collection: string): string => `skerry:{${collection}}:epoch`
const documentsKey = (kind: string): string => `skerry:documents:${kind}`

/** Keeps everything in a Redis, whoever speaks to it. Appending a beacon is one command. */
export function redisStore(redis: RedisPort): Store {
  async function send(...command: Parameters<RedisPort['send']>[0]): Promise<RedisReply> {
    try {
      return await redis.send(command)
    } catch (error) {
      throw unavailable(error)
    }
  }

  async function appendOne({ collection, entries }: Append): Promise<void> {
    await send('RPUSH', journalKey(collection), ...entries)
  }

  return {
    atom: 'collection',
    async append(appends: readonly Append[]): Promise<void> {
      await Promise.all(appends.map(appendOne))
    },
    async tail(collection, after, limit): Promise<Tail> {
      const keys = [epochKey(collection), journalKey(collection)]
      const reply = await send('EVAL', TAIL, 2, ...keys, after, after + limit - 1)
      const [epoch, found] = reply as readonly [string | null, readonly string[]]
      return { epoch: Number(epoch ?? 0), entries: found, position: after + found.length }
    },
    async clear(collection): Promise<void> {
      await send('EVAL', CLEAR, 2, epochKey(collection), journalKey(collection))
    },
    async documents(kind): Promise<ReadonlyMap<string, string>> {
      const flat = (await send('HGETALL', documentsKey(kind))) as readonly string[]
      return new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])))
    },
    async replace(kind, name, before, after): Promise<boolean> {
      const was = before === null ? (['absent', ''] as const) : (['is', before] as const)
      const becomes = after === null ? (['remove', ''] as const) : (['set', after] as const)
      return (await send('EVAL', REPLACE, 1, documentsKey(kind), name, ...was, ...becomes)) === 1
    },
    durability: () => durabilityOf(redis),
    close: () => redis.close(),
  }
}

/**
 * What the server's settings promise. Where they may not be read (a hosted Redis, an ACL) the
 * host's own documents hold, which for Upstash say that every write is also on disk.
 */
async function durabilityOf(redis: RedisPort): Promise<Durability> {
  const [appendonly, appendfsync] = await Promise.all(
    ['appendonly', 'appendfsync'].map((name) => setting(redis, name)),
  )
  if (appendonly === undefined) {
    await redis.send(['PING']).catch((error: unknown) => Promise.reject(unavailable(error)))
    return 'always'
  }
  if (appendonly !== 'yes' || appendfsync === 'no') return 'memory'
  return appendfsync === 'always' ? 'always' : 'everysec'
}

async function setting(redis: RedisPort, name: string): Promise<string | undefined> {
  const reply = await redis.send(['CONFIG', 'GET', name]).catch(() => null)
  return Array.isArray(reply) ? (reply[1] as string | undefined) : undefined
}
