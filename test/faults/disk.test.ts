import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, type TestContext, test } from 'vitest'
import { type Child, freePort, startChild, temporaryFolder } from '../support/child.ts'
import { commandOf } from '../support/debian-package.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'
import { expectIntact } from './audit.ts'
import { expectOutageIsSurvived, type Outage } from './outage.ts'
import { isLong } from './scale.ts'
import { startOnSmallDisk, whyNoSmallDisk } from './small-disk.ts'

const OUTAGE_MS = isLong ? 20_000 : 1500
const DISK_MB = 8

const bin = fileURLToPath(new URL('../../bin/skerry.js', import.meta.url))
const cannot = whyNoSmallDisk()

describe.concurrent('a full disk', () => {
  test('SQLite', { timeout: 120_000 }, async ({ skip, onTestFinished }: TestContext) => {
    skip(cannot !== undefined, cannot)
    const folder = await temporaryFolder()
    const { child, path, outage } = startOnSmallDisk(folder.path, DISK_MB, [process.execPath, bin], {
      ...{ PORT: '0', HOST: '127.0.0.1', SKERRY_DATA: folder.path, SKERRY_KEY: ADMIN_KEY },
      ...{ REDIS_URL: '', DEBUG: '' },
    })
    onTestFinished(() => child.stop().then(folder.remove))
    const [, url = ''] = await child.until(/listens on (\S+)/)
    await expectOutageIsSurvived('full disk, SQLite', url, outage, OUTAGE_MS)
    expectIntact(path)
  })

  // With `always` Redis ends when it cannot write, and is started again.
  for (const appendfsync of ['everysec', 'always']) {
    test(`Redis, appendfsync ${appendfsync}`, { timeout: 120_000 }, async ({ skip, onTestFinished }) => {
      skip(cannot !== undefined, cannot)
      const folder = await temporaryFolder()
      const port = await freePort()
      const { child, outage } = startOnSmallDisk(folder.path, DISK_MB, [
        ...[commandOf('redis-server', 'redis-server'), '--port', String(port), '--bind', '127.0.0.1'],
        ...['--dir', folder.path, '--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync],
      ])
      onTestFinished(() => child.stop().then(folder.remove))
      await child.until(/Ready to accept connections/)
      const server = await startNode({ REDIS_URL: `redis://127.0.0.1:${port}` })
      onTestFinished(server.stop)
      const full: Outage = {
        ...outage,
        async begin(): Promise<void> {
          await outage.begin()
          await useUp(port)
        },
      }
      await expectOutageIsSurvived(`full disk, Redis, ${appendfsync}`, server.url, full, OUTAGE_MS)
    })
  }
})

/** The last page of a file has room for a few more commands: sends small ones until none is taken any more. */
async function useUp(port: number): Promise<void> {
  // One may fail because a larger one of somebody else did.
  for (let refused = 0; refused < 3; ) {
    const reply = await replyToSmallCommand(port)
    if (reply === 'unreachable') await new Promise((resolve) => setTimeout(resolve, 50))
    else refused = reply.startsWith('+OK') ? 0 : refused + 1
  }
}

/** What a Redis says; empty if it ends without a word. */
function replyToSmallCommand(port: number): Promise<string> {
  return new Promise((resolve) => {
    let isConnected = false
    const socket = connect(port, '127.0.0.1', () => {
      isConnected = true
      socket.write('SET x y\r\n')
    })
    const finish = (reply: string): void => {
      socket.destroy()
      resolve(reply)
    }
    socket.once('data', (data) => finish(String(data)))
    socket.on('error', () => finish(isConnected ? '' : 'unreachable'))
    socket.once('end', () => finish(''))
  })
}

/** Calls of a running process that fail for a while. */
function failing({ process }: Child, calls: string, error: string): Outage {
  let strace: Child | undefined
  return {
    readable: true,
    async begin(): Promise<void> {
      strace = startChild(commandOf('strace', 'strace'), [
        ...['-f', '-p', String(process.pid), '-o', '/dev/null'],
        ...['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`],
      ])
      await strace.until(/attached/)
    },
    end: () => strace?.stop(),
  }
}

describe.concurrent('calls that fail', () => {
  for (const [calls, error] of [
    ['fsync,fdatasync', 'EIO'],
    ['pwrite64', 'EIO'],
    ['pwrite64', 'ENOSPC'],
  ] as const) {
    test(`SQLite, ${calls}: ${error}`, { timeout: 120_000 }, async ({ onTestFinished }) => {
      const server = await startNode()
      onTestFinished(server.stop)
      const outage = failing(server.child, calls, error)
      onTestFinished(() => outage.end())
      await expectOutageIsSurvived(`${calls} fails with ${error}, SQLite`, server.url, outage, OUTAGE_MS)
      expectIntact(server.folder.path)
    })
  }
})
