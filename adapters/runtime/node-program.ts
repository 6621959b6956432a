import { readFile } from 'node:fs/promises'
import type { HttpBindings } from '@hono/node-server'
import { createCache } from '../../src/engine/cache.ts'
import { makeId } from '../../src/key.ts'
import type { Locate } from '../../src/place.ts'
import { createProgram, type Platform, type Program } from '../../src/program.ts'
import { SettingError, type Settings } from '../../src/settings.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeHome } from '../../src/store/home.ts'
import type { Store } from '../../src/store/store.ts'
import { timedCommits } from '../../src/telemetry/commits.ts'
import { createTelemetry } from '../../src/telemetry/create.ts'
import type { Telemetry } from '../../src/telemetry.ts'
import { openStore } from '../store/open-store.ts'
import { gzipStream } from './gzip-stream.ts'
import { isCrowded } from './http-server.ts'
import { processVitals } from './vitals.ts'
import { zlibCodec } from './zlib-codec.ts'

/** Columns of segments that stay in memory. */
const CACHE_BYTES = 512 * 1024 * 1024

/** Events that a journal may hold before it is sealed within the day; after so many additions it is looked at. */
const SEAL_AT = 200_000
const MAINTAIN_MS = 60_000

/** Who listens looks at the journal so often, ms. */
const LOOK_MS = 250

/** What was counted is handed on so often, for whoever asks another process of the same store; ms. */
const FLUSH_MS = 15_000

/** Node, as the program sees it. */
export const nodePlatform: Platform = {
  now: Date.now,
  clock: () => performance.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  peer: (c) => ({ address: incomingOf(c.env)?.socket.remoteAddress, by: 'socket' }),
  isCrowded: (c) => {
    const incoming = incomingOf(c.env)
    return incoming !== undefined && isCrowded(incoming)
  },
  asset: (name) => readFile(new URL(`../../assets/${name}`, import.meta.url), 'utf8'),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  log: (line) => console.error(JSON.stringify({ time: new Date().toISOString(), ...line })),
  print: (line) => console.error(line),
  gzip: gzipStream,
}

/** What Node knows of a request; nothing where another program hands requests on without it. */
function incomingOf(env: unknown): HttpBindings['incoming'] | undefined {
  return (env as Partial<HttpBindings> | undefined)?.incoming
}

/** The program over its store, in this process. */
export interface NodeProgram extends Program {
  readonly store: Store
  /** Hands on what was counted and closes the store. */
  close(): Promise<void>
}

/**
 * Opens the store that the settings name, and makes the program; what time brings is done from then on. `more` takes
 * the place of what the platform has. Rejects with `SettingError`.
 */
export async function openProgram(settings: Settings, more: Partial<Platform> = {}): Promise<NodeProgram> {
  const platform: Platform = { ...nodePlatform, locate: await openLocate(settings), ...more }
  const { now, clock, breathe, random, log } = platform
  const newId = (): string => makeId(random)
  const opened = await openStore(settings)
  const telemetry: Telemetry = createTelemetry({
    documents: opened,
    now,
    newId,
    vitals: () => processVitals(writer, cache),
  })
  const timed = timedCommits(telemetry, clock)
  const store: Store = { ...opened, append: (appends) => timed(() => opened.append(appends)) }
  const writer = groupCommit(store, breathe)
  const cache = createCache(CACHE_BYTES)
  const home = storeHome(store, {
    writer,
    cache,
    codec: zlibCodec,
    now,
    newId,
    breathe,
    sealAt: SEAL_AT,
    listening: { pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), everyMs: LOOK_MS },
    inBackground: (work) =>
      void work.catch((error) => log({ level: 'warn', event: 'sealing put off', detail: String(error) })),
    telemetry,
  })
  const program = createProgram(home, platform, settings)
  const timers = [
    setInterval(() => void program.maintain().catch(() => {}), MAINTAIN_MS),
    setInterval(() => void telemetry.handOn().catch(() => {}), FLUSH_MS),
  ]
  for (const timer of timers) timer.unref()
  return {
    ...program,
    store,
    async close(): Promise<void> {
      for (const timer of timers) clearInterval(timer)
      await telemetry.flush().catch(() => {})
      await store.close()
    },
  }
}

async function openLocate({ geoip }: Settings): Promise<Locate | undefined> {
  if (geoip === undefined) return undefined
  try {
    const { openGeoip } = await import('../geoip/mmdb.ts')
    return (await openGeoip(geoip, nodePlatform)).locate
  } catch (error) {
    throw new SettingError(`SKERRY_GEOIP ${error instanceof Error ? error.message : String(error)}`)
  }
}
