import type { Durability } from '../../durability.ts'
import { unavailable } from '../../errors.ts'
import type { Append, Store, Tail, Wanted } from '../store.ts'
import { fromBase64, toBase64 } from './base64.ts'
import type { RedisCommand, RedisPort, RedisReply } from './port.ts'

/** Scripts are constants and get their keys in KEYS: nothing a client sends is ever part of one. */

/** Bytes of entries that one reply brings, a single larger entry apart: a longer reply may not come in time. */
const PAGE_BYTES = 4_000_000

/**
 * KEYS: state, journal. ARGV: after, limit, known version. Looks at a few entries first and at more and more while
 * they are small, so that what is copied here is in proportion to what is sent.
 */
const TAIL = `
local s = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'base')
local base = tonumber(s[3] or '0')
local from = math.max(tonumber(ARGV[1]) - base, 0)
local manifest = false
if s[2] and s[2] ~= ARGV[3] then manifest = redis.call('HGET', KEYS[1], 'manifest') end
local entries, bytes, limit, step = {}, 0, tonumber(ARGV[2]), 16
local function tail(more) return {s[1] or '0', s[2] or '0', s[3] or '0', manifest, entries, more} end
while #entries < limit do
  local first = from + #entries
  step = math.min(2 * step, limit - #entries)
  local some = redis.call('LRANGE', KEYS[2], first, first + step - 1)
  for i = 1, #some do
    bytes = bytes + #some[i]
    if #entries > 0 and bytes > ${PAGE_BYTES} then return tail(1) end
    entries[#entries + 1] = some[i]
  end
  if #some < step then return tail(0) end
end
return tail(1)`

/** KEYS: state, journal, live, pending, doomed. Gives the segments whose parts are to be removed. */
const CLEAR = `
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HDEL', KEYS[1], 'base', 'manifest')
redis.call('DEL', KEYS[2])
redis.call('SUNIONSTORE', KEYS[5], KEYS[3], KEYS[4], KEYS[5])
redis.call('DEL', KEYS[3], KEYS[4])
return redis.call('SMEMBERS', KEYS[5])`

/**
 * KEYS: state, journal, live, pending, doomed. ARGV: epoch, version, next version, position, manifest, number of
 * added, added and dropped segments. Gives the segments whose parts are to be removed: what was pending and is
 * not added now is doomed, since whoever put it cannot commit any more.
 */
const COMMIT = `
local s = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'base')
if (s[1] or '0') ~= ARGV[1] or (s[2] or '0') ~= ARGV[2] then return false end
local cut = tonumber(ARGV[4]) - tonumber(s[3] or '0')
if cut > 0 then redis.call('LTRIM', KEYS[2], cut, -1) end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'version', ARGV[3], 'base', ARGV[4], 'manifest', ARGV[5])
for i = 7, #ARGV do
  if i < 7 + tonumber(ARGV[6]) then
    redis.call('SMOVE', KEYS[4], KEYS[3], ARGV[i])
  else
    redis.call('SMOVE', KEYS[3], KEYS[5], ARGV[i])
  end
end
redis.call('SUNIONSTORE', KEYS[5], KEYS[4], KEYS[5])
redis.call('DEL', KEYS[4])
return redis.call('SMEMBERS', KEYS[5])`

/** KEYS: pending, then parts. ARGV: the segment, then their texts. Parts of a segment that is not pending any more would be nobody's. */
const PUT = `
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then return 0 end
local pairs = {}
for i = 2, #KEYS do
  pairs[#pairs + 1] = KEYS[i]
  pairs[#pairs + 1] = ARGV[i]
end
redis.call('MSET', unpack(pairs))
return 1`

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
const stateKey = (collection: string): string => `skerry:{${collection}}:sealed`
/** Segments that count, that do not yet, and that are to be removed. */
const liveKey = (collection: string): string => `skerry:{${collection}}:live`
const pendingKey = (collection: string): string => `skerry:{${collection}}:pending`
const doomedKey = (collection: string): string => `skerry:{${collection}}:doomed`
const partKey = (collection: string, segment: string, name: string): string =>
  `skerry:{${collection}}:part:${segment}:${name}`
/** The part that names all parts of its segment, so that they can be removed. */
const NAMES = 'names'

