import type { Server } from 'node:http'
import { flushCompileCache } from 'node:module'
import { type FirstStart, firstStart, welcome } from '../../src/first-start.ts'
import type { Log } from '../../src/log.ts'
import { SettingError, type Settings } from '../../src/settings.ts'
import type { Store } from '../../src/store/store.ts'
import { StoreFormatError } from '../../src/store-format.ts'
import { createHttpServer } from './http-server.ts'
import { collectWhenIdle } from './idle-collection.ts'
import { type Listening, listen } from './listen.ts'
import { type NodeProgram, nodePlatform, openProgram } from './node-program.ts'

/** On the way down: how long requests are still taken, so that clients on kept-alive sockets learn to go, and when it ends anyway; ms. */
const DRAIN_MS = 1_200
const EXIT_MS = 7_000

/** Waits between attempts to reach a store that is down at start, and until start is told without it; ms. */
const RETRY_MS = 250
const START_MS = 2_000

/** A store that answers so soon is looked at before anything is taken; ms. */
const LOOK_MS = 300

/** After start, when code that beacons need has been compiled too; ms. A process that is killed keeps nothing by itself. */
const FLUSH_MS = 1_000

/** Opens the store, makes the program and serves it until the process is told to stop. Rejects with `SettingError`. */
export async function serve(settings: Settings): Promise<void> {
  const program = await openProgram(settings)
  const prepared = prepare(program)
  await Promise.race([prepared, sleep(LOOK_MS)])
  const server = createHttpServer(program.app.fetch, nodePlatform.clock)
  const listening = await listenAt(server, settings)
  const address = addressOf(settings.host, listening.port)
  console.log(`skerry listens on ${address}`)
  const started = prepared.then((made) => greet(made, address, program.store))
  await Promise.race([started, sleep(START_MS)])
  process.send?.('ready')
  setTimeout(flushCompileCache, FLUSH_MS).unref()
  stopOnSignal(server, listening, program)
  collectWhenIdle()
}

async function listenAt(server: Server, { port, host }: Settings): Promise<Listening> {
  try {
    return await listen(server, port, host)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new SettingError(`PORT ${port} is taken by another program`)
    throw new SettingError(`HOST ${host}: cannot listen on port ${port}: ${code}`)
  }
}

function addressOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${shown}:${port}`
}

/** Tries until the store answers: a server may start before its store does. */
async function prepare({ registry, store }: NodeProgram): Promise<FirstStart> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await firstStart(registry, store)
    } catch (error) {
      if (error instanceof StoreFormatError) exit(error.message)
      if (attempt === 8)
        nodePlatform.log({ level: 'warn', event: 'waiting for the store', detail: String(error) })
      await sleep(RETRY_MS)
    }
  }
}

async function greet(made: FirstStart, address: string, store: Store): Promise<void> {
  const text = welcome(made, address)
  if (text !== '') console.log(text)
  await warnOfVolatile(store, nodePlatform.log)
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
function stopOnSignal(server: Server, listening: Listening, program: NodeProgram): void {
  let isStopping = false
  const stop = async (): Promise<void> => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(0), EXIT_MS).unref()
    server.prependListener('request', (_request, response) => {
      response.shouldKeepAlive = false
    })
    program.listeners.endAll()
    await sleep(DRAIN_MS)
    await listening.close()
    await program.close()
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
