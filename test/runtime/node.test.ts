import { inject } from 'vitest'
import { appContract, type Subject } from '../contract/app.ts'
import { dashboardContract } from '../contract/dashboard.ts'
import { linksContract } from '../contract/links.ts'
import { liveContract } from '../contract/live.ts'
import { liveSessionContract } from '../contract/live-session.ts'
import { manageContract } from '../contract/manage.ts'
import { metricsContract } from '../contract/metrics.ts'
import { queryContract } from '../contract/query.ts'
import { sitePagesContract } from '../contract/site-pages.ts'
import { overHttp } from '../support/in-process.ts'
import { startNode } from '../support/server.ts'

appContract('Node, SQLite', async () => overHttp(await startNode()))
queryContract('Node, SQLite', async () => overHttp(await startNode()))
liveContract('Node, SQLite', async () => overHttp(await startNode()))
liveContract('Node, Redis', async () => overHttp(await startNode({ REDIS_URL: inject('redisUrl') })))
appContract('Node, Redis', async () => overHttp(await startNode({ REDIS_URL: inject('redisUrl') })))

const onUpstash = async (): Promise<Subject> => {
  const { url, token } = inject('upstash')
  return overHttp(await startNode({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }))
}
appContract('Node, Upstash', onUpstash)
metricsContract('Node, SQLite', async () => overHttp(await startNode()))
metricsContract('Node, Redis', async () => overHttp(await startNode({ REDIS_URL: inject('redisUrl') })))
metricsContract('Node, Upstash', onUpstash)
dashboardContract('Node, SQLite', async () => overHttp(await startNode()))
manageContract('Node, SQLite', async () => overHttp(await startNode()))
linksContract('Node, SQLite', async () => overHttp(await startNode()))
sitePagesContract('Node, SQLite', async () => overHttp(await startNode()))
liveSessionContract('Node, SQLite', async () => overHttp(await startNode()))
dashboardContract('Node, Redis', async () => overHttp(await startNode({ REDIS_URL: inject('redisUrl') })))
manageContract('Node, Redis', async () => overHttp(await startNode({ REDIS_URL: inject('redisUrl') })))
