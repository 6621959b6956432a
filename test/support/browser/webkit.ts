import { globSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type Child, startChild, temporaryFolder } from '../child.ts'
import { commandOf } from '../debian-package.ts'

export interface WebKit {
  readonly child: Child
  stop(): Promise<void>
}

/** Debian's WebKitGTK, by the small browser that comes with it, on a page that does by itself what is to be seen. */
export async function startWebKit(url: string): Promise<WebKit> {
  const { browser, display } = webKitCommands()
  const home = await temporaryFolder()
  const hosts = await startHosts()
  const { port } = hosts.address() as AddressInfo
  const args = ['--ignore-tls-errors', `--proxy=http://127.0.0.1:${port}`, url]
  const child = startChild(display, ['-a', browser, ...args], {
    ...{ HOME: home.path, XDG_CACHE_HOME: home.path, XDG_DATA_HOME: home.path },
    ...{ WEBKIT_DISABLE_COMPOSITING_MODE: '1', WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  })
  return {
    child,
    async stop(): Promise<void> {
      await child.stop()
      hosts.closeAllConnections()
      hosts.close()
      await home.remove()
    },
  }
}

/** The browser, in a folder of its library's, and a display for it to draw on. */
export function webKitCommands(): { readonly browser: string; readonly display: string } {
  commandOf('WebKitWebDriver', 'webkit2gtk-driver')
  commandOf('xauth', 'xauth')
  const [browser] = globSync('/usr/lib/*/webkit2gtk-*/MiniBrowser')
  if (!browser) throw new Error('The tests need MiniBrowser. Install it: apt-get install webkit2gtk-driver')
  return { browser, display: commandOf('xvfb-run', 'xvfb') }
}

/** Every host is this machine, by a proxy, since this browser has no other way to be told so. */
async function startHosts(): Promise<Server> {
  const server = createServer((_request, response) => response.writeHead(403).end())
  server.on('connect', ({ url = '' }, socket, head) => {
    if (!/\.test:\d+$/.test(url)) {
      socket.destroy()
      return
    }
    const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [socket, upstream])
      end.on('error', () => [socket, upstream].map((one) => one.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
