import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { firstAnswer, freePort, type Process, startProcess } from './process.ts'
import type { Target } from './requests.ts'

/** A server that takes beacons. */
export interface Collector {
  readonly name: string
  readonly port: number
  /** From spawning its process to its first answer, ms. */
  readonly startMs: number
  readonly server: Process
  readonly redis: Process | undefined
  readonly single: Target
  /** Undefined: it takes no batches. */
  readonly batch: Target | undefined
  /** How many events it says it has, and which these are. */
  readonly counts: 'all' | 'without engagement' | undefined
  count(): Promise<number>
  /** Server and Redis. */
  readonly processes: readonly Process[]
}

/** Starts a collector that keeps its files in an own folder. */
export type StartCollector = (folder: string) => Promise<Collector>

export const KEY = 'an-admin-key-of-the-benchmark'
export const PATH = '/pageviews'
const ADMIN = { authorization: `Key ${KEY}` }
const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface Kind {
  readonly script: string
  readonly args?: readonly string[]
  readonly withRedis?: boolean
  readonly env?: NodeJS.ProcessEnv
  /** It has Skerry's routes. */
  readonly isSkerry?: boolean
  readonly counts?: Collector['counts']
  readonly headers?: Readonly<Record<string, string>>
}

const skerry: Kind = { script: 'bin/skerry.js', isSkerry: true, counts: 'without engagement' }
const pm2: Kind = {
  ...skerry,
  script: 'node_modules/pm2/bin/pm2',
  args: ['start', 'ecosystem.config.cjs', '--no-daemon'],
}
// Its body parser looks at the type.
const koa: Kind = {
  script: 'bench/rivals/koa-redis.ts',
  withRedis: true,
  counts: 'all',
  headers: { ...ADMIN, 'content-type': 'application/json' },
}

const kinds: Readonly<Record<string, Kind>> = {
  bare: { script: 'bench/rivals/bare.ts' },
  onion: { script: 'bench/rivals/onion.ts', isSkerry: true },
  'skerry-sqlite': skerry,
  'skerry-redis': { ...skerry, withRedis: true },
  'koa-redis': koa,
  'koa-redis-5': { ...koa, env: { GROUP_BY: 'page,referrer,language,zone' } },
  'pm2-sqlite': pm2,
  'pm2-redis': { ...pm2, withRedis: true },
}

export const collectors: ReadonlyMap<string, StartCollector> = new Map(
  Object.entries(kinds).map(([name, kind]) => [name, (folder) => start(name, kind, folder)]),
)

async function start(name: string, kind: Kind, folder: string): Promise<Collector> {
  mkdirSync(folder, { recursive: true })
  const redis = kind.withRedis ? await startRedis(folder) : undefined
  const port = await freePort()
  const begin = performance.now()
  const server = startProcess(process.execPath, [join(ROOT, kind.script), ...(kind.args ?? [])], {
    NODE_ENV: 'production',
    PORT: String(port),
    HOST: '127.0.0.1',
    SKERRY_DATA: join(folder, 'data'),
    SKERRY_KEY: KEY,
    SKERRY_RATE: 'off',
    TRUST_PROXY: '1',
    PM2_HOME: join(folder, 'pm2'),
    REDIS_URL: redis?.url ?? '',
    // As deploy/skerry.service has it.
    MALLOC_TRIM_THRESHOLD_: '131072',
    MALLOC_ARENA_MAX: '2',
    ...kind.env,
  })
  await firstAnswer(port, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const startMs = performance.now() - begin
  return {
    ...{ name, port, startMs, server, redis: redis?.process, counts: kind.counts },
    single: kind.isSkerry
      ? { path: `${PATH}?key=${await writeKey(port)}`, headers: {} }
      : { path: PATH, headers: kind.headers ?? {} },
    batch: batchTarget(kind, kind.isSkerry ? await serverKey(port) : ''),
    count: () => count(port),
    processes: redis ? [server, redis.process] : [server],
  }
}

function batchTarget({ isSkerry, withRedis }: Kind, key: string): Target | undefined {
  if (isSkerry) return { path: PATH, headers: { authorization: `Key ${key}` } }
  return withRedis ? undefined : { path: PATH, headers: {} }
}

async function startRedis(folder: string): Promise<{ process: Process; url: string }> {
  const port = await freePort()
  const process = startProcess('redis-server', [
    ...[
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--loglevel',
      'warning',
    ],
    // The file is not written anew: that would fall into some slices only.
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0'],
  ])
  await firstAnswer(port, 'PING\r\n')
  return { process, url: `redis://127.0.0.1:${port}` }
}

/** The public key of the preset collection, once its first start has made it. */
export async function writeKey(port: number): Promise<string> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const answer = await ask(port, `/api/collections${PATH}/keys`)
    const { keys = [] } = (answer.ok ? await answer.json() : {}) as { keys?: readonly { key?: string }[] }
    const found = keys.find(({ key }) => key !== undefined)?.key
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('no write key')
}

async function serverKey(port: number): Promise<string> {
  const init = { method: 'POST', body: JSON.stringify({ kind: 'server' }) }
  const answer = await ask(port, `/api/collections${PATH}/keys`, init)
  return ((await answer.json()) as { key: string }).key
}

/** Folding what has come since the last count may take longer than a request may. */
export async function count(port: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const answer = await ask(port, `${PATH}/count`)
    if (answer.status === 200) return ((await answer.json()) as { count: number }).count
    if (answer.status !== 503) throw new Error(await answer.text())
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('no count')
}

function ask(port: number, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { ...ADMIN, connection: 'close' } })
}
