import { toHex } from './hex.ts'
import { digestOf, type Random } from './key.ts'
import type { Principal, Registry, RegistryDocuments } from './registry.ts'

/** Signed-in browsers. A session is not the key, and ends with it. */
export interface Sessions {
  /** Begins a session for whoever presents a key, and gives its token: the only time it is seen. */
  begin(key: string): Promise<string>
  /** Who signed in; undefined if there is no such session, it is over, or its key is no more. */
  find(token: string): Promise<Principal | undefined>
  end(token: string): Promise<void>
}

export interface SessionsOptions {
  readonly documents: RegistryDocuments
  readonly registry: Pick<Registry, 'holder'>
  readonly random: Random
  readonly now: () => number
}

/** How long a session lasts, and how many there may be, of all keys and of one: beyond that the oldest end. */
export const sessionLimits = { days: 14, most: 1000, ofKey: 100 } as const

const DAY_MS = 86_400_000

/** What is kept of a session, under the digest of its token. */
interface Session {
  /** Digest of the key. */
  readonly key: string
  /** ms since 1970. */
  readonly until: number
}

const KIND = 'session'
const TOKEN_BYTES = 24

/** Sessions kept at the store, so that all processes know them. As of keys only digests are kept. */
export function createSessions({ documents, registry, random, now }: SessionsOptions): Sessions {
  /** Makes room for one more of a key. */
  async function sweep(key: string): Promise<void> {
    const kept = [...(await documents.documents(KIND))].map(([name, text]) => ({ name, text, ...read(text) }))
    kept.sort((a, b) => b.until - a.until)
    const spare = kept.filter((session) => session.key === key).slice(sessionLimits.ofKey - 1)
    const over = kept.filter(
      (session, i) => session.until <= now() || i >= sessionLimits.most - 1 || spare.includes(session),
    )
    await Promise.all(over.map(({ name, text }) => documents.replace(KIND, name, text, null)))
  }

  return {
    async begin(key): Promise<string> {
      const digest = await digestOf(key)
      await sweep(digest)
      const token = toHex(random(TOKEN_BYTES))
      const session: Session = { key: digest, until: now() + sessionLimits.days * DAY_MS }
      await documents.replace(KIND, await digestOf(token), null, JSON.stringify(session))
      return token
    },
    async find(token): Promise<Principal | undefined> {
      const text = (await documents.documents(KIND)).get(await digestOf(token))
      if (text === undefined) return undefined
      const { key, until } = read(text)
      return until > now() ? registry.holder(key) : undefined
    },
    async end(token): Promise<void> {
      const name = await digestOf(token)
      const text = (await documents.documents(KIND)).get(name)
      if (text !== undefined) await documents.replace(KIND, name, text, null)
    },
  }
}

function read(text: string): Session {
  return JSON.parse(text) as Session
}
