import type { Random } from './key.ts'
import type { RegistryDocuments } from './registry.ts'
import type { SipKey } from './siphash.ts'

/** The secrets by which visitors are told apart: a random one for each collection and day, destroyed after 48 h. */
export interface Salts {
  /** The secrets of a collection's days, by date; made at first need, and the same for all processes. */
  of(collection: string, dates: readonly string[]): Promise<ReadonlyMap<string, SipKey>>
  /** Destroys those that are past their time. */
  sweep(): Promise<void>
}

export interface SaltOptions {
  readonly documents: RegistryDocuments
  readonly random: Random
  /** ms since 1970. */
  readonly now: () => number
}

const HOUR_MS = 3_600_000
/** An event of a day may arrive for 24 h after it has ended. */
const LIFE_MS = 48 * HOUR_MS
const KIND = 'salt'
/** What is left of a secret until no file holds it any more, also where whoever destroyed it died before that. It is past its time. */
const GONE = '[]'

interface Salt {
  readonly key: SipKey
  readonly until: number
}

export function createSalts({ documents, random, now }: SaltOptions): Salts {
  const known = new Map<string, Salt>()

  /** Keeps a new secret, unless another was first; then that one. */
  async function make(name: string, before: string | undefined): Promise<void> {
    // Those of an hour go together: a store may have to write a whole file anew for it.
    const until = Math.floor((now() + LIFE_MS) / HOUR_MS) * HOUR_MS
    const made: Salt = { key: toKey(random(16)), until }
    if (await documents.replace(KIND, name, before ?? null, write(made))) known.set(name, made)
  }

  /** Looks for secrets in the store, and makes those that are not there. */
  async function learn(names: readonly string[]): Promise<void> {
    for (const [other, { until }] of known) if (until <= now()) known.delete(other)
    const texts = await documents.documents(KIND)
    const missing = names.filter((name) => {
      const text = texts.get(name)
      const found = text === undefined ? undefined : read(text)
      if (found && found.until > now()) known.set(name, found)
      return !isKnown(name)
    })
    await Promise.all(missing.map((name) => make(name, texts.get(name))))
  }

  function isKnown(name: string): boolean {
    return (known.get(name)?.until ?? 0) > now()
  }

  function knownKeys(collection: string, dates: readonly string[]): Map<string, SipKey> {
    const keys = new Map<string, SipKey>()
    for (const date of dates) {
      const salt = keys.has(date) ? undefined : known.get(`${collection}/${date}`)
      if (salt && salt.until > now()) keys.set(date, salt.key)
    }
    return keys
  }

  return {
    async of(collection, dates): Promise<ReadonlyMap<string, SipKey>> {
      for (;;) {
        const keys = knownKeys(collection, dates)
        const unknown = dates.filter((date) => !keys.has(date))
        if (unknown.length === 0) return keys
        await learn([...new Set(unknown)].map((date) => `${collection}/${date}`))
      }
    },
    async sweep(): Promise<void> {
      const all = await documents.documents(KIND)
      const old = [...all].filter(([, text]) => read(text).until <= now())
      if (old.length === 0) return
      for (const [name, text] of old) await documents.replace(KIND, name, text, GONE)
      await documents.scrub?.()
      for (const [name] of old) await documents.replace(KIND, name, GONE, null)
    },
  }
}

function write({ key, until }: Salt): string {
  return JSON.stringify([...key, until])
}

function read(text: string): Salt {
  const [a = 0, b = 0, c = 0, d = 0, until = 0] = JSON.parse(text) as readonly number[]
  return { key: [a, b, c, d], until }
}

function toKey(bytes: Uint8Array): SipKey {
  const words = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return [words.getUint32(0), words.getUint32(4), words.getUint32(8), words.getUint32(12)]
}
