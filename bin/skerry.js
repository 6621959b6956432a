#!/usr/bin/env node
import './node-version.js'

await import('./compile-cache.js')
const { main } = await import('../adapters/runtime/node.ts')
await main(process.env)
