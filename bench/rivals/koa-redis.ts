import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import { Redis } from 'ioredis'
import Koa from 'koa'

/**
 * A collector as a Koa 2 tutorial of 2016 has it: a key, a known collection, the event as a member of a sorted
 * set, and a count for each grouped attribute, one command after the other. Its CORS is left out.
 */
interface Collection {
  readonly name: string
  readonly groupBy: readonly string[]
}

type BenchEvent = Readonly<Record<string, string>>

const { PORT, REDIS_URL = '', SKERRY_KEY, GROUP_BY = 'page' } = process.env
const redis = new Redis(REDIS_URL)
const collections: Readonly<Record<string, Collection>> = {
  pageviews: { name: 'pageviews', groupBy: GROUP_BY.split(',') },
}

async function add({ name, groupBy }: Collection, event: BenchEvent): Promise<void> {
  await redis.zadd(name, 1, JSON.stringify(event))
  for (const attribute of groupBy)
    await redis.hincrby(`${name}_by_${attribute}`, event[attribute] ?? 'undefined', 1)
}

async function count({ name }: Collection): Promise<number> {
  return redis.zcount(name, '-inf', '+inf')
}

async function countBy({ name }: Collection, attribute: string, value: string): Promise<number> {
  return Number(await redis.hget(`${name}_by_${attribute}`, value))
}

function find(ctx: Koa.Context, name: string | undefined): Collection {
  const collection = collections[name ?? '']
  return collection ?? ctx.throw(404)
}

const router = new Router()
const validateKey: Koa.Middleware = async (ctx, next) => {
  if (ctx.get('authorization') !== ctx.state.authorization) ctx.throw(401)
  await next()
}
router.get('/:collection/count', validateKey, async (ctx) => {
  ctx.body = { count: await count(find(ctx, ctx.params.collection)) }
})
router.get('/:collection/:attribute/:value/count', validateKey, async (ctx) => {
  const { collection, attribute = '', value = '' } = ctx.params
  ctx.body = { count: await countBy(find(ctx, collection), attribute, value) }
})
router.post('/:collection', validateKey, async (ctx) => {
  await add(find(ctx, ctx.params.collection), ctx.request.body as BenchEvent)
  ctx.status = 201
})

const app = new Koa()
app.use(async (ctx, next) => {
  ctx.state.authorization = `Key ${SKERRY_KEY}`
  await next()
})
app.use(bodyParser())
app.use(router.routes())
app.use(router.allowedMethods())
const server = app.listen(Number(PORT), '127.0.0.1')
server.keepAliveTimeout = 65_000
