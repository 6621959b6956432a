import { inject } from 'vitest'
import { ioredis } from '../adapters/store/ioredis.ts'
import { memoryStore } from '../src/store/memory.ts'
import { redisStore } from '../src/store/redis/redis-store.ts'
import { appContract } from './contract/app.ts'
import { queryContract } from './contract/query.ts'
import { inProcess } from './support/in-process.ts'

appContract('in process, memory', () => inProcess(memoryStore()))
appContract('in process, ioredis', () => inProcess(redisStore(ioredis(inject('redisUrl')))))
queryContract('in process, memory', () => inProcess(memoryStore()))
queryContract('in process, ioredis', () => inProcess(redisStore(ioredis(inject('redisUrl')))))
