import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { commandOf } from './debian-package.ts'

/** Debian's Chromium, in which every host under `.test` is this machine. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: commandOf('chromium', 'chromium'),
    args: [
      ...[
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
      ],
      ...['--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1'],
    ],
  })
}

export interface Site {
  /** Origin of the site, another than any collector's. */
  readonly url: string
  stop(): Promise<void>
}

/** A web site whose pages hold this HTML, whatever their path. */
export async function startSite(html: string): Promise<Site> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://site.test:${(server.address() as AddressInfo).port}`,
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
