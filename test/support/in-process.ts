import { firstStart } from '../../src/first-start.ts'
import { createProgram } from '../../src/program.ts'
import { readSettings } from '../../src/settings.ts'
import { storeHome } from '../../src/store/home.ts'
import type { Store } from '../../src/store/store.ts'
import type { Subject } from '../contract/app.ts'
import { asset } from './assets.ts'
import { breathe, journalOptions, random } from './journal.ts'
import { ADMIN_KEY, type Server } from './server.ts'
import { asBrowser } from './visitor.ts'

/** The program over a store, without any server: requests are handed to it as they are. */
export async function inProcess(
  store: Store,
  environment: Readonly<Record<string, string>> = {},
  print: (line: string) => void = () => {},
): Promise<Subject> {
  const platform = {
    now: Date.now,
    clock: () => performance.now(),
    random,
    asset,
    breathe,
    peer: () => ({ by: 'socket' }),
    log: () => {},
    print,
  }
  const { app, registry } = createProgram(
    storeHome(store, journalOptions(store)),
    platform,
    readSettings({ SKERRY_KEY: ADMIN_KEY, ...environment }),
  )
  await firstStart(registry, store)
  return {
    adminKey: ADMIN_KEY,
    fetch: async (path, init) => app.fetch(new Request(`http://skerry.test${path}`, asBrowser(init))),
    stop: () => store.close(),
  }
}

/** A running server as the contract sees it. */
export function overHttp({ url, stop }: Pick<Server, 'url' | 'stop'>): Subject {
  return {
    adminKey: ADMIN_KEY,
    fetch: (path, init) => fetch(url + path, { redirect: 'manual', ...asBrowser(init) }),
    stop,
  }
}
