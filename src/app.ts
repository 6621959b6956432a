import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'
import type { Client } from './client.ts'
import type { Collection, CollectionDefinition } from './collection.ts'
import type { Layer, Layers, SkerryContext, SkerryEnv } from './context.ts'
import { counterscale } from './dialects/counterscale.ts'
import type { Dialect } from './dialects/dialect.ts'
import { goatcounter } from './dialects/goatcounter.ts'
import { goatcounterApi, goatcounterKey } from './dialects/goatcounter-api.ts'
import { matomo } from './dialects/matomo.ts'
import { plausible } from './dialects/plausible.ts'
import { umamiBatch, umamiSend } from './dialects/umami.ts'
import type { Durability } from './durability.ts'
import { SkerryError } from './errors.ts'
import type { KeyKind } from './key.ts'
import type { Lists } from './lists.ts'
import type { Debug, Log } from './log.ts'
import { auth, vouch } from './middleware/auth.ts'
import { cors } from './middleware/cors.ts'
import { identify } from './middleware/identify.ts'
import { limit } from './middleware/limit.ts'
import { chain, serve } from './middleware/onion.ts'
import { recover } from './middleware/recover.ts'
import { shed } from './middleware/shed.ts'
import { speak } from './middleware/speak.ts'
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
import { eraseEvents, events } from './routes/events.ts'
import { live, ready } from './routes/health.ts'
import { addKey, listKeys, removeKey } from './routes/keys.ts'
import { pixel } from './routes/pixel.ts'
import { askCounted, askRefused, query, queryInUrl } from './routes/query.ts'
import { refused, restore } from './routes/refused.ts'
import { whoami } from './routes/whoami.ts'
import type { Salts } from './salt.ts'

/** All that the program needs from where it runs. */
export interface AppOptions {
  readonly registry: Registry
  readonly salts: Salts
  /** Who sends a request, as far as somebody tells who is believed. */
  readonly client: (c: SkerryContext) => Client
  readonly lists: () => Lists | Promise<Lists>
  /** Where an address is that an event brings with it. */
  readonly locate: Locate
  /** Opens a collection by its definition; cheap, and the same one for the same definition. */
  readonly open: (definition: CollectionDefinition) => Collection
  /** Whether nothing more can wait for the store. */
  readonly isFull: () => boolean
  /** Undefined: nobody sends too fast. */
  readonly limiter: Limiter | undefined
  /** Writes to the store and reads it back within 3 s; rejects if it cannot. */
  readonly probe: () => Promise<Durability>
  /** ms since 1970. */
  readonly now: () => number
  /** A clock that never goes back, ms. */
  readonly clock: () => number
  readonly newId: () => string
  readonly log: Log
  readonly debug?: Debug | undefined
}

type Answer = (c: SkerryContext) => Promise<Response>

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const vouchers: readonly KeyKind[] = ['server', 'admin']
const writers: readonly KeyKind[] = ['write', 'server', 'admin']
const readers: readonly KeyKind[] = ['read', 'admin']
const admins: readonly KeyKind[] = ['admin']
const anyone = null

/** The whole program: the onion that every request goes through, and all routes. */
export function createApp(options: AppOptions): HonoBase<SkerryEnv> {
  const { registry, limiter, client, clock, debug } = options
  // Routes that overlap, as /:collection/count and /:collection/query, leave Hono's other routers no choice but this one.
  const app = new HonoBase<SkerryEnv>({ router: new TrieRouter() })
  const outer: Layers = {
    recover: recover(options),
    timing: timing(options),
    cors: cors({ isCollect, embedOf }),
  }

  /** A path: who may use it (null: anyone, without key), and what its methods do. Other methods are refused after auth. */
  function route(
    path: string,
    kinds: readonly KeyKind[] | null,
    methods: Partial<Record<Method, Layers>>,
  ): void {
    const guard: Layers = kinds ? { auth: auth({ ...options, kinds }) } : {}
    const answers = new Map<string, Answer>()
    for (const [method, layers] of Object.entries(methods)) {
      const whole = chain(outer, guard, layers)
      debug?.(`${method} ${path}: ${whole.map(({ name }) => name).join(' ▸ ')}`)
      answers.set(method, serve(whole, clock))
    }
    const refuse = serve(chain(outer, guard, { refuseMethod: refuseMethod(Object.keys(methods)) }), clock)
    app.all(path, (c) => (answers.get(c.req.method === 'HEAD' ? 'GET' : c.req.method) ?? refuse)(c))
  }

  route('/health/live', anyone, { GET: { live: live() } })
  route('/health/ready', anyone, { GET: { ready: ready(options) } })

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

  const admission: Layers = {
    ...(limiter && { limit: limit({ client, limiter }) }),
    shed: shed(options),
  }
  const keeping: Layers = { identify: identify(options), collect: collect() }

  /** What other products' trackers send, without a key unless a layer says otherwise. */
  function speaking(dialect: Dialect, admit: Layers = { vouch: vouch(options) }): Layers {
    return {
      speak: speak(dialect),
      ...admit,
      ...admission,
      translate: translate(dialect, options),
      ...keeping,
    }
  }
  route('/api/event', anyone, { POST: speaking(plausible) })
  route('/api/send', anyone, { POST: speaking(umamiSend) })
  route('/api/batch', anyone, { POST: speaking(umamiBatch) })
  route('/count', anyone, { GET: speaking(goatcounter), POST: speaking(goatcounter) })
  const byServers = auth({ ...options, kinds: vouchers, keyOf: goatcounterKey })
  route('/api/v0/count', anyone, { POST: speaking(goatcounterApi, { auth: byServers }) })
  route('/cache', anyone, { GET: { cache: cache(options) } })
  route('/collect', anyone, { GET: speaking(counterscale) })
  route('/matomo.php', anyone, { GET: speaking(matomo), POST: speaking(matomo) })
  route('/piwik.php', anyone, { GET: speaking(matomo), POST: speaking(matomo) })

  const collecting: Layers = { ...admission, validate: validate(options), ...keeping }
  route('/:collection', writers, { POST: collecting, GET: { pixel: pixel(), ...collecting } })
  route('/:collection/count', readers, { GET: { count: count() } })
  route('/:collection/query', readers, {
    POST: query(askCounted),
    GET: { queryInUrl: queryInUrl(askCounted) },
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

  app.notFound(serve(chain(outer, { notFound }), clock))
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
