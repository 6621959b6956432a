import { type Child, type Folder, freePort, startChild, temporaryFolder } from './child.ts'
import { commandOf } from './debian-package.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly child: Child
  stop(): Promise<void>
}

/** A real redis-server with an append-only file, on a free port; on `port` and `folder` of an earlier one to bring that back. */
export async function startRedis(
  again: { readonly port?: number; readonly folder?: Folder; readonly settings?: readonly string[] } = {},
): Promise<RedisServer & { folder: Folder }> {
  const port = again.port ?? (await freePort())
  const folder = again.folder ?? (await temporaryFolder())
  const child = startChild(commandOf('redis-server', 'redis-server'), [
    ...[
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder.path,
      '--save',
      '',
      '--databases',
      '32',
    ],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', ...(again.settings ?? [])],
  ])
  await child.until(/Ready to accept connections/)
  const stop = async (): Promise<void> => {
    await child.stop()
    await folder.remove()
  }
  return { url: `redis://127.0.0.1:${port}`, port, child, folder, stop }
}
