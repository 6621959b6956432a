import { bodyLimits, bodyText, readBody } from '../body.ts'
import type { Collection, CollectionDefinition } from '../collection.ts'
import type { Layer, SkerryContext, Tell } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { parseJson } from '../json.ts'
import type { Registry } from '../registry.ts'

/** Has errors of layers further in told in a dialect's own words. */
export function told(by: Tell): Layer {
  return async function told(c, next): Promise<void> {
    c.set('tell', by)
    await next()
  }
}

/** Reads a body by which a dialect asks. Throws `too_large`, `unsupported_media_type`, `malformed_body`. */
export function asked(): Layer {
  return async function asked(c, next): Promise<void> {
    c.set('asked', parseJson(bodyText(await readBody(c.req, bodyLimits.document))))
    await next()
  }
}

export interface SiteOptions {
  readonly registry: Registry
  /** Opens a collection by its definition; cheap, and the same one for the same definition. */
  readonly open: (definition: CollectionDefinition) => Collection
  /** The name or alias by which a request means a collection. */
  readonly idOf: (c: SkerryContext) => string
}

/** Finds the collection that a dialect means, and refuses whom `auth` has let in with the key of another one. */
export function site({ registry, open, idOf }: SiteOptions): Layer {
  return async function site(c, next): Promise<void> {
    const { collection } = c.get('principal')
    const definition = await registry.findSite(idOf(c))
    if (collection !== undefined && collection !== definition?.name) throw new SkerryError('forbidden')
    if (!definition) throw new SkerryError('unknown_collection')
    c.set('collection', open(definition))
    await next()
  }
}
