import { bareHost, HOST, parentAt } from './host.ts'

/** What kind of place a source is; `site` is a known name and nothing more. */
export const categories = ['search', 'ai', 'social', 'video', 'shopping', 'email', 'ads', 'site'] as const

export type Category = (typeof categories)[number]

/** Where a visit comes from: its name in reports, and what kind of place it is, if that is known. */
export interface Source {
  readonly name: string
  readonly category?: Category
  /** The tag itself says that the visit was paid for, as `google-ads` does. */
  readonly paid?: true
}

/** The names of sources. What is not known is its own name. */
export interface Sources {
  /** By a web host; its parents stand for it, except where the list names a host alone. */
  byHost(hostname: string): Source
  /** By the id of an Android app, of a referrer `android-app://id/`. */
  byApp(id: string): Source
  /** By a tag such as `utm_source`: any case, words joined by spaces, `-` or `_`; a host is a tag too. */
  byTag(tag: string): Source
}

/**
 * What `*` of `google.*` may be, at the end of a host: `com`, a country, or a country's `co` or `com`.
 * Those under which a company sells names to anybody are left out.
 */
const COUNTRY = /\.(?:(?!com\.(?:de|se)$|co\.(?:ca|cz|dk|nl|no|pl)$)com?\.[a-z]{2}|com|[a-z]{2})$/

/**
 * Reads a list of sources: `@category` for the lines that follow, each a name, a tab, and its keys:
 * `host`, `host.*`, `=host` (without its subdomains), `app:id`, `tag`, `+tag` (paid). Its name is a tag
 * unless one of the keys is `-`. Tags of the name `*` stand for no site: they tell a category, and keep their text.
 */
export function readSources(text: string): Sources {
  const hosts = new Map<string, Source>()
  const tags = new Map<string, Source>()
  let category: Category | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('@')) category = categories.find((one) => one === line.slice(1))
    const [name, keys] = line.split('\t')
    if (category && name && keys !== undefined) read({ name, category }, keys.split(' '), hosts, tags)
  }

  function known(hostname: string): Source | undefined {
    const host = bareHost(hostname)
    if (!HOST.test(host)) return undefined
    const end = (COUNTRY.exec(host)?.index ?? -1) + 1
    let source = hosts.get(`=${host}`) ?? hosts.get(`=${host.slice(0, end)}*`)
    let at = 0
    do {
      source ??= hosts.get(host.slice(at))
      if (at < end) source ??= hosts.get(`${host.slice(at, end)}*`)
      at = parentAt(host, at)
    } while (!source && at > 0)
    return source
  }

  return {
    byHost: (hostname) => known(hostname) ?? { name: bareHost(hostname) },
    byApp: (id) => hosts.get(`app:${id.toLowerCase()}`) ?? { name: id },
    byTag(tag): Source {
      const found = tags.get(normalTag(tag)) ?? (tag.includes('.') ? known(tag) : undefined)
      return found && found.name !== '*' ? found : { ...found, name: tag }
    },
  }
}

function read(
  source: Source,
  keys: readonly string[],
  hosts: Map<string, Source>,
  tags: Map<string, Source>,
): void {
  const paid: Source = { ...source, paid: true }
  if (!keys.includes('-')) tags.set(normalTag(source.name), source)
  for (const key of keys) {
    if (key.startsWith('+')) tags.set(key.slice(1), paid)
    else if (/[.:]/.test(key)) hosts.set(key, source)
    else if (key !== '' && key !== '-') tags.set(key, source)
  }
}

/** Tags are told apart by their words, not by how these are joined. */
export function normalTag(tag: string): string {
  return tag.trim().toLowerCase().replace(/[\s_]/g, '-')
}
