import type { Contestant } from './contestant.ts'

/** The engine of this project. */
export async function createSkerry(_folder: string): Promise<Contestant> {
  throw new Error('The engine is not in the race yet: leave it out with --skip skerry')
}
