import { corpusContract } from '../contract/corpus.ts'
import { startWorker } from '../support/server.ts'
import { chapters } from './all.ts'

corpusContract({ runtime: 'workerd', chapters, isThorough: false }, async () => {
  const { url, child, stop } = await startWorker({ SKERRY_RATE: 'off' })
  return { url, stop, output: child.output }
})
