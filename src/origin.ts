/**
 * Whether a browser's `Origin` is in a list of full origins, in which `https://*.example.com` stands
 * for every subdomain. `null` is an origin like any other: it matches only if it is listed.
 */
export function matchesOrigin(origin: string, list: readonly string[]): boolean {
  return list.some((pattern) => {
    const star = pattern.indexOf('*.')
    if (star < 0) return pattern === origin
    const scheme = pattern.slice(0, star)
    const parent = pattern.slice(star + 1)
    const label = origin.slice(scheme.length, -parent.length)
    return origin === scheme + label + parent && /^[\w.-]+$/.test(label)
  })
}
