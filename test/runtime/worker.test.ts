import { inject } from 'vitest'
import { appContract } from '../contract/app.ts'
import { queryContract } from '../contract/query.ts'
import { overHttp } from '../support/in-process.ts'
import { startWorker } from '../support/server.ts'

appContract('wrangler dev, Durable Objects', async () => overHttp(await startWorker()))
queryContract('wrangler dev, Durable Objects', async () => overHttp(await startWorker()))
appContract('wrangler dev, Upstash', async () => {
  const { url, token } = inject('upstash')
  return overHttp(await startWorker({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }))
})
