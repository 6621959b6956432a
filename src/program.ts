import type { HonoBase } from 'hono/hono-base'
import { annotationLimits } from './annotation.ts'
import { createApp } from './app.ts'
import { type Client, clientOf, type Peer } from './client.ts'
import type { Collection } from './collection.ts'
import type { SkerryContext, SkerryEnv } from './context.ts'
import type { Durability } from './durability.ts'
import { createGuests } from './guests.ts'
import type { Gzip } from './gzip.ts'
import type { Home } from './home.ts'
import { makeId, type Random } from './key.ts'
import { createListeners, type Listeners } from './listeners.ts'
import { type Asset, createLists } from './lists.ts'
import { debugFor, type Log } from './log.ts'
import type { Locate } from './place.ts'
import { createLimiter } from './rate.ts'
import { createRegistry, type Registry, type RegistryDocuments } from './registry.ts'
import { createSalts } from './salt.ts'
import { savedViewLimits } from './saved-view.ts'
import { createSessions } from './session.ts'
import type { Settings } from './settings.ts'
import { type SharedCount, sharedLimiter } from './shared-rate.ts'
import { createShelf } from './shelf.ts'
import { createStaticFiles } from './static-files.ts'
import { type Answered, logAnswers } from './telemetry/requests.ts'
import type { Telemetry } from './telemetry.ts'

/** What every platform has, by other names. */
export interface Platform {
  readonly now: () => number
  readonly clock: () => number
  readonly random: Random
  /** The other end of the connection. */
  readonly peer: (c: SkerryContext) => Peer
  /** Whether too many other requests were being worked upon when this one came. */
  readonly isCrowded?: ((c: SkerryContext) => boolean) | undefined
  readonly asset: Asset
  /** Where an address is, by a database of the operator's. */
  readonly locate?: Locate | undefined
  /** Lets other work of the process go on. */
  readonly breathe: () => Promise<void>
  readonly log: Log
  readonly print: (line: string) => void
  /** A count of requests that isolates share. */
  readonly sharedCount?: SharedCount | undefined
  /** Is told of each request once its reply is there, as a tracer wants to be. Must not throw. */
  readonly onAnswer?: ((answered: Answered) => void) | undefined
  /** Where the platform does not compress by itself. */
  readonly gzip?: Gzip | undefined
}

export interface Program {
  readonly app: HonoBase<SkerryEnv>
  readonly registry: Registry
  readonly telemetry: Telemetry
  readonly listeners: Listeners
  /** Does what time brings: seals collections, drops what is past its time. Where it fails the next time does it. */
  maintain(): Promise<void>
}

/** The program over a home for its collections: the same on every runtime. */
export function createProgram(home: Home, platform: Platform, settings: Settings): Program {
  const { documents, open, isFull, wakesByItself, telemetry } = home
  const { now, clock, random, log, print, peer, isCrowded, locate = () => undefined } = platform
  const believed = { trust: settings.trustProxy, locate }
  function client(c: SkerryContext): Client {
    const known = c.get('client') ?? clientOf(peer(c), (name) => c.req.header(name), believed)
    c.set('client', known)
    return known
  }
  const registry = createRegistry(documents, { now, random, adminKey: settings.adminKey })
  const debug = debugFor('skerry:onion', settings.debug, print)
  const salts = createSalts({ documents, random, now })
  const collection = remember(open)
  const own = settings.rate && createLimiter(settings.rate, { clock, random })
  const count = platform.sharedCount
  const limiter = own && count ? sharedLimiter(own, { count, salts, now, log }) : own
  const listeners = createListeners(clock)
  const app = createApp({
    listeners,
    registry,
    salts,
    annotations: createShelf(documents, 'annotation', annotationLimits.most),
    savedViews: createShelf(documents, 'view', savedViewLimits.most),
    sessions: createSessions({ documents, registry, random, now }),
    guests: createGuests({ registry, random, clock }),
    files: createStaticFiles(platform.asset),
    gzip: platform.gzip,
    client,
    lists: createLists(platform.asset, log),
    asset: platform.asset,
    locate,
    open: collection,
    isFull: (c) => isFull() || isCrowded?.(c) === true,
    limiter,
    probe: () => probe(home, now),
    now,
    clock,
    newId: () => makeId(random),
    log,
    debug,
    counts: telemetry,
    readMetrics: telemetry.read,
    onAnswer: answerObserver(platform, settings),
  })
  async function maintain(): Promise<void> {
    await attempt('salts', () => salts.sweep())
    if (wakesByItself) return
    for (const definition of await registry.definitions())
      await attempt(definition.name, () => collection(definition).seal())
  }
  async function attempt(of: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      log({ level: 'warn', event: 'maintenance put off', of, detail: String(error) })
    }
  }
  return { app, registry, telemetry, listeners, maintain }
}

/** A line for each request where `DEBUG` asks for it, and whoever else is to be told. */
function answerObserver({ log, print, onAnswer }: Platform, { debug }: Settings): Platform['onAnswer'] {
  if (!debugFor('skerry:request', debug, print)) return onAnswer
  const write = logAnswers(log)
  return (answered) => {
    write(answered)
    onAnswer?.(answered)
  }
}

/** Opens a collection once per definition: what it folded so far stays folded. */
function remember(open: Home['open']): Home['open'] {
  const collections = new Map<string, Collection>()
  return (definition) => {
    const known = collections.get(definition.name)
    if (known?.definition === definition) return known
    const opened = open(definition)
    collections.set(definition.name, opened)
    return opened
  }
}

/** Writes a document and reads one, as acknowledged beacons need it. */
async function probe({ documents, durability }: Home, now: () => number): Promise<Durability> {
  const [result] = await Promise.all([durability(), writeCanary(documents, now())])
  return result
}

async function writeCanary(documents: RegistryDocuments, at: number): Promise<void> {
  const before = (await documents.documents('probe')).get('canary') ?? null
  await documents.replace('probe', 'canary', before, String(at))
}
