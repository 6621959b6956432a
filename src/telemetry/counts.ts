import { OTHER } from '../dimension.ts'
import { add, bounds, COLLECTIONS_LIMIT, type Counts, type Samples, series } from '../telemetry.ts'

export function createCounts(): Counts {
  let samples = new Map<string, number>()

  return {
    tally(family): (collection: string, outcome: string, times: number) => void {
      /** By collection and outcome, so that no name is put together twice. */
      const names = new Map<string, Map<string, string>>()
      return (collection, outcome, times) => {
        const known = names.has(collection) || names.size < COLLECTIONS_LIMIT ? collection : OTHER
        const own = names.get(known) ?? new Map<string, string>()
        names.set(known, own)
        const name = own.get(outcome) ?? series(family, { collection: known, outcome })
        own.set(outcome, name)
        add(samples, name, times)
      }
    },
    count: (name) => add(samples, name, 1),
    timer(family, labels): (ms: number) => void {
      const name = series(family, labels)
      const buckets = [...bounds, Infinity].map((_, bucket) => `${name}#${bucket}`)
      const sum = `${name}#sum`
      return (ms) => {
        const seconds = ms / 1000
        let bucket = 0
        while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket++
        add(samples, buckets[bucket] as string, 1)
        add(samples, sum, seconds)
      }
    },
    isEmpty: () => samples.size === 0,
    take(): Samples {
      const taken = samples
      samples = new Map()
      return taken
    },
  }
}
