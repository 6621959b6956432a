import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'
import type { Client } from './client.ts'
import type { Collection, CollectionDefinition } from './collection.ts'
import type { Layer, Layers, SkerryContext, SkerryEnv, Tell } from './context.ts'
import { plausibleError } from './dialects/plausible-stats.ts'
import { umamiError } from './dialects/umami-stats.ts'
import type { Durability } from './durability.ts'
import { SkerryError } from './errors.ts'
import type { Guests } from './guests.ts'
import type { Gzip } from './gzip.ts'
import type { KeyKind } from './key.ts'
import type { Listeners } from './listeners.ts'
import type { Asset, Lists } from './lists.ts'
import type { Debug, Log } from './log.ts'
import { auth } from './middleware/auth.ts'
import { cors } from './middleware/cors.ts'
import { identify } from './middleware/identify.ts'
import { limit } from './middleware/limit.ts'
import { chain, serve } from './middleware/onion.ts'
import { recover } from './middleware/recover.ts'
import { shed } from './middleware/shed.ts'
import { told } from './middleware/site.ts'
import { timing } from './middleware/timing.ts'
import { translate } from './middleware/translate.ts'
import { validate } from './middleware/validate.ts'
import type { Locate } from './place.ts'
import type { Limiter } from './rate.ts'
import type { Registry } from './registry.ts'
import { cache } from './routes/cache.ts'
import { collect } from './routes/collect.ts'
import { deleteCollection, getCollection, listCollections, putCollection } from './routes/collections.ts'
import { count, countBy } from './routes/count.ts'
import { dashboard } from './routes/dashboard.ts'
import { act } from './routes/dashboard-forms.ts'
import { docs, openapi } from './routes/description.ts'
import { plausibleRoutes, umamiRoutes } from './routes/dialect.ts'
import { eraseEvents, events } from './routes/events.ts'
import { file, publicFiles } from './routes/file.ts'
import { foreignRoutes } from './routes/foreign.ts'
import { live, ready } from './routes/health.ts'
import { addKey, listKeys, removeKey } from './routes/keys.ts'
import { listen } from './routes/live.ts'
import { metrics } from './routes/metrics.ts'
import { pixel } from './routes/pixel.ts'
import { askCounted, askFunnel, askJourneys, askRefused, query, queryInUrl } from './routes/query.ts'
import { refused, restore } from './routes/refused.ts'
import { staticFile } from './routes/static-file.ts'
import { whoami } from './routes/whoami.ts'
import type { Salts } from './salt.ts'
import type { Sessions } from './session.ts'
import type { Shelf } from './shelf.ts'
import type { StaticFiles } from './static-files.ts'
import { type Answered, requestObserver } from './telemetry/requests.ts'
import { type Counts, NONE, type Samples } from './telemetry.ts'

/** All that the program needs from where it runs. */
export interface AppOptions {
  readonly registry: Registry
  readonly salts: Salts
  readonly sessions: Sessions
  readonly annotations: Shelf
  readonly savedViews: Shelf
  readonly guests: Guests
  /** What browsers get beside the pages. */
  readonly files: StaticFiles
  /** Undefined: the platform compresses by itself. */
  readonly gzip?: Gzip | undefined
  /** Who sends a request, as far as somebody tells who is believed. */
  readonly client: (c: SkerryContext) => Client
  readonly lists: () => Lists | Promise<Lists>
  readonly asset: Asset
  /** Where an address is that an event brings with it. */
  readonly locate: Locate
  /** Opens a collection by its definition; cheap, and the same one for the same definition. */
  readonly open: (definition: CollectionDefinition) => Collection
  /** Whether a request comes while too much waits. */
  readonly isFull: (c: SkerryContext) => boolean
  /** Undefined: nobody sends too fast. */
  readonly limiter: Limiter | undefined
  /** Who is told what comes. */
  readonly listeners: Listeners
  /** Writes to the store and reads it back within 3 s; rejects if it cannot. */
  readonly probe: () => Promise<Durability>
  /** ms since 1970. */
  readonly now: () => number
  /** A clock that never goes back, ms. */
  readonly clock: () => number
  readonly newId: () => string
  readonly log: Log
  readonly debug?: Debug | undefined
  /** Counts what happens. */
  readonly counts: Counts
  /** What all processes that share the store have counted. */
  readonly readMetrics: () => Promise<Samples>
  /** Is told of each request once its reply is there. Must not throw. */
  readonly onAnswer?: ((answered: Answered) => void) | undefined
}

type Answer = (c: SkerryContext) => Promise<Response>

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const writers: readonly KeyKind[] = ['write', 'server', 'admin']
const readers: readonly KeyKind[] = ['read', 'admin']
const admins: readonly KeyKind[] = ['admin']
const anyone = null

