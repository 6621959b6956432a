import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { ioredis } from '../../adapters/store/ioredis.ts'
import { sqlite } from '../../adapters/store/sqlite.ts'
import { upstash } from '../../adapters/store/upstash.ts'
import { EMPTY_MANIFEST, type Manifest, readManifest } from '../../src/store/manifest.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { redisStore } from '../../src/store/redis/redis-store.ts'
import type { SqlPort, SqlRow } from '../../src/store/sql/port.ts'
import { sqlStore } from '../../src/store/sql/sql-store.ts'
import type { Store } from '../../src/store/store.ts'
import { type Fate, type Life, mortalRedis, mortalSql, mortalStore } from './mortal.ts'

/** A store, a way for mortal processes to use it, and a look at what lies in it. */
export interface Bed {
  readonly name: string
  readonly store: Store
  /** What may befall a process here. */
  readonly fates: readonly Fate[]
  /** The same store, through a process of its own. */
  mortal(life: Life): Store
  /** Segments of which there is anything, and those that wait to be removed, marked with `?`. */
  segments(collection: string): Promise<readonly string[]>
  close(): Promise<void>
}

/** What lies in a store of a collection, and should not: data no manifest names, and segments that are named and not there. */
export async function strays(bed: Bed, collection: string): Promise<readonly string[]> {
  const live = await liveSegments(bed.store, collection)
  const kept = await bed.segments(collection)
  return [
    ...kept.filter((segment) => !live.includes(segment)),
    ...live.filter((segment) => !kept.includes(segment)).map((segment) => `${segment} is missing`),
  ]
}

/** The segments that the manifest names. */
export async function liveSegments(store: Store, collection: string): Promise<readonly string[]> {
  return [...(await manifestOf(store, collection)).days.values()].map(({ segment }) => segment)
}

/** Parts by which events and visitors can be told, of segments that are said to have forgotten them. */
export async function unforgotten(store: Store, collection: string): Promise<readonly string[]> {
  const { days } = await manifestOf(store, collection)
  const names = ['ids', 'ids/erased', 'visitors']
  const wanted = [...days.values()]
    .filter(({ forgetAt }) => forgetAt === 0)
    .map(({ segment }) => ({ segment, names }))
  const found = await store.parts(collection, wanted)
  return [...found].flatMap(([segment, parts]) => [...parts.keys()].map((name) => `${segment} ${name}`))
}

async function manifestOf(store: Store, collection: string): Promise<Manifest> {
  const { manifest } = await store.tail(collection, 0, 1, -1)
  return manifest === undefined ? EMPTY_MANIFEST : readManifest(manifest)
}

const deaths: readonly Fate[] = ['dies before', 'dies after']

export function memoryBed(): Bed {
  const memory = memoryStore()
  const names = new Map<string, string[]>()
  const store: Store = {
    ...memory,
    put(collection, segment, parts): Promise<void> {
      names.set(collection, [...(names.get(collection) ?? []), segment])
      return memory.put(collection, segment, parts)
    },
  }
  return {
    name: 'memory',
    store,
    fates: [...deaths, 'refused', 'lost', 'late', 'busy'],
    mortal: (life) => mortalStore(store, life),
    async segments(collection): Promise<readonly string[]> {
      const wanted = (names.get(collection) ?? []).map((segment) => ({ segment, names: ['header', 'shape'] }))
      const found = await memory.parts(collection, wanted)
      return [...found].flatMap(([segment, parts]) => (parts.size > 0 ? [segment] : []))
    },
    close: () => memory.close(),
  }
}

/** The SQLite of a Node server, in a folder. */
export function sqliteBed(folder: string): Bed {
  const store = sqlStore(sqlite(folder))
  return {
    name: 'node:sqlite',
    store,
    fates: [...deaths, 'late'],
    mortal: (life) => mortalStore(store, life),
    segments: async (collection) => segmentsInFile(folder, collection),
    close: () => store.close(),
  }
}

/** An SQLite in memory, of which a process may die at every single statement. */
export function statementsBed(): Bed {
  const database = new DatabaseSync(':memory:')
  const port = inMemory(database)
  const store = sqlStore(port)
  return {
    name: 'SQLite by statements',
    store,
    // To die after a statement is to die before the next.
    fates: ['dies before'],
    mortal: (life) => sqlStore(mortalSql(port, life)),
    segments: async (collection) => segmentsIn(database, collection),
    close: () => store.close(),
  }
}

/** `by`: whether a process dies at a method of the store, or at every single command. */
export function redisBed(url: string, by: 'methods' | 'commands'): Bed {
  const port = ioredis(url)
  const store = redisStore(port)
  const client = new Redis(url)
  return {
    name: by === 'methods' ? 'ioredis' : 'ioredis by commands',
    store,
    // To die after a command is to die before the next.
    fates: by === 'methods' ? deaths : ['dies before', 'lost', 'late'],
    mortal: (life) => (by === 'methods' ? mortalStore(store, life) : redisStore(mortalRedis(port, life))),
    segments: (collection) => segmentsInRedis(client, collection),
    async close(): Promise<void> {
      await store.close()
      client.disconnect()
    },
  }
}

export function upstashBed(settings: { url: string; token: string }, redisUrl: string): Bed {
  const store = redisStore(upstash(settings))
  const client = new Redis(redisUrl)
  return {
    name: '@upstash/redis',
    store,
    fates: ['dies after'],
    mortal: (life) => mortalStore(store, life),
    segments: (collection) => segmentsInRedis(client, collection),
    async close(): Promise<void> {
      await store.close()
      client.disconnect()
    },
  }
}

/** What lies in the file of a folder, seen by a connection of its own. */
export function segmentsInFile(folder: string, collection: string): readonly string[] {
  const database = new DatabaseSync(join(folder, 'skerry.db'), { readOnly: true, timeout: 1000 })
  try {
    return segmentsIn(database, collection)
  } finally {
    database.close()
  }
}

export async function segmentsInRedis(client: Redis, collection: string): Promise<readonly string[]> {
  const prefix = `skerry:{${collection}}:part:`
  const keys = await client.keys(`${prefix.replace(/[[\]*?\\]/g, '\\$&')}*`)
  const pending = await client.smembers(`skerry:{${collection}}:pending`)
  const segments = keys.map((key) => key.slice(prefix.length).split(':')[0] ?? '')
  return [...new Set(segments), ...pending.map((segment) => `${segment}?`)].sort()
}

function segmentsIn(database: DatabaseSync, collection: string): readonly string[] {
  const texts = (sql: string): string[] =>
    database
      .prepare(sql)
      .all(collection)
      .map((row) => String(row.segment))
  return [
    ...texts('SELECT DISTINCT segment FROM part WHERE collection = ?1'),
    ...texts('SELECT segment FROM pending WHERE collection = ?1').map((segment) => `${segment}?`),
  ].sort()
}

function inMemory(database: DatabaseSync): SqlPort {
  const statements = new Map<string, StatementSync>()
  return {
    exec(sql, ...values): readonly SqlRow[] {
      const statement = statements.get(sql) ?? database.prepare(sql)
      statements.set(sql, statement)
      return statement.all(...values) as unknown as readonly SqlRow[]
    },
    transaction<T>(work: () => T): T {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec('COMMIT')
        return result
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    close: () => database.close(),
  }
}
