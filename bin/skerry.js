#!/usr/bin/env node
// Plain JavaScript: it must run, and say what is wrong, on a Node that cannot run the rest.
const [major] = process.versions.node.split('.').map(Number)

if (major < 24) {
  console.error(
    `skerry: Node ${process.versions.node} is too old, 24 or newer is needed. ` +
      'In a checkout `npm start` uses the project\'s own (npm package "node"): run `npm ci` first, without --ignore-scripts.',
  )
  process.exit(1)
}

const { main } = await import('../adapters/runtime/node.ts')
await main(process.env)
