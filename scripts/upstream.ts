import type { Row } from './lists.ts'

/** What other people's lists add to ours. */
export interface Upstream {
  readonly rows: readonly Row[]
  readonly spam: readonly string[]
}

/** Files that are understood, by name, and what each of them is. */
const readers: Readonly<Record<string, (text: string) => Partial<Upstream>>> = {
  'AIAssistants.yml': (text) => ({ rows: namesAndHosts(text, 'ai') }),
  'SearchEngines.yml': (text) => ({ rows: namesAndHosts(text, 'search') }),
  'Socials.yml': (text) => ({ rows: namesAndHosts(text, 'social') }),
  'ga4_source_categories.csv': (text) => ({ rows: sourceCategories(text) }),
  'spammers.txt': (text) => ({ spam: text.split(/\r?\n/).filter((line) => HOST.test(line)) }),
}

const HOST = /^(?:[a-z0-9_-]+\.)+[a-z0-9-]+$/i

/** Reads the lists of Matomo (YAML, spammers) and of GA4's source categories (CSV). Other files are errors. */
export function readUpstream(files: ReadonlyMap<string, string>): Upstream {
  const read = [...files].map(([name, text]) => {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (!reader) throw new Error(`lists: "${name}" is none of ${Object.keys(readers).join(', ')}`)
    return reader(text)
  })
  return { rows: read.flatMap(({ rows }) => rows ?? []), spam: read.flatMap(({ spam }) => spam ?? []) }
}

/**
 * The names and hosts of Matomo's YAML, of which only this much is needed: a name at the margin,
 * hosts as items below it, in `urls:` where there are other lists too. `x.{}` is any country's.
 */
function namesAndHosts(text: string, category: string): Row[] {
  const rows: { category: string; name: string; keys: string[] }[] = []
  let list = ''
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^(?!#)['"]?(.+?)['"]?:\s*$/.exec(line) ?? []
    if (name !== undefined && !line.startsWith(' ')) rows.push({ category, name, keys: [] })
    list = /^\s+(?:- )?(\w+):/.exec(line)?.[1] ?? (name === undefined ? list : '')
    const [, item] = /^\s+- ['"]?([^'"\s:]+)['"]?\s*$/.exec(line) ?? []
    const key =
      item
        ?.toLowerCase()
        .replace(/^www\./, '')
        .replace(/\{\}$/, '*') ?? ''
    if ((list === '' || list === 'urls') && /^[a-z0-9.-]+\.(?:[a-z0-9-]+|\*)$/.test(key))
      rows.at(-1)?.keys.push(key)
  }
  return rows.filter(({ keys }) => keys.length > 0)
}

/** `source,SOURCE_CATEGORY_X`: a host or a tag that is its own name. */
function sourceCategories(text: string): Row[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, source = '', kind = ''] = /^([^,]+),SOURCE_CATEGORY_(\w+)$/.exec(line) ?? []
    const key = source.toLowerCase().replace(/^www\./, '')
    return HOST.test(key) ? [{ category: kind.toLowerCase(), name: key, keys: [key] }] : []
  })
}
