import { bareHost, HOST, parentAt } from './host.ts'

/** Tells whether a host, or any parent of it, is known to send made-up referrers. */
export type IsSpammer = (hostname: string) => boolean

/** Reads a list of hosts, one a line. */
export function readSpammers(text: string): IsSpammer {
  const known: ReadonlySet<string> = new Set(text.split('\n').filter(Boolean))
  return (hostname) => {
    const host = bareHost(hostname)
    if (!HOST.test(host)) return false
    let at = 0
    do {
      if (known.has(host.slice(at))) return true
      at = parentAt(host, at)
    } while (at > 0)
    return false
  }
}
