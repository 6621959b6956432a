import type { Random } from './key.ts'
import type { RegistryDocuments } from './registry.ts'
import type { SipKey } from './siphash.ts'

/** The secrets by which visitors are told apart: a random one for each collection and day, destroyed after 48 h. */
export interface Salts {
  /** The secret of a collection's day; made at first need, and the same for all processes. */
  of(collection: string, date: string): Promise<SipKey>
  /** Destroys those that are past their time. */
  sweep(): Promise<void>
}

export interface SaltOptions {
  readonly documents: RegistryDocuments
  readonly random: Random
  /** ms since 1970. */
  readonly now: () => number
}

/** An event of a day may arrive for 24 h after it has ended. */
const LIFE_MS = 48 * 3_600_000
const KIND = 'salt'

interface Salt {
  readonly key: SipKey
  readonly until: number
}

export function createSalts({ documents, random, now }: SaltOptions): Salts {
  const known = new Map<string, Salt>()

  async function agree(name: string): Promise<Salt> {
    for (;;) {
      const text = (await documents.documents(KIND)).get(name)
      const found = text === undefined ? undefined : read(text)
      if (found && found.until > now()) return found
      const made: Salt = { key: toKey(random(16)), until: now() + LIFE_MS }
      if (await documents.replace(KIND, name, text ?? null, write(made))) return made
    }
  }

  return {
    async of(collection, date): Promise<SipKey> {
      const name = `${collection}/${date}`
      const before = known.get(name)
      if (before && before.until > now()) return before.key
      for (const [other, { until }] of known) if (until <= now()) known.delete(other)
      const salt = await agree(name)
      known.set(name, salt)
      return salt.key
    },
    async sweep(): Promise<void> {
      for (const [name, text] of await documents.documents(KIND)) {
        if (read(text).until <= now()) await documents.replace(KIND, name, text, null)
      }
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
