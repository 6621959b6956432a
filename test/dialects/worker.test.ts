import { BURST, dialectRules } from '../contract/dialect-rules.ts'
import { dialectsContract } from '../contract/dialects.ts'
import { overHttp } from '../support/in-process.ts'
import { startWorker } from '../support/server.ts'

dialectsContract('workerd', async () => overHttp(await startWorker({ SKERRY_RATE: 'off' })))
dialectRules('workerd', async () => overHttp(await startWorker({ SKERRY_RATE: `1/${BURST}` })))
