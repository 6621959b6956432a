#!/usr/bin/env node
import './node-version.js'

await import('./compile-cache.js')
const { main } = await import('../adapters/cli/main.ts')
await main(process.argv.slice(2), process.env)
