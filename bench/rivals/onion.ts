import { readFile } from 'node:fs/promises'
import { createHttpServer } from '../../adapters/runtime/http-server.ts'
import { zlibCodec } from '../../adapters/runtime/zlib-codec.ts'
import { createCache } from '../../src/engine/cache.ts'
import { firstStart } from '../../src/first-start.ts'
import { makeId, type Random } from '../../src/key.ts'
import { createProgram, type Platform } from '../../src/program.ts'
import { readSettings } from '../../src/settings.ts'
import { storeHome } from '../../src/store/home.ts'
import { memoryStore } from '../../src/store/memory.ts'

/** Skerry without its store: a beacon goes through the whole onion and becomes text for the journal, which is dropped. */
const random: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes))
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const platform: Platform = {
  random,
  breathe,
  now: Date.now,
  clock: () => performance.now(),
  peer: () => ({ address: '127.0.0.1', by: 'socket' }),
  asset: (name) => readFile(new URL(`../../assets/${name}`, import.meta.url), 'utf8'),
  log: (line) => console.error(JSON.stringify(line)),
  print: console.error,
}
const settings = readSettings(process.env)
const store = memoryStore()
const home = storeHome(store, {
  writer: { add: async () => {}, isFull: () => false },
  cache: createCache(0),
  codec: zlibCodec,
  now: Date.now,
  newId: () => makeId(random),
  breathe,
  sealAt: Infinity,
  listening: { pause: async () => {}, everyMs: 0 },
})
const { app, registry } = createProgram(home, platform, settings)
await firstStart(registry, store)
createHttpServer(app.fetch, () => performance.now()).listen(settings.port, settings.host)
