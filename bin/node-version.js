// Plain JavaScript: it must run, and say what is wrong, on a Node that cannot run the rest.
const [major] = process.versions.node.split('.').map(Number)

if (major < 24) {
  console.error(
    `skerry: Node ${process.versions.node} is too old, 24 or newer is needed. ` +
      'In a checkout `npm start` and `npm test` use the project\'s own (the npm package "node"): ' +
      'run `npm ci`, without --ignore-scripts.',
  )
  process.exit(1)
}
