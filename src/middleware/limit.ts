import type { Client } from '../client.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { SkerryError } from '../errors.ts'
import { isLoopback, networkOf } from '../ip.ts'
import { type Limiter, type Rate, windowOf } from '../rate.ts'

export interface LimitOptions {
  readonly limiter: Limiter
  /** Who sends a request. */
  readonly client: (c: SkerryContext) => Client
}

/**
 * Turns away who sends too fast, by address (of IPv6 the first 64 bits) whatever the key, before the body is read.
 * A secret key vouches for its sender. A client on this machine is not limited, since a proxy that nobody named
 * makes one client of all visitors; nor is one without an address.
 */
export function limit({ limiter, client }: LimitOptions): Layer {
  return async function limit(c, next): Promise<void> {
    const address = isVouchedFor(c) ? undefined : client(c).address
    const wait = address && !isLoopback(address) ? await limiter.take(networkOf(address)) : 0
    if (wait > 0) throw rateLimited(limiter.rate, wait)
    await next()
  }
}

/** Dialects take beacons without any key. */
function isVouchedFor(c: SkerryContext): boolean {
  const kind = c.get('principal')?.kind
  return kind === 'server' || kind === 'admin'
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-11, on this answer only: pages cannot read them on others. */
function rateLimited(rate: Rate, waitMs: number): SkerryError {
  const seconds = String(Math.ceil(waitMs / 1000))
  return new SkerryError('rate_limited', {
    headers: {
      'Retry-After': seconds,
      RateLimit: `"beacons";r=0;t=${seconds}`,
      'RateLimit-Policy': `"beacons";q=${rate.burst};w=${windowOf(rate)}`,
    },
  })
}
