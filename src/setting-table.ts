/** A setting as its reader meets it; `readSettings` reads and checks it. */
export interface Setting {
  readonly name: string
  /** One sentence or two. */
  readonly meaning: string
  /** In words where it is no value; undefined: not set. */
  readonly fallback?: string
  readonly example: string
  /** Where it counts. */
  readonly runtime: 'all' | 'Node'
}

/** Every setting, in the order in which they are told. `docs/settings.md` and the file of `skerry init` are made of it. */
export const settingTable: readonly Setting[] = [
  {
    name: 'PORT',
    meaning: 'Where to listen. 0 takes any free port.',
    fallback: '4000',
    example: '8080',
    runtime: 'Node',
  },
  {
    name: 'HOST',
    meaning: 'The address to listen on. Behind a proxy on the same machine: 127.0.0.1.',
    fallback: '0.0.0.0',
    example: '127.0.0.1',
    runtime: 'Node',
  },
  {
    name: 'SKERRY_DATA',
    meaning: 'Folder of the SQLite store. Any number of processes may share it.',
    fallback: './data',
    example: '/var/lib/skerry',
    runtime: 'Node',
  },
  {
    name: 'SKERRY_KEY',
    meaning: 'The admin key, at least 16 characters. Where it is set no other admin key counts.',
    fallback: 'made at the first start',
    example: 'correct-horse-battery-staple',
    runtime: 'all',
  },
  {
    name: 'SKERRY_RATE',
    meaning:
      'Beacons a second from one address with a write key, and after a slash how many at once; or off. See [api.md](api.md#how-often).',
    fallback: '50/500',
    example: '20/100',
    runtime: 'all',
  },
  {
    name: 'REDIS_URL',
    meaning:
      'Keep everything in this Redis, and nothing in SKERRY_DATA. Sentinels and a Cluster too: see [deploy/redis.md](deploy/redis.md).',
    example: 'redis://localhost:6379',
    runtime: 'Node',
  },
  {
    name: 'UPSTASH_REDIS_REST_URL',
    meaning: 'Keep everything in this Upstash database. Needs its token.',
    example: 'https://name.upstash.io',
    runtime: 'all',
  },
  {
    name: 'UPSTASH_REDIS_REST_TOKEN',
    meaning: 'The token of that database.',
    example: 'AX…',
    runtime: 'all',
  },
  {
    name: 'TRUST_PROXY',
    meaning:
      "Who may tell the client's address: how many proxies, their networks, or a platform's name. See [proxies.md](proxies.md).",
    fallback: 'nobody: the client is who connects',
    example: 'loopback',
    runtime: 'all',
  },
  {
    name: 'SKERRY_GEOIP',
    meaning: 'Path of an MMDB file that knows where addresses are.',
    example: '/var/lib/GeoIP/GeoLite2-City.mmdb',
    runtime: 'Node',
  },
  {
    name: 'DEBUG',
    meaning:
      "`skerry:onion`: print the onion at start, and each layer's time per request; `skerry:request`: a line of JSON for each request, see [metrics.md](metrics.md#logs); `skerry*`: both.",
    example: 'skerry*',
    runtime: 'all',
  },
]
