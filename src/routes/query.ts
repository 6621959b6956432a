import { readFunnel, readJourneys } from '../asking/path-reader.ts'
import { readQuery } from '../asking/query-reader.ts'
import type { Collection } from '../collection.ts'
import type { Layer, Layers, SkerryContext } from '../context.ts'
import { refusedFields } from '../dimension.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { parseJson } from '../json.ts'
import { document } from '../middleware/document.ts'
import { json, type Reply } from '../reply.ts'
import type { Report } from '../report.ts'

/** Asks a collection what a client sent. */
type Ask<Told extends object = object> = (collection: Collection, input: unknown) => Promise<Told>

/** Of the events that count. */
export const askCounted: Ask<Report> = (collection, input) =>
  collection.query(readQuery(input, collection.definition))

/** Of those that were refused. */
export const askRefused: Ask = (collection, input) =>
  collection.queryRefused(readQuery(input, collection.definition, refusedFields))

export const askFunnel: Ask = (collection, input) =>
  collection.funnel(readFunnel(input, collection.definition))

export const askJourneys: Ask = (collection, input) =>
  collection.journeys(readJourneys(input, collection.definition))

/** Answers a query: the body, or `?q=`. */
export function query(ask: Ask): Layers {
  return {
    document: document(),
    async query(c): Promise<Reply> {
      return reply(c, ask, await c.req.text())
    },
  }
}

export function queryInUrl(ask: Ask): Layer {
  return async function queryInUrl(c): Promise<Reply> {
    const text = c.req.query('q')
    if (text === undefined)
      throw new SkerryError('invalid_query', { detail: 'The query, as JSON, belongs in ?q=.' })
    return reply(c, ask, text)
  }
}

async function reply(c: SkerryContext, ask: Ask, text: string): Promise<Reply> {
  return json(await ask(c.get('collection'), parseJson(text)), 200, PRIVATE)
}
