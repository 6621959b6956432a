import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { startNode } from '../support/server.ts'

const script = fileURLToPath(new URL('../../bin/compile-cache.js', import.meta.url))

describe('the compile cache', () => {
  let folder: Folder
  let home: string
  let packages: string
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  beforeEach(async () => {
    home = join(folder.path, crypto.randomUUID())
    packages = join(home, 'app')
    await mkdir(join(packages, 'node_modules'), { recursive: true })
    await cp(script, join(packages, 'bin', 'compile-cache.js'))
    await writeFile(join(packages, 'package.json'), '{"type":"module"}')
  })
  afterAll(() => folder.remove())

  async function cacheOf(env: NodeJS.ProcessEnv = {}): Promise<string | undefined> {
    const asked = `await import('${join(packages, 'bin', 'compile-cache.js')}')
      console.log((await import('node:module')).getCompileCacheDir())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', asked], {
      env: { HOME: home, ...env },
    })
    const found = stdout.trim()
    return found === 'undefined' ? undefined : found
  }

  test('is beside the packages', async () => {
    expect(await cacheOf()).toContain(join(packages, 'node_modules', '.cache', 'skerry'))
  })

  test("is the user's own where the packages cannot be written to", async () => {
    await writeFile(join(packages, 'node_modules', '.cache'), 'no folder')
    expect(await cacheOf()).toContain(join(home, '.cache', 'skerry'))
    expect(await cacheOf({ XDG_CACHE_HOME: join(home, 'caches') })).toContain(join(home, 'caches', 'skerry'))
  })

  test('is none where no folder can be made, and that is no error', async () => {
    await writeFile(join(packages, 'node_modules', '.cache'), 'no folder')
    await writeFile(join(home, '.cache'), 'no folder')
    expect(await cacheOf()).toBeUndefined()
  })

  test("is where Node's own setting says, or none", async () => {
    expect(await cacheOf({ NODE_COMPILE_CACHE: join(home, 'mine') })).toContain(join(home, 'mine'))
    expect(await cacheOf({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBeUndefined()
  })

  test('is written soon after a start, so that a process that is killed leaves it to the next', async () => {
    const server = await startNode({ NODE_COMPILE_CACHE: join(home, 'mine') })
    await expect
      .poll(async () => (await readdir(join(home, 'mine'), { recursive: true })).length, { timeout: 10_000 })
      .toBeGreaterThan(100)
    server.child.signal('SIGKILL')
    await server.stop()
  })
})