/** Characters of one MSET: hosted Redis takes 10 MB a request. */
const REQUEST_LIMIT = 4_000_000

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

  /** Keys that seals and clears work on. */
  function sealKeys(collection: string): readonly string[] {
    return [stateKey, journalKey, liveKey, pendingKey, doomedKey].map((key) => key(collection))
  }

  /** Removes segments that nothing names. Whoever dies in the midst of it leaves them to the next. */
  async function sweep(collection: string, segments: readonly string[]): Promise<void> {
    if (segments.length === 0) return
    const lists = (await send('MGET', ...segments.map((segment) => partKey(collection, segment, NAMES)))) as (
      | string
      | null
    )[]
    const keys = segments.flatMap((segment, i) =>
      [NAMES, ...(JSON.parse(lists[i] ?? '[]') as string[])].map((name) =>
        partKey(collection, segment, name),
      ),
    )
    await send('DEL', ...keys)
    await send('SREM', doomedKey(collection), ...segments)
  }

  return {
    atom: 'collection',
    async append(appends: readonly Append[]): Promise<void> {
      await Promise.all(appends.map(appendOne))
    },
    async tail(collection, after, limit, known = 0): Promise<Tail> {
      const keys = [stateKey(collection), journalKey(collection)]
      const reply = await send('EVAL', TAIL, 2, ...keys, after, limit, known)
      const [epoch, version, base, manifest, entries, more] = reply as TailReply
      return {
        epoch: Number(epoch),
        version: Number(version),
        base: Number(base),
        manifest: manifest ?? undefined,
        entries,
        position: Math.max(after, Number(base)) + entries.length,
        hasMore: more === 1,
      }
    },
    async clear(collection): Promise<void> {
      const unnamed = await send('EVAL', CLEAR, 5, ...sealKeys(collection))
      await sweep(collection, unnamed as readonly string[])
    },
    async put(collection, segment, parts): Promise<void> {
      await send('SADD', pendingKey(collection), segment)
      const texts = [[NAMES, JSON.stringify([...parts.keys()])] as const, ...[...parts].map(toText)]
      for (const batch of batches(texts)) {
        const keys = [pendingKey(collection), ...batch.map(([name]) => partKey(collection, segment, name))]
        const values = [segment, ...batch.map(([, text]) => text)]
        await send('EVAL', PUT, keys.length, ...keys, ...values)
      }
    },
    async parts(
      collection,
      wanted: readonly Wanted[],
    ): Promise<ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>> {
      const all = wanted.flatMap(({ segment, names }) => names.map((name) => [segment, name] as const))
      const found = new Map<string, Map<string, Uint8Array>>(
        wanted.map(({ segment }) => [segment, new Map()]),
      )
      if (all.length === 0) return found
      const texts = await send('MGET', ...all.map(([segment, name]) => partKey(collection, segment, name)))
      for (const [i, text] of (texts as readonly (string | null)[]).entries()) {
        const [segment = '', name = ''] = all[i] ?? []
        if (text !== null) found.get(segment)?.set(name, fromBase64(text))
      }
      return found
    },
    async commit(collection, seal): Promise<boolean> {
      const { epoch, version, manifest, position, added, dropped } = seal
      const values = [epoch, version, version + 1, position, manifest, added.length, ...added, ...dropped]
      const unnamed = await send('EVAL', COMMIT, 5, ...sealKeys(collection), ...values)
      if (unnamed === null) return false
      await sweep(collection, unnamed as readonly string[])
      return true
    },
    async remove(collection, segment, names): Promise<void> {
      if (names.length > 0) await send('DEL', ...names.map((name) => partKey(collection, segment, name)))
    },
    async sweep(collection): Promise<void> {
      await sweep(collection, (await send('SMEMBERS', doomedKey(collection))) as readonly string[])
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
    /** The append-only file is written anew. A hosted Redis lets nobody see to that; snapshots are replaced in time. */
    async scrub(): Promise<void> {
      if (!(await settings(redis, 'appendonly')).includes('yes')) return
      await each(redis, ['BGREWRITEAOF']).catch((error: unknown) => Promise.reject(unavailable(error)))
    },
    durability: () => durabilityOf(redis),
    close: () => redis.close(),
  }
}

type TailReply = readonly [
  epoch: string,
  version: string,
  base: string,
  manifest: string | null,
  entries: readonly string[],
  more: number,
]

function toText([name, bytes]: readonly [string, Uint8Array]): readonly [name: string, text: string] {
  return [name, toBase64(bytes)]
}

function batches(texts: readonly (readonly [name: string, text: string])[]): readonly (typeof texts)[] {
  const all: (readonly [string, string])[][] = []
  let size = Infinity
  for (const one of texts) {
    size += one[1].length
    if (size > REQUEST_LIMIT) {
      all.push([])
      size = one[1].length
    }
    all.at(-1)?.push(one)
  }
  return all
}

/**
 * What the settings promise, of several servers the least. Where they may not be read (a hosted Redis, an ACL) the
 * host's own documents hold, which for Upstash say that every write is also on disk.
 */
async function durabilityOf(redis: RedisPort): Promise<Durability> {
  const [appendonly = [], appendfsync = []] = await Promise.all(
    ['appendonly', 'appendfsync'].map((name) => settings(redis, name)),
  )
  if (appendonly.length === 0) {
    await each(redis, ['PING']).catch((error: unknown) => Promise.reject(unavailable(error)))
    return 'always'
  }
  if (appendonly.some((value) => value !== 'yes') || appendfsync.includes('no')) return 'memory'
  return appendfsync.every((value) => value === 'always') ? 'always' : 'everysec'
}

/** A setting of every server; none where it may not be read. */
async function settings(redis: RedisPort, name: string): Promise<readonly string[]> {
  const replies = await each(redis, ['CONFIG', 'GET', name]).catch(() => [])
  return replies.flatMap((reply) => (Array.isArray(reply) ? [String(reply[1])] : []))
}

/** What every server says. */
async function each(redis: RedisPort, command: RedisCommand): Promise<readonly RedisReply[]> {
  return redis.each ? redis.each(command) : [await redis.send(command)]
}
