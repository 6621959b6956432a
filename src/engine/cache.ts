/** Keeps what was last used, up to a number of bytes. */
export interface Cache {
  get<T>(key: string): T | undefined
  set(key: string, value: unknown, bytes: number): void
  /** Bytes that are kept now. */
  readonly bytes: number
}

interface Kept {
  readonly value: unknown
  readonly bytes: number
}

/** Drops the least recently used first: a Map remembers the order in which its keys were set. */
export function createCache(limit: number): Cache {
  const entries = new Map<string, Kept>()
  let bytes = 0

  function drop(key: string, kept: Kept): void {
    entries.delete(key)
    bytes -= kept.bytes
  }

  return {
    get<T>(key: string): T | undefined {
      const kept = entries.get(key)
      if (!kept) return undefined
      entries.delete(key)
      entries.set(key, kept)
      return kept.value as T
    },
    set(key, value, size): void {
      const before = entries.get(key)
      if (before) drop(key, before)
      if (size > limit) return
      entries.set(key, { value, bytes: size })
      bytes += size
      for (const [oldest, kept] of entries) {
        if (bytes <= limit) return
        drop(oldest, kept)
      }
    },
    get bytes(): number {
      return bytes
    },
  }
}
