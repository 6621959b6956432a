import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, startChild, temporaryFolder } from './child.ts'
import { commandOf } from './debian-package.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

/** Redis servers that belong together. */
export interface RedisServers {
  /** As `REDIS_URL` has it. */
  readonly url: string
  /** The one that has the keys of a collection, or all of them; its replica takes its place when it is gone. */
  masterOf(collection: string): Promise<RedisServer>
  /** Whether the replica has all that its master has. */
  isReplicated(): Promise<boolean>
  stop(): Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3

/** A Cluster of three masters; the first has a replica. */
export async function startCluster(): Promise<RedisServers> {
  const nodes = await Promise.all(Array.from({ length: MASTERS + 1 }, startNode))
  const [first, replica] = [nodes[0] as Node, nodes[MASTERS] as Node]
  for (const [i, { client }] of nodes.entries()) await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
  for (const { client } of nodes)
    await client.call('CLUSTER', 'MEET', '127.0.0.1', first.server.port, first.bus)
  for (const [i, { client }] of nodes.slice(0, MASTERS).entries()) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * SLOTS) / MASTERS))
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from as number, (to as number) - 1)
  }
  await until(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean))
  await replica.client.call('CLUSTER', 'REPLICATE', String(await first.client.call('CLUSTER', 'MYID')))
  await until(async () => (await replica.client.info('replication')).includes('master_link_status:up'))
  return {
    url: `redis+cluster://${nodes.slice(1, MASTERS).map(({ server }) => `127.0.0.1:${server.port}`)}`,
    async masterOf(collection): Promise<RedisServer> {
      const slot = Number(await first.client.call('CLUSTER', 'KEYSLOT', `{${collection}}`))
      return (nodes[Math.floor(((slot + 1) * MASTERS - 1) / SLOTS)] as Node).server
    },
    isReplicated: () => isReplicated(first.client, replica.client),
    stop: () => stopAll(nodes),
  }
}

interface Node {
  readonly server: Awaited<ReturnType<typeof startRedis>>
  readonly client: Redis
  /** The port on which the nodes of a Cluster talk. */
  readonly bus: number
}

async function startNode(): Promise<Node> {
  const bus = await freePort()
  const settings = [
    '--cluster-enabled',
    'yes',
    '--cluster-node-timeout',
    '1000',
    '--cluster-port',
    String(bus),
  ]
  const server = await startRedis({ settings })
  return { server, bus, client: clientOf(server) }
}

async function isWhole({ client }: Node): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${MASTERS + 1}`)
}

/** A master, its replica and a Sentinel that makes the one of the other. */
export async function startSentinel(): Promise<RedisServers> {
  const master = await startRedis()
  const replica = await startRedis({ settings: ['--replicaof', '127.0.0.1', String(master.port)] })
  const folder = await temporaryFolder()
  const port = await freePort()
  const file = join(folder.path, 'sentinel.conf')
  const lines = [
    ...[`port ${port}`, 'bind 127.0.0.1', `dir ${folder.path}`],
    ...[`sentinel monitor ours 127.0.0.1 ${master.port} 1`, 'sentinel down-after-milliseconds ours 1000'],
    'sentinel failover-timeout ours 5000',
  ]
  await writeFile(file, lines.join('\n'))
  const child = startChild(commandOf('redis-server', 'redis-server'), [file, '--sentinel'])
  const [masterClient, replicaClient] = [clientOf(master), clientOf(replica)]
  const sentinel = clientOf({ port })
  await until(async () => (await replicaClient.info('replication')).includes('master_link_status:up'))
  // It asks the master for its replicas every ten seconds.
  await until(async () => ((await sentinel.call('SENTINEL', 'REPLICAS', 'ours')) as unknown[]).length === 1)
  return {
    url: `redis+sentinel://127.0.0.1:${port}/ours/3`,
    masterOf: async () => master,
    isReplicated: () => isReplicated(masterClient, replicaClient),
    async stop(): Promise<void> {
      sentinel.disconnect()
      await child.stop()
      await folder.remove()
      await stopAll([
        { server: master, client: masterClient },
        { server: replica, client: replicaClient },
      ])
    },
  }
}

function clientOf({ port }: { readonly port: number }): Redis {
  const client = new Redis(port, '127.0.0.1')
  client.on('error', () => {})
  return client
}

async function isReplicated(master: Redis, replica: Redis): Promise<boolean> {
  const offset = async (client: Redis): Promise<string | undefined> =>
    /master_repl_offset:(\d+)/.exec(await client.info('replication'))?.[1]
  return (await offset(master)) === (await offset(replica))
}

async function stopAll(nodes: readonly Pick<Node, 'server' | 'client'>[]): Promise<void> {
  for (const { client } of nodes) client.disconnect()
  await Promise.all(nodes.map(({ server }) => server.stop()))
}

async function until(holds: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; ) {
    if (await holds().catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the Redis servers do not come together')
}
