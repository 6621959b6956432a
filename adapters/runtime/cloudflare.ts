import { streamCodec } from '../../src/engine/bytes.ts'
import { createCache } from '../../src/engine/cache.ts'
import { firstStart, welcome } from '../../src/first-start.ts'
import type { Home } from '../../src/home.ts'
import { makeId } from '../../src/key.ts'
import { createProgram, type Platform, type Program } from '../../src/program.ts'
import { readSettings, type Settings } from '../../src/settings.ts'
import { directCommit } from '../../src/store/group-commit.ts'
import { storeHome } from '../../src/store/home.ts'
import { redisStore } from '../../src/store/redis/redis-store.ts'
import { upstashRest } from '../store/upstash-rest.ts'
import { type ObjectBindings, objectHome } from './cloudflare-objects.ts'

export { CollectionObject, DirectoryObject } from './cloudflare-objects.ts'

/** Bindings of wrangler.toml; all text is a setting. */
export interface Env extends ObjectBindings {
  readonly [setting: string]: unknown
}

/** Columns of segments that stay in an isolate's memory, of its 128 MB. */
const CACHE_BYTES = 32 * 1024 * 1024

/** Events that a journal may hold before it is sealed: an isolate that begins anew folds no more. */
const SEAL_AT = 4_000

const platform: Platform = {
  now: Date.now,
  clock: () => performance.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  address: (c) => c.req.header('cf-connecting-ip'),
  breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
  log: (line) => console.log(JSON.stringify(line)),
  print: (line) => console.log(line),
}

/** One program per isolate. It keeps plain data between requests, never a promise: a request may not wait for another's I/O. */
let program: Program | undefined

export default {
  async fetch(request, env, context): Promise<Response> {
    const { app } = program ?? (await start(env, new URL(request.url).origin))
    return app.fetch(request, env, context)
  },
  /** Collections in Upstash have no alarm of their own. */
  async scheduled(_controller, env): Promise<void> {
    const { maintain } = program ?? (await start(env, ''))
    await maintain()
  },
} satisfies ExportedHandler<Env>

/** Makes the program; it is kept once the store has answered, so that an isolate that began without one tries again. */
async function start(env: Env, address: string): Promise<Program> {
  const settings = readSettings(textsOf(env))
  const home = openHome(env, settings)
  const created = createProgram(home, platform, settings)
  try {
    const text = welcome(await firstStart(created.registry, home.documents), address)
    if (text !== '') platform.print(text)
    program = created
  } catch (error) {
    platform.log({ level: 'warn', event: 'waiting for the store', detail: String(error) })
  }
  return created
}

function textsOf(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Upstash where its settings are; else Durable Objects. */
function openHome(env: Env, { upstash: settings }: Settings): Home {
  if (settings === undefined) return objectHome(env)
  const store = redisStore(upstashRest(settings))
  const { now, breathe, random } = platform
  return storeHome(store, {
    writer: directCommit(store),
    cache: createCache(CACHE_BYTES),
    codec: streamCodec,
    now,
    newId: () => makeId(random),
    breathe,
    sealAt: SEAL_AT,
  })
}
