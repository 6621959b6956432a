import { afterAll, beforeAll, inject } from 'vitest'
import { buildWorker } from '../../scripts/worker.ts'
import { appContract } from '../contract/app.ts'
import { dashboardContract } from '../contract/dashboard.ts'
import { linksContract } from '../contract/links.ts'
import { liveContract } from '../contract/live.ts'
import { liveSessionContract } from '../contract/live-session.ts'
import { manageContract } from '../contract/manage.ts'
import { metricsContract } from '../contract/metrics.ts'
import { queryContract } from '../contract/query.ts'
import { sitePagesContract } from '../contract/site-pages.ts'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { overHttp } from '../support/in-process.ts'
import { startWorker } from '../support/server.ts'

let folder: Folder
let built: string
beforeAll(async () => {
  folder = await temporaryFolder()
  built = await buildWorker(folder.path)
})
afterAll(() => folder.remove())

const start = async (vars = {}) => overHttp(await startWorker(vars, undefined, built))

appContract('wrangler dev of what is deployed, Durable Objects', start)
queryContract('wrangler dev of what is deployed, Durable Objects', start)
metricsContract('wrangler dev of what is deployed, Durable Objects', start)
liveContract('wrangler dev of what is deployed, Durable Objects', start)

const onUpstash = () => {
  const { url, token } = inject('upstash')
  return start({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token })
}
appContract('wrangler dev of what is deployed, Upstash', onUpstash)
metricsContract('wrangler dev of what is deployed, Upstash', onUpstash)
liveContract('wrangler dev of what is deployed, Upstash', onUpstash)
dashboardContract('wrangler dev of what is deployed, Durable Objects', start)
manageContract('wrangler dev of what is deployed, Durable Objects', start)
linksContract('wrangler dev of what is deployed, Durable Objects', start)
sitePagesContract('wrangler dev of what is deployed, Durable Objects', start)
liveSessionContract('wrangler dev of what is deployed, Durable Objects', start)
