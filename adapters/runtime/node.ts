import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { flushCompileCache } from 'node:module'
import type { HttpBindings } from '@hono/node-server'
import { createCache } from '../../src/engine/cache.ts'
import { type FirstStart, firstStart, welcome } from '../../src/first-start.ts'
import { makeId } from '../../src/key.ts'
import type { Log } from '../../src/log.ts'
import type { Locate } from '../../src/place.ts'
import { createProgram, type Platform, type Program } from '../../src/program.ts'
import { readSettings, SettingError, type Settings } from '../../src/settings.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeHome } from '../../src/store/home.ts'
import type { Store } from '../../src/store/store.ts'
import { openStore } from '../store/open-store.ts'
import { createHttpServer, isCrowded } from './http-server.ts'
import { type Listening, listen } from './listen.ts'
import { zlibCodec } from './zlib-codec.ts'

/** On the way down: how long requests are still taken, so that clients on kept-alive sockets learn to go, and when it ends anyway; ms. */
const DRAIN_MS = 1_200
const EXIT_MS = 7_000

/** Waits between attempts to reach a store that is down at start, and until start is told without it; ms. */
const RETRY_MS = 250
const START_MS = 2_000

/** After start, when code that beacons need has been compiled too; ms. A process that is killed keeps nothing by itself. */
const FLUSH_MS = 1_000

/** Columns of segments that stay in memory. */
const CACHE_BYTES = 512 * 1024 * 1024

/** Events that a journal may hold before it is sealed within the day; after so many additions it is looked at. */
const SEAL_AT = 200_000
const MAINTAIN_MS = 60_000

const platform: Platform = {
  now: Date.now,
  clock: () => performance.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  peer: (c) => ({ address: (c.env as Partial<HttpBindings>).incoming?.socket.remoteAddress, by: 'socket' }),
  isCrowded: (c) => {
    const { incoming } = c.env as Partial<HttpBindings>
    return incoming !== undefined && isCrowded(incoming)
  },
  asset: (name) => readFile(new URL(`../../assets/${name}`, import.meta.url), 'utf8'),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  log: (line) => console.error(JSON.stringify({ time: new Date().toISOString(), ...line })),
  print: (line) => console.error(line),
}

/** Opens the store, makes the program and serves it until the process is told to stop. */
export async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const settings = readSettingsOrExit(environment)
  const locate = await openLocateOrExit(settings)
  const store = await openStore(settings)
  const { now, breathe, random } = platform
  const home = storeHome(store, {
    writer: groupCommit(store, breathe),
    cache: createCache(CACHE_BYTES),
    codec: zlibCodec,
    now,
    newId: () => makeId(random),
    breathe,
    sealAt: SEAL_AT,
    inBackground: (work) =>
      void work.catch((error) =>
        platform.log({ level: 'warn', event: 'sealing put off', detail: String(error) }),
      ),
  })
  const program = createProgram(home, { ...platform, locate }, settings)
  const server = createHttpServer(program.app.fetch, platform.clock)
  const listening = await listenOrExit(server, settings)
  const address = addressOf(settings.host, listening.port)
  console.log(`skerry listens on ${address}`)
  const started = prepare(program, store).then((made) => greet(made, address, store))
  await Promise.race([started, sleep(START_MS)])
  process.send?.('ready')
  setTimeout(flushCompileCache, FLUSH_MS).unref()
  const maintenance = setInterval(() => void program.maintain().catch(() => {}), MAINTAIN_MS)
  maintenance.unref()
  stopOnSignal(server, listening, store)
}

function readSettingsOrExit(environment: NodeJS.ProcessEnv): Settings {
  try {
    return readSettings(environment)
  } catch (error) {
    if (error instanceof SettingError) exit(error.message)
    throw error
  }
}

async function openLocateOrExit({ geoip }: Settings): Promise<Locate | undefined> {
  if (geoip === undefined) return undefined
  try {
    const { openGeoip } = await import('../geoip/mmdb.ts')
    return (await openGeoip(geoip, platform)).locate
  } catch (error) {
    return exit(`SKERRY_GEOIP ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function listenOrExit(server: Server, { port, host }: Settings): Promise<Listening> {
  try {
    return await listen(server, port, host)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') return exit(`PORT ${port} is taken by another program`)
    return exit(`cannot listen on ${host}:${port}: ${code}`)
  }
}

function addressOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${shown}:${port}`
}

/** Tries until the store answers: a server may start before its store does. */
async function prepare({ registry }: Program, store: Store): Promise<FirstStart> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await firstStart(registry, store)
    } catch (error) {
      if (attempt === 8)
        platform.log({ level: 'warn', event: 'waiting for the store', detail: String(error) })
      await sleep(RETRY_MS)
    }
  }
}

async function greet(made: FirstStart, address: string, store: Store): Promise<void> {
  const text = welcome(made, address)
  if (text !== '') console.log(text)
  await warnOfVolatile(store, platform.log)
}

async function warnOfVolatile(store: Store, log: Log): Promise<void> {
  const durability = await store.durability().catch(() => undefined)
  if (durability !== 'memory') return
  log({
    level: 'warn',
    event: 'store not durable',
    detail: 'Redis has no append-only file: acknowledged events die with it',
  })
}

/** SIGTERM and SIGINT: goes on serving with `Connection: close` for a moment, then answers what is in flight and ends. */
function stopOnSignal(server: Server, listening: Listening, store: Store): void {
  let isStopping = false
  const stop = async (): Promise<void> => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(0), EXIT_MS).unref()
    server.prependListener('request', (_request, response) => {
      response.shouldKeepAlive = false
    })
    await sleep(DRAIN_MS)
    await listening.close()
    await store.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function exit(message: string): never {
  console.error(`skerry: ${message}`)
  process.exit(1)
}
