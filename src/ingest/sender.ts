import type { Hints } from '../agent/agent.ts'
import type { Client } from '../client.ts'
import type { CollectionDefinition, PrivacyRule } from '../collection.ts'
import { privacyRule } from '../privacy.ts'

/** Who sends a beacon, as far as its request tells: read once, for all of its events. */
export interface Sender {
  /** The key vouches for its events: known facts are taken from it, and policies leave it alone. */
  readonly isTrusted: boolean
  readonly client: Client
  readonly agent: string
  readonly hints: Hints
  /** `Accept-Language`. */
  readonly languages: string | undefined
  readonly origin: string | undefined
  /** The page was fetched ahead of a visit that may never come. */
  readonly isPrefetch: boolean
  readonly privacy: PrivacyRule
  /** Another product's own client of servers: a program, but none that reads pages. */
  readonly isClient?: boolean | undefined
  /** The page says that a program drives its browser. */
  readonly isDriven?: boolean | undefined
}

type Header = (name: string) => string | undefined

export function senderOf(
  header: Header,
  client: Client,
  isTrusted: boolean,
  definition: CollectionDefinition,
): Sender {
  return {
    isTrusted,
    client,
    agent: header('user-agent') ?? '',
    hints: hintsOf(header),
    languages: header('accept-language'),
    origin: header('origin'),
    isPrefetch: isPrefetch(header),
    privacy: privacyRule(header, definition),
  }
}

/** Client hints that browsers send by themselves; those of more detail only come where a page asks for them. */
export function hintsOf(header: Header): Hints {
  const ua = header('sec-ch-ua')
  if (ua === undefined) return {}
  return {
    ua,
    mobile: header('sec-ch-ua-mobile'),
    platform: header('sec-ch-ua-platform'),
    platformVersion: header('sec-ch-ua-platform-version'),
    formFactors: header('sec-ch-ua-form-factors'),
  }
}

/** `Sec-Purpose` as of the Fetch standard; `Purpose` and `X-Moz` as older browsers and proxies say it. */
function isPrefetch(header: Header): boolean {
  const purpose = header('sec-purpose') ?? header('purpose') ?? header('x-moz')
  return purpose !== undefined && /\bpre(?:fetch|render|view)\b/i.test(purpose)
}
