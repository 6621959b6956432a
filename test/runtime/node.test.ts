import { inject } from 'vitest'
import { appContract } from '../contract/app.ts'
import { overHttp } from '../support/in-process.ts'
import { startNode } from '../support/server.ts'

appContract('Node, SQLite', async () => overHttp(await startNode()))
appContract('Node, Redis', async () => overHttp(await startNode({ REDIS_URL: inject('redisUrl') })))
