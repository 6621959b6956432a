/** A step of ways that are alike up to it: how many took it, and where they went on. */
export interface Way {
  readonly name: string
  readonly count: number
  readonly next: readonly Way[]
}

interface Growing {
  count: number
  readonly next: Map<string, Growing>
}

/** Puts ways together that begin alike; the most frequent first. */
export function growTree(
  ways: readonly { readonly path: readonly string[]; readonly count: number }[],
): readonly Way[] {
  const root: Growing = { count: 0, next: new Map() }
  for (const { path, count } of ways) {
    let at = root
    for (const name of path) {
      const found = at.next.get(name) ?? { count: 0, next: new Map() }
      found.count += count
      at.next.set(name, found)
      at = found
    }
  }
  return grown(root)
}

function grown({ next }: Growing): readonly Way[] {
  return [...next]
    .map(([name, one]) => ({ name, count: one.count, next: grown(one) }))
    .sort((a, b) => b.count - a.count)
}
