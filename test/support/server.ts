import { fileURLToPath } from 'node:url'
import { type Child, type Folder, freePort, startChild, temporaryFolder } from './child.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const ADMIN_KEY = 'an-admin-key-for-tests'

/** A running Skerry, whatever runs it. */
export interface Server {
  readonly url: string
  readonly child: Child
  stop(): Promise<void>
}

/** A Node server as a user starts it: SQLite in a fresh folder unless the environment says otherwise. */
export async function startNode(env: NodeJS.ProcessEnv = {}): Promise<Server & { folder: Folder }> {
  const folder = await temporaryFolder()
  const child = startChild(process.execPath, [`${root}bin/skerry.js`], {
    PORT: '0',
    HOST: '127.0.0.1',
    SKERRY_DATA: folder.path,
    SKERRY_KEY: ADMIN_KEY,
    REDIS_URL: '',
    DEBUG: '',
    ...env,
  })
  const [, url = ''] = await child.until(/listens on (\S+)/)
  const stop = async (): Promise<void> => {
    await child.stop()
    await folder.remove()
  }
  return { url, child, folder, stop }
}

/**
 * `wrangler dev` without a network: Durable Objects in a fresh folder, or Upstash by its variables. Without a
 * built script wrangler bundles and minifies by itself. `beside`: Workers that this one is bound to.
 */
export async function startWorker(
  vars: Readonly<Record<string, string>> = {},
  config: string = `${root}wrangler.toml`,
  built?: string,
  beside: readonly string[] = [],
): Promise<Server> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const wrangler = `${root}node_modules/wrangler/bin/wrangler.js`
  const settings = Object.entries({ SKERRY_KEY: ADMIN_KEY, ...vars }).flatMap(([name, value]) => [
    '--var',
    `${name}:${value}`,
  ])
  const child = startChild(
    process.execPath,
    [
      wrangler,
      ...['dev', ...(built === undefined ? ['--minify'] : [built, '--no-bundle'])],
      ...['--local', ...[config, ...beside].flatMap((file) => ['--config', file])],
      ...['--ip', '127.0.0.1', '--port', String(port)],
      ...[
        '--inspector-port',
        String(await freePort()),
        '--persist-to',
        folder.path,
        '--show-interactive-dev-session=false',
      ],
      ...settings,
    ],
    {
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      CI: '1',
      NO_COLOR: '1',
    },
  )
  await child.until(/Ready on/, 60_000)
  const stop = async (): Promise<void> => {
    await child.stop()
    await folder.remove()
  }
  return { url: `http://127.0.0.1:${port}`, child, stop }
}
