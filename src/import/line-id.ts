import { type SipKey, sipHash } from '../siphash.ts'

/** Two public keys: what is wanted is that two texts do not meet, in 128 bits, not a secret. */
const KEYS: readonly SipKey[] = [
  [0x736b6572, 0x72792069, 0x6d706f72, 0x74206f6e],
  [0x736b6572, 0x72792069, 0x6d706f72, 0x74207477],
]

/** Different records that are remembered, in each of two generations. Records that are alike stand close together. */
const REMEMBERED = 50_000

/**
 * Gives each record of a file an id by what stands in it, so that the same record has the same id whenever and from
 * whichever file it is imported; of records that are alike the first, the second and so on have ids of their own.
 * `run` makes other ids of all of them.
 */
export function createLineIds(run = ''): (record: string) => string {
  let young = new Map<string, number>()
  let old = new Map<string, number>()
  return (record) => {
    const key = hash(`${run}\n${record}`)
    const before = young.get(key) ?? old.get(key) ?? 0
    young.set(key, before + 1)
    if (young.size > REMEMBERED) [old, young] = [young, new Map()]
    return before === 0 ? key : hash(`${key} ${before}`)
  }
}

function hash(text: string): string {
  return KEYS.map((key) => sipHash(key, text)).join('')
}
