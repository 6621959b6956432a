import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inflateRawSync } from 'node:zlib'
import type { Redis } from 'ioredis'
import type { Remain } from './traces.ts'

/** Every file in a folder and the folders in it, byte by byte. */
export async function filesIn(folder: string): Promise<readonly Remain[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map(async (path) => ({ where: path, bytes: await readFile(path) })))
}

/** The payloads of the parts of all segments in the SQLite of a folder, inflated. */
export function partsInFile(folder: string): readonly Remain[] {
  const database = new DatabaseSync(join(folder, 'skerry.db'), { readOnly: true, timeout: 1000 })
  try {
    const rows = database
      .prepare('SELECT collection, segment, name, bytes FROM part ORDER BY collection, segment, name, piece')
      .all() as unknown as readonly { collection: string; segment: string; name: string; bytes: Uint8Array }[]
    const parts = new Map<string, Uint8Array[]>()
    for (const { collection, segment, name, bytes } of rows) {
      const where = `${collection} ${segment} ${name}`
      parts.set(where, [...(parts.get(where) ?? []), bytes])
    }
    return [...parts].map(([where, pieces]) => ({ where, bytes: payload(Buffer.concat(pieces)) }))
  } finally {
    database.close()
  }
}

/** All keys of a Redis and what is in them, those of segments' parts inflated too. */
export async function keysIn(redis: Redis): Promise<readonly Remain[]> {
  const remains: Remain[] = []
  for (const key of await redis.keys('*')) {
    const value = await contentOf(redis, key)
    remains.push({ where: `key ${key}`, bytes: Buffer.from(`${key}\n${value}`) })
    if (/:part:/.test(key) && !key.endsWith(':names'))
      remains.push({ where: `part ${key}`, bytes: payload(Buffer.from(value, 'base64')) })
  }
  return remains
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key)
  if (type === 'string') return (await redis.get(key)) ?? ''
  if (type === 'list') return (await redis.lrange(key, 0, -1)).join('\n')
  if (type === 'hash') return JSON.stringify(await redis.hgetall(key))
  if (type === 'set') return (await redis.smembers(key)).join('\n')
  throw new Error(`${key} is a ${type}, which nobody looks into`)
}

/** What a part holds, after its checksum and its form (docs/segment-format.md). */
function payload(part: Uint8Array): Uint8Array {
  return part[4] === 1 ? inflateRawSync(part.subarray(5)) : part.subarray(5)
}
