import { crc32, inflateRawSync } from 'node:zlib'
import type { Store } from '../../src/store/store.ts'

/** What may become of a part; undefined: it is gone. */
export interface Damage {
  readonly name: string
  apply(bytes: Uint8Array): Promise<Uint8Array | undefined>
}

/** Other bytes where a byte was. `at`: from the front, or from the back if negative. */
function flip(at: number, mask: number): Damage {
  return {
    name: `byte ${at} ^ ${mask}`,
    async apply(bytes): Promise<Uint8Array> {
      const copy = bytes.slice()
      const i = Math.min(at < 0 ? copy.length + at : at, copy.length - 1)
      copy[i] = (copy[i] as number) ^ mask
      return copy
    },
  }
}

function cut(name: string, length: (all: number) => number): Damage {
  return { name, apply: async (bytes) => bytes.slice(0, length(bytes.length)) }
}

/** In the checksum, the form and the body. */
export const flips: readonly Damage[] = [
  flip(0, 0xff),
  flip(4, 1),
  flip(-2, 0xff),
  {
    name: 'a bit in the middle',
    apply: (bytes) => flip(5 + ((bytes.length - 5) >> 1), 4).apply(bytes),
  },
]

export const cuts: readonly Damage[] = [
  cut('half', (all) => all >> 1),
  cut('without its last byte', (all) => all - 1),
  cut('its first 5 bytes', () => 5),
  cut('empty', () => 0),
]

export const gone: Damage = { name: 'gone', apply: async () => undefined }

/** What is packed in a part, whether or not its checksum is right. */
export function payloadOf(bytes: Uint8Array): Uint8Array {
  return bytes[4] === 1 ? inflateRawSync(bytes.subarray(5)) : bytes.subarray(5)
}

export function headerOf(bytes: Uint8Array): { readonly parts: readonly string[] } {
  return JSON.parse(new TextDecoder().decode(payloadOf(bytes)))
}

/** A header as a later release might write it: whole, and not to be read. */
export const laterFormat: Damage = {
  name: 'of format 99',
  async apply(bytes): Promise<Uint8Array> {
    const text = JSON.stringify({ ...headerOf(bytes), format: 99 })
    const changed = Buffer.concat([Buffer.alloc(5), Buffer.from(text)])
    changed.writeUInt32LE(crc32(changed.subarray(4)), 0)
    return new Uint8Array(changed)
  },
}

/** A store of which one part can be damaged, and that tells what is read. */
export interface DamagedStore {
  readonly store: Store
  /** Names of parts that were there and were read, by segment, since the last look. */
  readonly reads: Map<string, Set<string>>
  damage: { readonly segment: string; readonly part: string; readonly damage: Damage } | undefined
}

export function damagedStore(inner: Store): DamagedStore {
  const reads = new Map<string, Set<string>>()
  const damaged: DamagedStore = {
    reads,
    damage: undefined,
    store: {
      ...inner,
      async parts(collection, wanted) {
        const found = new Map<string, Map<string, Uint8Array>>()
        for (const [segment, parts] of await inner.parts(collection, wanted)) {
          reads.set(segment, new Set([...(reads.get(segment) ?? []), ...parts.keys()]))
          found.set(segment, new Map(parts))
        }
        const { segment = '', part = '', damage } = damaged.damage ?? {}
        const bytes = found.get(segment)?.get(part)
        if (!bytes || !damage) return found
        const changed = await damage.apply(bytes)
        if (changed) found.get(segment)?.set(part, changed)
        else found.get(segment)?.delete(part)
        return found
      },
    },
  }
  return damaged
}
