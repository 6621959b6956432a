import { digestOf } from './key.ts'
import type { Asset } from './lists.ts'

/** A file that browsers get beside the pages. */
export interface StaticFile {
  readonly type: string
  readonly text: string
  /** Tells its content: another content has another one. */
  readonly version: string
}

/** Files of `assets/` that are served, by their names: no other can be asked for. */
const types: ReadonlyMap<string, string> = new Map([
  ['dashboard.css', 'text/css; charset=utf-8'],
  ['dashboard.js', 'text/javascript; charset=utf-8'],
  ['dashboard.svg', 'image/svg+xml'],
  ['world.svg', 'image/svg+xml'],
])

export interface StaticFiles {
  /** Undefined: there is none of that name. */
  file(name: string): Promise<StaticFile | undefined>
  /** Where a file is found, under an address that changes with its content. */
  address(name: string): Promise<string>
}

/** The files, each read once at first need. */
export function createStaticFiles(asset: Asset): StaticFiles {
  const known = new Map<string, StaticFile>()
  async function file(name: string): Promise<StaticFile | undefined> {
    const type = types.get(name)
    if (type === undefined) return undefined
    const before = known.get(name)
    if (before) return before
    const text = await asset(name)
    const read = { type, text, version: (await digestOf(text)).slice(0, 12) }
    known.set(name, read)
    return read
  }
  return {
    file,
    address: async (name) => `/assets/${name}?v=${(await file(name))?.version}`,
  }
}
