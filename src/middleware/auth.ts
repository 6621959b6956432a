import type { Collection, CollectionDefinition } from '../collection.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { SkerryError } from '../errors.ts'
import type { KeyKind } from '../key.ts'
import type { Principal, Registry } from '../registry.ts'

export interface AuthOptions {
  readonly registry: Registry
  /** Opens a collection by its definition; cheap, and the same one for the same definition. */
  readonly open: (definition: CollectionDefinition) => Collection
  /** The kinds of key that may use the route. */
  readonly kinds: readonly KeyKind[]
  /** Finds the key in an `Authorization` header. */
  readonly keyOf?: (header: string) => string | undefined
}

/**
 * Lets in who has a key for the route, and puts the principal and the collection that the path names
 * into the context. Refuses in this order: no or unknown key, wrong kind or other collection, unknown
 * collection. Only an admin learns which collections there are.
 */
export function auth({ registry, open, kinds, keyOf = readKey }: AuthOptions): Layer {
  return async function auth(c, next): Promise<void> {
    const fromUrl = await identifyUrl(c, registry)
    const header = c.req.header('authorization')
    const key = header === undefined ? undefined : keyOf(header)
    const principal = header === undefined ? fromUrl : key && (await registry.identify(key))
    if (!principal) throw new SkerryError('unauthorized', { headers: { 'WWW-Authenticate': 'Key, Bearer' } })
    const name = c.req.param('collection')
    if (
      !kinds.includes(principal.kind) ||
      (name !== undefined && principal.collection !== undefined && principal.collection !== name)
    ) {
      throw new SkerryError('forbidden')
    }
    c.set('principal', principal)
    if (name !== undefined) c.set('collection', open(await find(registry, name)))
    await next()
  }
}

/**
 * Lets in everybody, and puts the principal into the context where a server or admin key comes with the request.
 * Any other key is as good as none: other products' clients send what those products gave them.
 */
export function vouch({ registry }: Pick<AuthOptions, 'registry'>): Layer {
  return async function vouch(c, next): Promise<void> {
    for (const name of ['key', 'token_auth']) await identifyUrl(c, registry, name)
    const key = readKey(c.req.header('authorization') ?? '')
    const principal = key && (await registry.identify(key))
    if (principal && isSecretWriter(principal)) c.set('principal', principal)
    await next()
  }
}

/** Whether a key vouches for the events that come with it. */
export function isSecretWriter({ kind }: Principal): boolean {
  return kind === 'server' || kind === 'admin'
}

/** More keys in one URL are not looked at. */
const KEYS_IN_URL = 4

/** For routes that take no key: a secret one in the URL is still refused. */
export async function refuseKeysInUrl(c: SkerryContext, registry: Registry): Promise<void> {
  await identifyUrl(c, registry)
}

/** Whom the first key in the URL belongs to. A secret one does not belong there, wherever it stands. */
async function identifyUrl(
  { req }: SkerryContext,
  registry: Registry,
  name: string = 'key',
): Promise<Principal | undefined> {
  const keys = (req.queries(name) ?? []).filter(Boolean).slice(0, KEYS_IN_URL)
  const found: (Principal | undefined)[] = []
  for (const key of keys) found.push(await registry.identify(key))
  if (found.some((one) => one && one.kind !== 'write')) throw new SkerryError('key_in_url')
  return found[0]
}

/** The key of an `Authorization` header. Several headers arrive joined by commas: they count if they agree. */
function readKey(header: string): string | undefined {
  const [first, ...others] = header.split(',').map((one) => /^(?:key|bearer) +(\S+)$/i.exec(one.trim())?.[1])
  return others.every((other) => other === first) ? first : undefined
}

async function find(registry: Registry, name: string): Promise<CollectionDefinition> {
  const definition = (await registry.recall(name)) ?? (await registry.definition(name))
  if (!definition) throw new SkerryError('unknown_collection')
  return definition
}
