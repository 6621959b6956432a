import { corpusContract } from '../contract/corpus.ts'
import { startNode } from '../support/server.ts'
import { chapters } from './all.ts'

corpusContract({ runtime: 'node', chapters, isThorough: true }, async () => {
  const { url, child, stop } = await startNode()
  return { url, stop, output: child.output }
})
