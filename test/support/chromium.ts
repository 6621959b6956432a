import { type Browser, chromium } from 'playwright-core'
import { commandOf } from './debian-package.ts'

/** Names no headless browser, since a person's is what is to be seen. */
const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

/** Every host under `.test` is this machine, and nothing goes out into the world. */
export const chromiumArguments: readonly string[] = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1'],
  `--user-agent=${AGENT}`,
]

export function chromiumCommand(): string {
  return commandOf('chromium', 'chromium')
}

/** Debian's Chromium. `home`: the folder in whose `.pki/nssdb` it looks for authorities; without one it trusts anybody. */
export function startChromium(home?: string): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumCommand(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [...chromiumArguments, ...(home === undefined ? ['--ignore-certificate-errors'] : [])],
    ...(home !== undefined && { env: { ...environment(), HOME: home } }),
  })
}

function environment(): Record<string, string> {
  const set = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(set)
}
