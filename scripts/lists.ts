import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { categories, normalTag, readSources } from '../src/sources.ts'
import { readUpstream } from './upstream.ts'

/** One line of a list of sources. */
export interface Row {
  readonly category: string
  readonly name: string
  readonly keys: readonly string[]
}

/** The built lists, by the names of their files. */
export type Lists = Readonly<Record<'sources.txt' | 'spam.txt', string>>

const KEY = /^(?:-|=?(?:[a-z0-9_-]+\.)+(?:[a-z0-9-]+|\*)|app:[a-z0-9_.]+|\+?[a-z0-9-]+)$/

/** Builds what `assets/` holds from the texts of `lists/`, and from other people's lists by their file names. */
export function buildLists(
  own: { readonly sources: string; readonly spam: string },
  others: ReadonlyMap<string, string> = new Map(),
): Lists {
  const upstream = readUpstream(others)
  const rows = withoutRepeats([...parseRows(own.sources), ...upstream.rows])
  const spam = new Set([...lines(own.spam), ...upstream.spam].map((host) => host.toLowerCase()))
  return {
    'sources.txt': categories.map((category) => section(category, rows)).join(''),
    'spam.txt': `${[...spam]
      .filter((host) => !hasParentIn(host, spam))
      .sort()
      .join('\n')}\n`,
  }
}

/** Reads `[category]` and `Name: key key …`. A key that is not of a known form is an error that names it. */
export function parseRows(text: string): Row[] {
  const rows: Row[] = []
  let category = ''
  for (const line of lines(text)) {
    const [, section] = /^\[(\w+)\]$/.exec(line) ?? []
    if (section !== undefined) category = section
    else rows.push(parseRow(line, category))
  }
  return rows
}

function parseRow(line: string, category: string): Row {
  const [, name = '', text = ''] = /^(.+?): +(.+)$/.exec(line) ?? []
  const keys = text.split(/ +/).map((key) => key.toLowerCase())
  const wrong = keys.find((key) => !KEY.test(key))
  if (name === '' || wrong !== undefined || !categories.some((one) => one === category))
    throw new Error(`lists: cannot read "${wrong || line}" in [${category}]`)
  return { category, name, keys }
}

/**
 * The first row that claims a key holds it. Keys that the rows so far already answer with the same name
 * are left out, so the order of lists is the order of their authority.
 */
function withoutRepeats(rows: readonly Row[]): Row[] {
  const taken = new Set<string>()
  return rows.flatMap((row) => {
    const keys = row.keys.filter((key) => key === '-' || !taken.has(plain(key)))
    const claims = keys.filter((key) => !isSaid(key, row.name, keys))
    for (const key of keys) taken.add(plain(key))
    return claims.length > 0 ? [{ ...row, keys: claims }] : []
  })
}

/** A host is one, whether alone or with its subdomains; a tag is one, whether paid or not. */
function plain(key: string): string {
  return key.replace(/^[=+]/, '')
}

/** Its name is a tag without being listed, and a host stands for those below it. */
function isSaid(key: string, name: string, keys: readonly string[]): boolean {
  if (key === normalTag(name) && !key.includes('.')) return true
  return /^[a-z0-9]/.test(key) && keys.some((other) => key.endsWith(`.${other}`))
}

function section(category: string, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.category === category)
  return `@${category}\n${own.map(({ name, keys }) => `${name}\t${keys.join(' ')}\n`).join('')}`
}

function hasParentIn(host: string, hosts: ReadonlySet<string>): boolean {
  const labels = host.split('.')
  return labels.some((_, i) => i > 0 && hosts.has(labels.slice(i).join('.')))
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** `node scripts/lists.ts [folder]`: writes `assets/`, with the lists of others that the folder holds. */
function main(folder: string | undefined): void {
  const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
  const read = (path: string): string => readFileSync(path, 'utf8')
  const own = { sources: read(at('lists/sources.txt')), spam: read(at('lists/spam.txt')) }
  const others = new Map(
    (folder ? readdirSync(folder) : []).map((name) => [name, read(join(folder ?? '', name))]),
  )
  const built = buildLists(own, others)
  readSources(built['sources.txt'])
  mkdirSync(at('assets'), { recursive: true })
  for (const [name, text] of Object.entries(built)) writeFileSync(at(`assets/${name}`), text)
}

if (import.meta.main) main(process.argv[2])