/** The whole program: the onion that every request goes through, and all routes. */
export function createApp(options: AppOptions): HonoBase<SkerryEnv> {
  const { registry, limiter, client, clock, debug } = options
  // Routes that overlap, as /:collection/count and /:collection/query, leave Hono's other routers no choice but this one.
  const app = new HonoBase<SkerryEnv>({ router: new TrieRouter() })
  const observe = requestObserver(options)
  const outer: Layers = {
    recover: recover(options),
    timing: timing(options),
    cors: cors({ isCollect, embedOf }),
  }

  /** A path: who may use it (null: anyone, without key), what its methods do, and how errors are told. Other methods are refused after auth. */
  function route(
    path: string,
    kinds: readonly KeyKind[] | null,
    methods: Partial<Record<Method, Layers>>,
    tell?: Tell,
  ): void {
    const guard: Layers = {
      ...(tell && { told: told(tell) }),
      ...(kinds && { auth: auth({ ...options, kinds }) }),
    }
    const answers = new Map<string, Answer>()
    for (const [method, layers] of Object.entries(methods)) {
      const whole = chain(outer, guard, layers)
      debug?.(`${method} ${path}: ${whole.map(({ name }) => name).join(' ▸ ')}`)
      answers.set(method, serve(whole, clock, observe(path, 'collect' in layers)))
    }
    const refusal = chain(outer, guard, { refuseMethod: refuseMethod(Object.keys(methods)) })
    const refuse = serve(refusal, clock, observe(path, false))
    app.all(path, (c) => (answers.get(c.req.method === 'HEAD' ? 'GET' : c.req.method) ?? refuse)(c))
  }

  route('/health/live', anyone, { GET: { live: live() } })
  route('/health/ready', anyone, { GET: { ready: ready(options) } })
  route('/metrics', admins, { GET: { metrics: metrics(options) } })

  route('/api/openapi.json', anyone, { GET: { openapi: openapi(options) } })
  route('/api/docs', anyone, { GET: { docs: docs(options) } })
  for (const [path, one] of Object.entries(publicFiles))
    route(`/${path}`, anyone, { GET: { file: file({ ...options, ...one }) } })

  route('/api/whoami', anyone, { GET: { whoami: whoami(options) } })
  route('/api/collections', admins, { GET: { listCollections: listCollections(options) } })
  route('/api/collections/:name', admins, {
    GET: { getCollection: getCollection(options) },
    PUT: putCollection(options),
    DELETE: { deleteCollection: deleteCollection(options) },
  })
  route('/api/collections/:name/keys', admins, {
    GET: { listKeys: listKeys(options) },
    POST: addKey(options),
  })
  route('/api/collections/:name/keys/:id', admins, { DELETE: { removeKey: removeKey(options) } })

  const limited: Layers = limiter ? { limit: limit({ client, limiter }) } : {}
  route('/', anyone, {
    GET: { ...limited, dashboard: dashboard(options) },
    POST: { ...limited, act: act(options) },
  })
  route('/assets/:file', anyone, { GET: { staticFile: staticFile(options) } })

  const admission: Layers = {
    ...limited,
    shed: shed(options),
  }
  const keeping: Layers = { identify: identify(options), collect: collect() }

  for (const [path, { methods, dialect, admit }] of Object.entries(foreignRoutes(options))) {
    const layers: Layers = { ...admit, ...admission, translate: translate(dialect, options), ...keeping }
    route(path, anyone, Object.fromEntries(methods.map((method) => [method, layers])), (error, header) =>
      error.status < 500 ? dialect.refuse(error, header) : undefined,
    )
  }
  route('/cache', anyone, { GET: { cache: cache(options) } })

  const collecting: Layers = { ...admission, validate: validate(options), ...keeping }
  route('/:collection', writers, { POST: collecting, GET: { pixel: pixel(), ...collecting } })
  route('/:collection/count', readers, { GET: { count: count() } })
  for (const [path, ask] of Object.entries({ query: askCounted, funnel: askFunnel, journeys: askJourneys }))
    route(`/:collection/${path}`, readers, { POST: query(ask), GET: { queryInUrl: queryInUrl(ask) } })
  route('/:collection/live', readers, {
    GET: { listen: listen({ ...options, auth: auth({ ...options, kinds: readers }) }) },
  })
  route('/:collection/events', readers, {
    GET: events(),
    DELETE: { auth: auth({ ...options, kinds: admins }), ...eraseEvents() },
  })
  route('/:collection/refused', readers, { GET: { refused: refused() } })
  route('/:collection/refused/query', readers, {
    POST: query(askRefused),
    GET: { queryInUrl: queryInUrl(askRefused) },
  })
  route('/:collection/refused/restore', admins, { POST: restore() })
  route('/:collection/:attribute/:value/count', readers, { GET: { countBy: countBy() } })

  for (const [path, methods] of Object.entries(plausibleRoutes(options)))
    route(path, readers, methods, plausibleError)
  for (const [path, methods] of Object.entries(umamiRoutes(options)))
    route(path, readers, methods, umamiError)

  app.notFound(serve(chain(outer, { notFound }), clock, observe(NONE, false)))
  // Whatever a layer throws `recover` has answered; Hono would not tell what else may be thrown.
  app.onError((error) => {
    throw error
  })
  return app

  async function embedOf(path: string): Promise<readonly string[]> {
    const [, name = ''] = path.split('/')
    return (await registry.recall(name))?.embed ?? []
  }
}

const foreignPaths: ReadonlySet<string> = new Set(['/api/event', '/api/send', '/api/batch'])

/** Whether a path is one that pages of other sites send to. */
function isCollect(path: string): boolean {
  return (path.indexOf('/', 1) < 0 && path.length > 1) || foreignPaths.has(path)
}

async function notFound(): Promise<never> {
  throw new SkerryError('not_found')
}

function refuseMethod(methods: readonly string[]): Layer {
  const allowed = methods.includes('GET') ? ['HEAD', ...methods] : methods
  return async function refuseMethod(): Promise<never> {
    throw new SkerryError('method_not_allowed', { headers: { Allow: [...allowed].sort().join(', ') } })
  }
}
