import type { Layer, Layers, SkerryContext } from '../context.ts'
import { plausibleQuery, siteOfBody } from '../dialects/plausible-stats.ts'
import {
  aggregate,
  breakdown,
  realtimeVisitors,
  siteOfParams,
  timeseries,
} from '../dialects/plausible-stats-v1.ts'
import type { Answer } from '../dialects/question.ts'
import {
  umamiActive,
  umamiEventSeries,
  umamiMetrics,
  umamiPageviews,
  umamiStats,
} from '../dialects/umami-stats.ts'
import { PRIVATE } from '../headers.ts'
import { asked, type SiteOptions, site } from '../middleware/site.ts'
import { json, type Reply } from '../reply.ts'
import { askCounted } from './query.ts'

export interface DialectOptions extends Omit<SiteOptions, 'idOf'> {
  /** ms since 1970. */
  readonly now: () => number
}

/** Paths, and what their methods do. */
type Routes = Readonly<Record<string, { readonly GET: Layers } | { readonly POST: Layers }>>

/** Where clients of Plausible's Stats API ask, both versions of it. */
export function plausibleRoutes(options: DialectOptions): Routes {
  const inBody = site({ ...options, idOf: (c) => siteOfBody(c.get('asked')) })
  const inUrl = site({ ...options, idOf: (c) => siteOfParams(paramsOf(c)) })
  const get = (answer: Answer): Routes[string] => ({
    GET: { site: inUrl, answer: answerBy(answer, options) },
  })
  return {
    '/api/v2/query': { POST: { asked: asked(), site: inBody, answer: answerBy(plausibleQuery, options) } },
    '/api/v1/stats/realtime/visitors': get(realtimeVisitors),
    '/api/v1/stats/aggregate': get(aggregate),
    '/api/v1/stats/timeseries': get(timeseries),
    '/api/v1/stats/breakdown': get(breakdown),
  }
}

/** Where clients of Umami ask. */
export function umamiRoutes(options: DialectOptions): Routes {
  const inPath = site({ ...options, idOf: (c) => c.req.param('id') ?? '' })
  const get = (answer: Answer): Routes[string] => ({
    GET: { site: inPath, answer: answerBy(answer, options) },
  })
  return {
    '/api/websites/:id/stats': get(umamiStats),
    '/api/websites/:id/pageviews': get(umamiPageviews),
    '/api/websites/:id/metrics': get(umamiMetrics),
    '/api/websites/:id/events/series': get(umamiEventSeries),
    '/api/websites/:id/active': get(umamiActive),
  }
}

function paramsOf({ req }: SkerryContext): URLSearchParams {
  return new URL(req.url).searchParams
}

function answerBy(answer: Answer, { now }: DialectOptions): Layer {
  return async function answerBy(c): Promise<Reply> {
    const collection = c.get('collection')
    const question = {
      params: paramsOf(c),
      body: c.get('asked'),
      definition: collection.definition,
      now: now(),
      ask: (query: unknown) => askCounted(collection, query),
    }
    return json(await answer(question), 200, PRIVATE)
  }
}
