import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sqlite } from '../../adapters/store/sqlite.ts'
import { sqlStore } from '../../src/store/sql/sql-store.ts'
import type { Folder } from '../support/child.ts'
import { seeded } from '../support/kills.ts'
import { ADMIN_KEY } from '../support/server.ts'
import { expectIntact } from './audit.ts'
import { nothing, type Survival, someOf, tornAt } from './disk-model.ts'
import { figure, isLong } from './scale.ts'
import type { Step } from './trace.ts'
import {
  BEACONS,
  CONNECTIONS,
  idsIn,
  type Moment,
  moments,
  type Protocol,
  type Run,
  sendAll,
  traceRun,
} from './traced-run.ts'
import { type Beacon, usualBeacon } from './traffic.ts'

/** Moments, acknowledgements apart, at which power is cut. */
const CUTS = isLong ? 500 : 25
const SEED = Number(process.env.SEED ?? 1)

const bin = fileURLToPath(new URL('../../bin/skerry.js', import.meta.url))
const laxSync = new URL('lax-sync.mjs', import.meta.url).href

/** Eight beacons are so large that the log is written back into the database more than once. */
const LARGE_EACH = Math.floor(BEACONS / 8)

function beaconOf(n: number): Beacon {
  const beacon = usualBeacon(n)
  if (n % LARGE_EACH !== LARGE_EACH - 1) return beacon
  const props = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, 'x'.repeat(2000)]))
  const ids = Array.from({ length: 10 }, (_, i) => `b${n}.${i}`)
  return { ids, body: JSON.stringify(ids.map((id) => ({ id, page: '/large', props }))) }
}

/** What a server did while it took beacons. */
function tracedServer(beacon: (n: number) => Beacon, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const data = (folder: string): string => join(folder, 'data')
  return traceRun({
    command: () => [process.execPath, bin],
    env: (folder) => ({
      ...{ PORT: '0', HOST: '127.0.0.1', SKERRY_DATA: data(folder), SKERRY_KEY: ADMIN_KEY },
      ...{ REDIS_URL: '', DEBUG: '', ...env },
    }),
    until: /listens on (\S+)/,
    data,
    text: 'HTTP/1.1 201',
    work: ([, url = '']) => sendAll(url, beacon),
  })
}

/** Ids that a server would find in a folder. */
async function storedIn(folder: string): Promise<ReadonlySet<string>> {
  const store = sqlStore(sqlite(folder))
  try {
    const { entries } = await store.tail('pageviews', 0, 1_000_000)
    return new Set(idsIn(entries.join('\n')))
  } finally {
    await store.close()
  }
}

/** Where what is left is laid down: no test waits for the real disk's syncs. */
async function folderInMemory(): Promise<Folder> {
  const path = await mkdtemp('/dev/shm/skerry-test-')
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Cuts the power now. Ids that were acknowledged and are lost. */
async function cutNow({ disk, acknowledged }: Moment, survival: Survival): Promise<readonly string[]> {
  const folder = await folderInMemory()
  try {
    disk.powerCut(folder.path, survival)
    const stored = await storedIn(folder.path)
    expectIntact(folder.path)
    const first = (id: string): string => id.split('.')[0] ?? ''
    const torn = [...stored].filter((id) =>
      beaconOf(Number(first(id).slice(1))).ids.some((one) => !stored.has(one)),
    )
    expect(torn, 'a part of a beacon').toEqual([])
    return [...acknowledged].filter((id) => !stored.has(id))
  } finally {
    await folder.remove()
  }
}

const HTTP: Protocol = { answer: /^HTTP\/1\.1 /, acknowledgement: /^HTTP\/1\.1 201/ }

/** Acknowledged events that are lost if the power goes at one acknowledgement or another: how many times, and where. */
async function lostAtAcknowledgements(run: Run): Promise<{ points: number; losing: number }> {
  let [points, losing] = [0, 0]
  for (const moment of moments(run, HTTP)) {
    if (moment.now.length === 0) continue
    points++
    if ((await cutNow(moment, nothing)).length > 0) losing++
  }
  return { points, losing }
}

describe('a power cut, SQLite', () => {
  let run: Run
  beforeAll(async () => {
    run = await tracedServer(beaconOf)
  })
  afterAll(() => run?.folder.remove())

  test('at an acknowledgement, of everything that was not synced: nothing acknowledged is lost', {
    timeout: 300_000,
  }, async () => {
    const { points, losing } = await lostAtAcknowledgements(run)
    figure('power cut at every acknowledgement', { points, 'points with losses': losing })
    expect(points).toBe(BEACONS)
    expect(losing).toBe(0)
  })

  for (const [name, survivalOf] of Object.entries({
    'a part of the writes': someOf,
    'a torn write': tornAt,
  })) {
    test(`at any moment, ${name} left: nothing acknowledged is lost`, { timeout: 300_000 }, async () => {
      const random = seeded(SEED)
      const changing = [...moments(run, HTTP)].filter(({ step }) => isChange(step)).length
      let [points, losing] = [0, 0]
      for (const moment of moments(run, HTTP)) {
        if (!isChange(moment.step) || random() > CUTS / changing) continue
        points++
        if ((await cutNow(moment, survivalOf(random))).length > 0) losing++
      }
      figure(`power cut at any moment, ${name} left`, { points, 'points with losses': losing })
      expect(points).toBeGreaterThan(CUTS / 2)
      expect(losing).toBe(0)
    })
  }

  test('the log was written back into the database', () => {
    const path = join(run.data, 'skerry.db')
    let written = 0
    for (const { step, disk, acknowledged } of moments(run, HTTP))
      if (acknowledged.size > 0 && step.kind === 'write' && disk.pathOf(step.fd) === path) written++
    expect(written).toBeGreaterThan(100)
  })

  test('an acknowledgement comes after a sync of what was written for it', () => {
    const path = join(run.data, 'skerry.db-wal')
    let writes = 0
    let acknowledgements = 0
    for (const { step, disk, now } of moments(run, HTTP)) {
      if (step.kind === 'write' && disk.pathOf(step.fd) === path) writes++
      if (now.length === 0) continue
      acknowledgements++
      expect(disk.isUnsynced(path)).toBe(false)
    }
    expect(writes).toBeGreaterThan(acknowledgements / CONNECTIONS)
    expect(acknowledgements).toBe(BEACONS)
  })
})

test('a power cut with synchronous=NORMAL loses: the test can fail', { timeout: 300_000 }, async ({
  onTestFinished,
}) => {
  const run = await tracedServer(usualBeacon, { NODE_OPTIONS: `--import=${laxSync}` })
  onTestFinished(() => run.folder.remove())
  const { points, losing } = await lostAtAcknowledgements(run)
  figure('power cut at every acknowledgement, synchronous=NORMAL', { points, 'points with losses': losing })
  expect(losing).toBe(points)
})

const isChange = ({ kind }: Step): boolean => kind === 'write' || kind === 'sync' || kind === 'truncate'
