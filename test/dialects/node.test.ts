import { memoryStore } from '../../src/store/memory.ts'
import { BURST, dialectRules } from '../contract/dialect-rules.ts'
import { dialectsContract } from '../contract/dialects.ts'
import { inProcess, overHttp } from '../support/in-process.ts'
import { startNode } from '../support/server.ts'

dialectsContract('memory', () => inProcess(memoryStore()))
dialectsContract('Node', async () => overHttp(await startNode()))
dialectRules('Node', async () => overHttp(await startNode({ SKERRY_RATE: `1/${BURST}`, TRUST_PROXY: '1' })))
