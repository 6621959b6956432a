#!/usr/bin/env node
import { existsSync } from 'node:fs'
import './node-version.js'

await import('./compile-cache.js')
// A checkout runs its TypeScript; the package from a registry has what was built of it, since Node reads no
// TypeScript below node_modules.
const source = new URL('../adapters/cli/main.ts', import.meta.url)
const built = new URL('../dist/package/adapters/cli/main.js', import.meta.url)
const { main } = await import(existsSync(source) ? source : built)
const words = process.argv.slice(2)
// PM2 in the foreground (`--no-daemon`, pm2-runtime) hands its own words to its workers, before those of `args`.
const own = process.env.pm_id === undefined ? 0 : Math.max(0, words.indexOf('serve'))
await main(words.slice(own), process.env)
