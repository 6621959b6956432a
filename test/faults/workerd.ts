import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { configOf } from '../../bench/workerd.ts'
import { type Child, freePort, startChild, temporaryFolder } from '../support/child.ts'
import { ADMIN_KEY } from '../support/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** workerd by itself, without wrangler's proxy: what happens to a connection happens to the Worker, and it can be killed. */
export interface Workerd {
  readonly url: string
  readonly child: Child
  /** Starts it again, on the same storage and port. */
  again(): Promise<Workerd>
  stop(): Promise<void>
}

/** Bundles a Worker and starts it. Its objects are kept until it is stopped. */
export async function startWorkerd(
  entry: string,
  vars: Readonly<Record<string, string>> = {},
): Promise<Workerd> {
  const [folder, port] = [await temporaryFolder(), await freePort()]
  await bundle(entry, join(folder.path, 'worker.js'))
  const storage = join(folder.path, 'objects')
  await mkdir(storage)
  const kind = {
    file: 'worker.js',
    objects: { COLLECTION: 'CollectionObject', DIRECTORY: 'DirectoryObject' },
    texts: { SKERRY_KEY: ADMIN_KEY, ...vars },
    assets: join(root, 'assets'),
  }
  const config = join(folder.path, 'workerd.capnp')
  await writeFile(config, configOf(kind, storage, port))
  const start = async (): Promise<Workerd> => {
    const child = startChild(join(root, 'node_modules/workerd/bin/workerd'), ['serve', config])
    const url = `http://127.0.0.1:${port}`
    await isLive(url)
    const stop = async (): Promise<void> => {
      await child.stop()
      await folder.remove()
    }
    return { url, child, again: start, stop }
  }
  return start()
}

async function bundle(entry: string, file: string): Promise<void> {
  await build({
    input: join(root, entry),
    external: ['cloudflare:workers'],
    platform: 'neutral',
    resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import'], mainFields: ['module', 'main'] },
    output: { file, format: 'esm' },
  })
}

async function isLive(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/health/live`).catch(() => undefined)
    if (response?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
