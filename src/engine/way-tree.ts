/**
 * Ways and how often each was taken, kept as a tree of their beginnings, so that what they share is kept once.
 * Node 0 is the way of no steps.
 */
export interface WayTree {
  /** Counts a way by the numbers of its steps. */
  take(steps: readonly number[]): void
  /** Ways that were taken. */
  readonly size: number
  /** How often ways were taken, all together. */
  readonly total: number
  /** The ways that are among the first `most`, and all that were taken as often as the last of them. */
  frequent(most: number): readonly Way[]
}

export interface Way {
  readonly steps: readonly number[]
  readonly count: number
}

/** More than the steps of any tree. */
const NUMBERS = 2 ** 31

/** `limit`: nodes that it may come to; past it `onFull` throws. */
export function createWayTree(limit: number, onFull: () => never): WayTree {
  const children = new Map<number, number>()
  const parents: number[] = [0]
  const lastSteps: number[] = [0]
  const counts: number[] = [0]
  let total = 0

  function childOf(node: number, step: number): number {
    const key = node * NUMBERS + step
    const known = children.get(key)
    if (known !== undefined) return known
    const child = counts.length
    if (child > limit) onFull()
    children.set(key, child)
    parents.push(node)
    lastSteps.push(step)
    counts.push(0)
    return child
  }

  function stepsTo(node: number): readonly number[] {
    const steps: number[] = []
    for (let at = node; at !== 0; at = parents[at] as number) steps.unshift(lastSteps[at] as number)
    return steps
  }

  return {
    take(steps): void {
      const node = steps.reduce(childOf, 0)
      counts[node] = (counts[node] as number) + 1
      total++
    },
    get size(): number {
      return counts.reduce((size, count) => size + (count > 0 ? 1 : 0), 0)
    },
    get total(): number {
      return total
    },
    frequent(most): readonly Way[] {
      const least = Float64Array.from(counts).sort().at(-most) ?? 0
      return counts.flatMap((count, node) =>
        count > 0 && count >= least ? [{ steps: stepsTo(node), count }] : [],
      )
    },
  }
}
