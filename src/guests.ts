import { SkerryError } from './errors.ts'
import { digestOf, type Random } from './key.ts'
import { createLimiter, type Limiter } from './rate.ts'
import type { NewKey, Principal, Registry } from './registry.ts'
import {
  isPassword,
  keepPassword,
  sharedLinkLimits as limits,
  proofOf,
  type SharedLink,
} from './shared-link.ts'

/** Who opened a link: what he sees, and whether he still owes its password. */
export interface Guest {
  readonly token: string
  readonly collection: string
  readonly link: NonNullable<Principal['link']>
  readonly owesPassword: boolean
  /** What came with the token. */
  readonly proof: string | undefined
}

/** Links to dashboards, and who comes by them. Nothing is kept of guests. */
export interface Guests {
  /** Makes a link, and gives its token: the only time it is seen. */
  invite(collection: string, link: Omit<SharedLink, 'password'>, password: string): Promise<NewKey>
  /** Undefined: there is no such link, or no longer. `proof`: what `prove` gave. */
  find(token: string, proof?: string): Promise<Guest | undefined>
  /** The proof of a password; undefined if it is wrong. Throws `rate_limited` after too many tries. */
  prove(guest: Guest, password: string): Promise<string | undefined>
}

export interface GuestsOptions {
  readonly registry: Pick<Registry, 'identify' | 'addKey'>
  readonly random: Random
  /** A clock that never goes back, ms. */
  readonly clock: () => number
}

export function createGuests({ registry, random, clock }: GuestsOptions): Guests {
  let tries: Limiter | undefined

  /** Counts by the link, whoever tries: it costs as much to look at a wrong password as at the right one. */
  async function refuseHaste(id: string): Promise<void> {
    tries ??= createLimiter({ perSecond: 1000 / limits.tryAgainMs, burst: limits.tries }, { clock, random })
    const wait = await tries.take(id)
    if (wait === 0) return
    const headers = { 'Retry-After': String(Math.ceil(wait / 1000)) }
    throw new SkerryError('rate_limited', { detail: 'Too many tries at this password.', headers })
  }

  return {
    async invite(collection, link, password): Promise<NewKey> {
      const kept = password === '' ? undefined : await keepPassword(password, random)
      return registry.addKey(collection, 'view', kept ? { ...link, password: kept } : link)
    },
    async find(token, proof): Promise<Guest | undefined> {
      const { collection, link } = (await registry.identify(token)) ?? {}
      if (collection === undefined || !link) return undefined
      return { token, collection, link, proof, owesPassword: await owesPassword(token, link, proof) }
    },
    async prove({ token, link }, password): Promise<string | undefined> {
      if (!link.password || password.length > limits.mostPassword) return undefined
      await refuseHaste(link.id)
      return (await isPassword(password, link.password)) ? proofOf(token, link.password) : undefined
    },
  }
}

/** Digests are compared, so that the time it takes tells nothing. */
async function owesPassword(token: string, { password }: SharedLink, proof = ''): Promise<boolean> {
  if (!password) return false
  return (await digestOf(proof)) !== (await digestOf(await proofOf(token, password)))
}
