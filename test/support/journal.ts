import { zlibCodec } from '../../adapters/runtime/zlib-codec.ts'
import { createCache } from '../../src/engine/cache.ts'
import { makeId } from '../../src/key.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import type { JournalOptions } from '../../src/store/journal-stream.ts'
import type { Store } from '../../src/store/store.ts'

export const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes))
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What collections over a store need, as a process of its own has it. */
export function journalOptions(
  store: Store,
  settings: Partial<JournalOptions> = {},
): Omit<JournalOptions, 'store'> {
  return {
    writer: groupCommit(store, breathe),
    cache: createCache(64 * 1024 * 1024),
    codec: zlibCodec,
    now: Date.now,
    newId: () => makeId(random),
    breathe,
    sealAt: 200_000,
    listening: { pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), everyMs: 20 },
    ...settings,
  }
}
