/** A bare host that has a name in the domain name system (RFC 1035), so that lists may know it. */
export const HOST: RegExp = /^[a-z0-9._-]{1,253}$/

/** A host name as hosts are compared: lower case, without `www.` and without the dot of the root. */
export function bareHost(hostname: string): string {
  const host = hostname.toLowerCase()
  const from = host.startsWith('www.') && host.indexOf('.', 4) > 0 ? 4 : 0
  return host.slice(from, host.endsWith('.') ? -1 : undefined)
}

/** Where the next parent of a host begins, after `at`; 0 if it has none. */
export function parentAt(host: string, at: number): number {
  return host.indexOf('.', at) + 1
}
