import { firstStart } from '../../src/first-start.ts'
import { createProgram, type Platform, type Program } from '../../src/program.ts'
import { readSettings } from '../../src/settings.ts'
import { storeHome } from '../../src/store/home.ts'
import type { Store } from '../../src/store/store.ts'
import { asset } from './assets.ts'
import { breathe, journalOptions, random } from './journal.ts'
import { ADMIN_KEY } from './server.ts'

/** A program and the public write key of its `pageviews`, where this is its store's first start. */
export interface StartedProgram extends Program {
  readonly writeKey: string
}

/** The program as a process of its own has it, with a clock and a client of the test's choosing. */
export async function startProgram(store: Store, platform: Partial<Platform> = {}): Promise<StartedProgram> {
  const now = platform.now ?? Date.now
  const usual: Platform = {
    ...{ now, random, asset, breathe, clock: () => performance.now() },
    ...{ peer: () => ({ by: 'socket' }), log: () => {}, print: () => {} },
  }
  const settings = readSettings({ SKERRY_KEY: ADMIN_KEY })
  const home = storeHome(store, journalOptions(store, { now }))
  const program = createProgram(home, { ...usual, ...platform }, settings)
  const { writeKeys } = await firstStart(program.registry, store)
  return { ...program, writeKey: writeKeys.get('pageviews') ?? '' }
}
