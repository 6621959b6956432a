import { type Counts, series } from '../telemetry.ts'

/** Does work that makes events durable, and counts how long it took or that it failed. */
export type Timed = <T>(work: () => Promise<T>) => Promise<T>

/** `clock` never goes back, ms. */
export function timedCommits(counts: Counts, clock: () => number): Timed {
  const took = counts.timer('skerry_commit_duration_seconds')
  const failures = series('skerry_commit_failures')
  return async (work) => {
    const start = clock()
    try {
      const result = await work()
      took(clock() - start)
      return result
    } catch (error) {
      counts.count(failures)
      throw error
    }
  }
}
