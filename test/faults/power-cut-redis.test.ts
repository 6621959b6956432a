import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, temporaryFolder } from '../support/child.ts'
import { commandOf } from '../support/debian-package.ts'
import { seeded } from '../support/kills.ts'
import { startRedis } from '../support/redis-server.ts'
import { startNode } from '../support/server.ts'
import { nothing, tornAt } from './disk-model.ts'
import { figure } from './scale.ts'
import {
  BEACONS,
  CONNECTIONS,
  idsIn,
  moments,
  type Protocol,
  type Run,
  sendAll,
  traceRun,
} from './traced-run.ts'
import { type Account, exportOf, usualBeacon } from './traffic.ts'

const SEED = Number(process.env.SEED ?? 1)

/** What a Redis did while a server of ours kept beacons in it. */
async function tracedRedis(appendfsync: string): Promise<Run> {
  const port = await freePort()
  return traceRun({
    command: (folder) => [
      ...[commandOf('redis-server', 'redis-server'), '--port', String(port), '--bind', '127.0.0.1'],
      ...['--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync],
    ],
    until: READY,
    data: () => APPEND_ONLY,
    text: READY.source,
    work: () => collectInto(`redis://127.0.0.1:${port}`),
  })
}

async function collectInto(redisUrl: string): Promise<Account> {
  const server = await startNode({ REDIS_URL: redisUrl })
  try {
    return await sendAll(server.url, usualBeacon)
  } finally {
    await server.stop()
  }
}

const READY = /Ready to accept connections/
const APPEND_ONLY = 'appendonlydir'
/** The length of a list. */
const PUSHED = /^:\d+\r\n/
const REDIS: Protocol = { answer: PUSHED, acknowledgement: PUSHED }

/** Ids that are in what is left of an append-only file. */
async function appendedIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder)
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return new Set(idsIn(texts.join('\n')))
}

async function redisLosses(run: Run): Promise<{ points: number; losing: number }> {
  let [points, losing] = [0, 0]
  for (const { disk, acknowledged, now } of moments(run, REDIS)) {
    if (now.length === 0) continue
    points++
    const folder = await temporaryFolder()
    disk.powerCut(folder.path, nothing)
    const left = await appendedIn(folder.path)
    if ([...acknowledged].some((id) => !left.has(id))) losing++
    await folder.remove()
  }
  return { points, losing }
}

describe('a power cut, Redis', () => {
  let run: Run
  beforeAll(async () => {
    run = await tracedRedis('always')
  })
  afterAll(() => run?.folder.remove())

  test('with appendfsync always: nothing acknowledged is lost', { timeout: 300_000 }, async () => {
    const { points, losing } = await redisLosses(run)
    figure('power cut at every answer of Redis, appendfsync always', { points, 'points with losses': losing })
    expect(points).toBeGreaterThan(BEACONS / CONNECTIONS)
    expect(losing).toBe(0)
  })

  test('a Redis starts with what is left, a torn write too', { timeout: 300_000 }, async ({
    onTestFinished,
  }) => {
    const left = await temporaryFolder()
    const random = seeded(SEED)
    for (const { step, disk, acknowledged } of moments(run, REDIS)) {
      if (acknowledged.size < run.account.acknowledged.size / 2 || step.kind !== 'write') continue
      if (!disk.isUnsynced(`${APPEND_ONLY}/appendonly.aof.1.incr.aof`)) continue
      disk.powerCut(join(left.path, APPEND_ONLY), tornAt(random))
      const redis = await startRedis({ folder: left })
      onTestFinished(redis.stop)
      const server = await startNode({ REDIS_URL: redis.url })
      onTestFinished(server.stop)
      const stored = new Set((await exportOf(server.url)).map(({ id }) => id))
      expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([])
      return
    }
    expect.unreachable('no write was unsynced')
  })

  test('with appendfsync everysec some of the last second is lost: the test can fail', {
    timeout: 300_000,
  }, async ({ onTestFinished }) => {
    const run = await tracedRedis('everysec')
    onTestFinished(() => run.folder.remove())
    const { points, losing } = await redisLosses(run)
    figure('power cut at every answer of Redis, appendfsync everysec', {
      points,
      'points with losses': losing,
    })
    expect(losing).toBeGreaterThan(0)
  })
})
