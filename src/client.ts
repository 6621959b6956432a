import { formatIp, isLoopback, parseIp } from './ip.ts'
import type { Locate, Place } from './place.ts'
import { type Header, type TrustProxy, toldBy } from './proxy.ts'

/** The other end of a connection, as the platform sees it. */
export interface Peer {
  readonly address?: string | undefined
  /** What tells the address: `socket`, or a header that the platform itself writes. */
  readonly by: string
  /** Where the platform says the peer is. */
  readonly place?: () => Place | undefined
}

/** Who sends a request. */
export interface Client {
  /** An IP address in its one form: dotted IPv4, else IPv6 by RFC 5952. */
  readonly address: string | undefined
  /** What tells the address: `socket`, or the name of the header that is believed. */
  readonly by: string
  /** Whether whoever is believed says that the client speaks HTTPS. */
  readonly isHttps: boolean
  /** Where that address is, as whoever told it says, else the database; looked up once, when first asked. */
  readonly place: () => Place | undefined
}

export interface ClientOptions {
  readonly trust: TrustProxy | undefined
  readonly locate: Locate
}

/** The client behind a peer: the peer itself, unless the operator trusts it, or what it stands for, to tell another. */
export function clientOf(peer: Peer, header: Header, { trust, locate }: ClientOptions): Client {
  const own = parseIp(peer.address?.split('%')[0] ?? '')
  const told = trust && toldBy(trust, own, header)
  const ip = told?.ip ?? own
  const address = ip && formatIp(ip)
  const { by, place } = told ?? peer
  let found: Place | null | undefined = null
  return {
    address,
    by,
    isHttps: told?.isHttps ?? false,
    place(): Place | undefined {
      if (address === undefined) return undefined
      // Of who is on this machine wrangler says that he is in Texas.
      if (found === null) found = (isLoopback(address) ? undefined : place?.()) ?? locate(address)
      return found
    },
  }
}
