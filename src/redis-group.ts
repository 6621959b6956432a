/** Redis servers that belong together: the nodes of a Cluster, or Sentinels that know which server is the master. */
export interface RedisGroup {
  readonly kind: 'cluster' | 'sentinel'
  /** Any of them knows the others. */
  readonly hosts: readonly RedisHost[]
  readonly isEncrypted: boolean
  /** For the servers themselves; Sentinels are asked without. */
  readonly username: string | undefined
  readonly password: string | undefined
  /** What the Sentinels call the master. */
  readonly master: string | undefined
  /** A Cluster has only this one: 0. */
  readonly database: number
}

export interface RedisHost {
  readonly host: string
  readonly port: number
}

const PARTS =
  /^redis(?<tls>s?)\+(?<kind>cluster|sentinel):\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#]+)(?:\/(?<master>[^/?#]+)(?:\/(?<database>\d{1,5}))?)?\/?$/
const HOST = /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<name>[\w.-]+))(?::(?<port>\d{1,5}))?$/
const PORTS = { cluster: 6379, sentinel: 26_379 } as const

/**
 * Reads `redis+cluster://host,host` and `redis+sentinel://host,host/master[/database]`: each host may have a port, and
 * the first stands after `user:password@` if there are any; `rediss+` is encrypted. Undefined: it is neither.
 */
export function readRedisGroup(url: string): RedisGroup | undefined {
  const parts = PARTS.exec(url)?.groups
  if (!parts) return undefined
  const { kind, hosts = '', master, database = '0', username, password } = parts
  if (kind !== 'cluster' && kind !== 'sentinel') return undefined
  // A Sentinel is asked for a master, a Cluster is not.
  if ((master !== undefined) !== (kind === 'sentinel')) return undefined
  const read = hosts.split(',').flatMap((host) => readHost(host, PORTS[kind]) ?? [])
  if (read.length < hosts.split(',').length) return undefined
  return {
    kind,
    hosts: read,
    isEncrypted: parts.tls !== '',
    username: decode(username),
    password: decode(password),
    master: decode(master),
    database: Number(database),
  }
}

function readHost(text: string, usual: number): RedisHost | undefined {
  const { v6, name, port = String(usual) } = HOST.exec(text)?.groups ?? {}
  const host = v6 ?? name
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) }
}

/** As in any URL: `%` begins an escape, unless it cannot. */
function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
