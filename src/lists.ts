import type { Log } from './log.ts'
import { readSources, type Sources } from './sources.ts'
import { readSpammers } from './spam.ts'

/** What is known of other sites. */
export interface Lists {
  readonly sources: Sources
  /** Whether a host sends visits that are none, to be seen in reports. */
  readonly isSpammer: (hostname: string) => boolean
}

/** The text of a file of `assets/`. */
export type Asset = (name: string) => Promise<string>

/**
 * The lists, read once at first need. Where they cannot be had, beacons are taken without them: then sources
 * go by their hosts, and the next beacon tries again.
 */
export function createLists(asset: Asset, log: Log): () => Lists | Promise<Lists> {
  let known: Lists | undefined
  async function read(): Promise<Lists> {
    try {
      const [sources, spam] = await Promise.all([asset('sources.txt'), asset('spam.txt')])
      known = { sources: readSources(sources), isSpammer: readSpammers(spam) }
      return known
    } catch (error) {
      log({ level: 'warn', event: 'lists not read', detail: String(error) })
      return { sources: readSources(''), isSpammer: () => false }
    }
  }
  return () => known ?? read()
}
