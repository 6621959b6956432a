import type { Layer, Layers, SkerryContext } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { parseJson } from '../json.ts'
import { document } from '../middleware/document.ts'
import { readQuery } from '../query.ts'

/** Answers a query: the body, or `?q=`. */
export function query(): Layers {
  return {
    document: document(),
    async query(c): Promise<Response> {
      return reply(c, await c.req.text())
    },
  }
}

export function queryInUrl(): Layer {
  return async function queryInUrl(c): Promise<Response> {
    const text = c.req.query('q')
    if (text === undefined)
      throw new SkerryError('invalid_query', { detail: 'The query, as JSON, belongs in ?q=.' })
    return reply(c, text)
  }
}

async function reply(c: SkerryContext, text: string): Promise<Response> {
  const collection = c.get('collection')
  const report = await collection.query(readQuery(parseJson(text), collection.definition))
  return c.json(report, 200, PRIVATE)
}
