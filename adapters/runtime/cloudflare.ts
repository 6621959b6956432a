import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { firstStart, welcome } from '../../src/first-start.ts'
import type { Home } from '../../src/home.ts'
import { makeId } from '../../src/key.ts'
import { makePlace, type Place } from '../../src/place.ts'
import { createProgram, type Platform, type Program } from '../../src/program.ts'
import { readSettings, type Settings } from '../../src/settings.ts'
import { directCommit } from '../../src/store/group-commit.ts'
import { storeHome } from '../../src/store/home.ts'
import { redisStore } from '../../src/store/redis/redis-store.ts'
import type { Store } from '../../src/store/store.ts'
import { timedCommits } from '../../src/telemetry/commits.ts'
import { createTelemetry } from '../../src/telemetry/create.ts'
import { upstashRest } from '../store/upstash-rest.ts'
import { type ObjectBindings, objectHome } from './cloudflare-objects.ts'

export { CollectionObject, DirectoryObject } from './cloudflare-objects.ts'

/** Bindings of wrangler.toml; all text is a setting. */
export interface Env extends ObjectBindings {
  readonly ASSETS: Fetcher
  readonly RATE?: RateLimit
  readonly [setting: string]: unknown
}

/** Columns of segments that stay in an isolate's memory, of its 128 MB. */
const CACHE_BYTES = 32 * 1024 * 1024

/** Events that a journal may hold before it is sealed: an isolate that begins anew folds no more. */
const SEAL_AT = 4_000

/** Who listens asks the store so often, ms; and with what else it asks in 25 looks fewer times than the 50 that a request may. */
const LOOK_MS = 900
const LOOKS = 25

/** A count that takes longer is done without, ms. */
const RATE_MS = 250

const platform: Omit<Platform, 'asset'> = {
  now: Date.now,
  clock: () => performance.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  peer: (c) => ({
    address: c.req.header('cf-connecting-ip'),
    by: 'cf-connecting-ip',
    place: () => placeOfRequest(c.req.raw),
  }),
  breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
  log: (line) => console.log(JSON.stringify(line)),
  print: (line) => console.log(line),
}

/** What an isolate counted is handed on so long after the first request that was not, ms. */
const FLUSH_MS = 15_000

/** One program per isolate. It keeps plain data between requests, never a promise: a request may not wait for another's I/O. */
let program: Program | undefined

/** Until when some request is about to hand on what was counted, if it lives; ms since 1970. */
let flushesUntil = 0

export default {
  fetch(request, env, context): Promise<Response> {
    const answer = respond(request, env, context)
    // A request ends with its client; a beacon whose body is complete counts though its page is gone.
    context.waitUntil(answer)
    context.waitUntil(handOnCounts())
    return answer
  },
  /** Collections in Upstash have no alarm of their own. */
  async scheduled(_controller, env): Promise<void> {
    const { maintain, telemetry } = program ?? (await start(env, ''))
    await maintain()
    await telemetry.handOn()
  },
} satisfies ExportedHandler<Env>

async function respond(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const { app } = program ?? (await start(env, new URL(request.url).origin))
  return app.fetch(request, env, context)
}

/** Isolates come and go, and nobody can ask one: each tells its store what it counted, behind its answers. */
async function handOnCounts(): Promise<void> {
  if (Date.now() < flushesUntil) return
  flushesUntil = Date.now() + 2 * FLUSH_MS
  await new Promise((resolve) => setTimeout(resolve, FLUSH_MS))
  flushesUntil = 0
  await program?.telemetry.flush().catch(() => {})
}

/** Makes the program; it is kept once the store has answered, so that an isolate that began without one tries again. */
async function start(env: Env, address: string): Promise<Program> {
  const settings = readSettings(textsOf(env))
  const home = openHome(env, settings)
  const own: Platform = { ...platform, asset: (name) => readAsset(env, name), sharedCount: sharedCount(env) }
  const created = createProgram(home, own, settings)
  try {
    const text = welcome(await firstStart(created.registry, home.documents), address)
    if (text !== '') platform.print(text)
    program = created
  } catch (error) {
    platform.log({ level: 'warn', event: 'waiting for the store', detail: String(error) })
  }
  return created
}

/** A file of `assets/`, which are uploaded beside the program. */
async function readAsset({ ASSETS }: Env, name: string): Promise<string> {
  const response = await ASSETS.fetch(`https://assets/${name}`)
  if (!response.ok) throw new Error(`${name}: ${response.status}`)
  return response.text()
}

/** Counts in this location of Cloudflare, where the binding is. */
function sharedCount({ RATE }: Env): Platform['sharedCount'] {
  if (RATE === undefined) return undefined
  return async (name) => {
    let timer: number | null = null
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new DOMException('late', 'TimeoutError')), RATE_MS)
    })
    const counted = name().then((key) => RATE.limit({ key }))
    try {
      return (await Promise.race([counted, late])).success
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Where Cloudflare says the client is. */
function placeOfRequest({ cf }: { readonly cf?: Partial<IncomingRequestCfProperties> }): Place | undefined {
  return makePlace('cloudflare', cf?.country, cf?.regionCode, cf?.city)
}

function textsOf(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Upstash where its settings are; else Durable Objects. */
function openHome(env: Env, { upstash: settings }: Settings): Home {
  if (settings === undefined) return objectHome(env)
  const upstash = redisStore(upstashRest(settings))
  const { now, clock, breathe, random } = platform
  const newId = (): string => makeId(random)
  const telemetry = createTelemetry({ documents: upstash, now, newId })
  const timed = timedCommits(telemetry, clock)
  const store: Store = { ...upstash, append: (appends) => timed(() => upstash.append(appends)) }
  return storeHome(store, {
    writer: directCommit(store),
    cache: createCache(CACHE_BYTES),
    codec: streamCodec,
    now,
    newId,
    breathe,
    sealAt: SEAL_AT,
    listening: {
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      everyMs: LOOK_MS,
      looks: LOOKS,
    },
    telemetry,
  })
}
