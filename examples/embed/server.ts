import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { firstStart, readSettings } from 'skerry'
import { openProgram } from 'skerry/node'
import { spansOf } from './spans.ts'

// Skerry reads the settings that its own server would, here from the environment.
const settings = readSettings(process.env)
const skerry = await openProgram(settings, {
  onAnswer(answered): void {
    for (const span of spansOf(answered, Date.now())) console.log(JSON.stringify(span))
  },
})
const { writeKeys } = await firstStart(skerry.registry, skerry.store)
for (const [name, key] of writeKeys) console.log(`write key of ${name}: ${key}`)

const host = new Hono()
host.get('/', (c) => c.text('the host’s own page'))
host.mount('/stats', skerry.app.fetch)

const server = serve({ fetch: host.fetch, port: settings.port, hostname: settings.host }, ({ port }) => {
  console.log(`host listens on http://127.0.0.1:${port}`)
})

process.on('SIGTERM', () => {
  server.close(() => void skerry.close().then(() => process.exit(0)))
})
