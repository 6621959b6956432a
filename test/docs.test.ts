import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Child, type Folder, freePort, startChild, temporaryFolder } from './support/child.ts'
import { blocksOf } from './support/docs.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/embed/README.md']
  .concat(readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`))
  .filter((name) => name.endsWith('.md'))

/** The titles of a page as links name them. */
function anchorsOf(page: string): readonly string[] {
  const titles = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase())
  return titles.map((title) => title.replaceAll(/[^\w\s-]/g, '').replaceAll(' ', '-'))
}

describe('links between pages', () => {
  test.each(pages)('of %s lead somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path)
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

/** Part of a page below one title: servers that it starts, and commands with what they print. */
interface Session {
  readonly page: string
  readonly title: string
  readonly blocks: ReturnType<typeof blocksOf>
}

/** Sessions of a page: its parts in which there is something to run. */
function sessionsOf(page: string): readonly Session[] {
  const parts = read(page).split(/^## /m).slice(1)
  let blocks = blocksOf(page)
  return parts.flatMap((part) => {
    const count = [...part.matchAll(/^```/gm)].length / 2
    const own = blocks.slice(0, count)
    blocks = blocks.slice(count)
    const title = part.slice(0, part.indexOf('\n'))
    return own.some(({ info }) => info === 'sh server') ? [{ page, title, blocks: own }] : []
  })
}

/** Whether a text is what a page says, where `…` stands for anything. */
function matches(text: string, said: string): boolean {
  const pattern = said
    .trim()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${pattern.join('[\\s\\S]*?')}$`).test(text.replaceAll('\r', '').trim())
}

const tried = ['docs/getting-started.md', 'docs/migrate/README.md']

describe.each(tried.flatMap(sessionsOf))('$page, $title', ({ blocks }) => {
  const servers: Child[] = []
  let folder: Folder
  let ports: ReadonlyMap<string, number>
  beforeAll(async () => {
    folder = await temporaryFolder()
    const known = ['4000', '6379', '8787'].map(async (port) => [port, await freePort()] as const)
    ports = new Map(await Promise.all(known))
  })
  afterAll(async () => {
    for (const server of servers.reverse()) await server.stop()
    await folder.remove()
  })

  /** The page's words in this test's place: free ports, a folder of its own, the checkout. */
  function placed(text: string): string {
    let here = text
      .replaceAll('./data', `${folder.path}/data`)
      .replaceAll(/\bnpm (?=start|run)/g, `npm --prefix '${root}' `)
    for (const [port, free] of ports) here = here.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(free))
    return here.replaceAll('localhost', '127.0.0.1')
  }

  async function startServer(text: string): Promise<void> {
    const port = /^redis-server/.test(text) ? ` --port ${ports.get('6379')}` : ''
    const line = placed(text.trim()) + port
    const settings = {
      PORT: String(ports.get('4000')),
      HOST: '127.0.0.1',
      SKERRY_DATA: `${folder.path}/data`,
      REDIS_URL: '',
      CI: '1',
    }
    const server = startChild('sh', ['-c', `cd '${folder.path}' && ${line}`], settings)
    servers.push(server)
    await server.until(/listens on|Ready on|Ready to accept/, 60_000)
  }

  test('does what it says', { timeout: 120_000 }, async () => {
    for (const [i, { info, text }] of blocks.entries()) {
      if (info === 'sh server') await startServer(text)
      if (info !== 'sh run') continue
      const { stdout } = await promisify(execFile)('sh', ['-ec', placed(text)], { cwd: folder.path })
      const said = blocks[i + 1]
      expect(said?.info).toBe('text')
      expect([stdout, matches(stdout, said?.text ?? '')]).toEqual([stdout, true])
    }
  })
})

test('a page that says something else than what happens would be found out', () => {
  expect(sessionsOf('docs/getting-started.md').map(({ title }) => title)).toEqual([
    'Node',
    'Node with Redis',
    'Cloudflare',
  ])
  expect(matches('HTTP/1.1 201 Created\r\nA: b\r\n\r\n201', 'HTTP/1.1 201 Created\n…\n201\n')).toBe(true)
  expect(matches('{"count":2}', '{"count":1}')).toBe(false)
  expect(matches('{"count":1} and more', '{"count":1}')).toBe(false)
})

describe('docs/limits.md', () => {
  const rows = [
    ...read('docs/limits.md').matchAll(/^\| .+? +\| ([\d,]+(?: \w+)?) +\| `(\S+)` `(\S+)` +\|$/gm),
  ]
  const units: Readonly<Record<string, number>> = {
    ...{ KiB: 1024, MiB: 1024 * 1024, ms: 1, s: 1000, min: 60_000, h: 3_600_000, days: 1 },
  }

  /** A number in the source, or a product of numbers. */
  function numberIn(file: string, name: string): number {
    const [object, member = ''] = name.split('.')
    const source = read(file)
    const from = source.search(new RegExp(`^(?:export )?const ${object}\\b`, 'm'))
    const text = from < 0 ? '' : source.slice(from)
    const [, found = ''] =
      (member === '' ? /=\s*([\w\s*<]+)/ : new RegExp(`\\b${member}: ([\\w\\s*]+)`)).exec(text) ?? []
    return found
      .trim()
      .split(/\s*\*\s*/)
      .reduce(
        (product, factor) =>
          product * (factor === 'KIB' ? 1024 : Number(factor.split('\n')[0]?.replaceAll('_', ''))),
        1,
      )
  }

  test('says what the source says', () => {
    expect(rows.length).toBeGreaterThan(45)
    expect(rows).toHaveLength(read('docs/limits.md').match(/^\| .*`(?:src|adapters)\//gm)?.length ?? 0)
    for (const [, told = '', file = '', name = ''] of rows) {
      const [number = '', unit] = told.split(' ')
      const value =
        Number(number.replaceAll(',', '')) * (unit === undefined ? 1 : (units[unit] ?? Number.NaN))
      expect([name, value]).toEqual([name, numberIn(file, name)])
    }
  })

  test('has every limit that the program names as one', () => {
    const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(`src/${name}`).replaceAll(/\/\*[\s\S]*?\*\//g, ''))
    const names = sources.flatMap((source) =>
      [...source.matchAll(/^export const (\w+Limits) = \{([^}]*)\} as const/gm)].flatMap(
        ([, name, body = '']) => [...body.matchAll(/(\w+):/g)].map(([, member]) => `${name}.${member}`),
      ),
    )
    expect(names.length).toBeGreaterThan(35)
    const told = rows.map(([, , , name]) => name)
    expect(names.filter((name) => !told.includes(name))).toEqual([])
  })
})

describe('the table of runtimes and stores', () => {
  test('has a cell for each pair that passes the contract, and no other', () => {
    const [head = '', , ...lines] =
      read('README.md')
        .match(/^\|.*SQLite file.*\n(?:\|.*\n)+/m)?.[0]
        .trim()
        .split('\n') ?? []
    const cellsOf = (line: string): string[] =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    const stores = cellsOf(head).slice(1)
    const told = lines.flatMap((line) => {
      const [runtime, ...cells] = cellsOf(line)
      return cells.flatMap((cell, i) => (cell === '' ? [] : [`${runtime}: ${stores[i]}`]))
    })
    const proven = ['node', 'worker'].flatMap((file) =>
      [...read(`test/runtime/${file}.test.ts`).matchAll(/^appContract\('([^']+)'/gm)].map(
        ([, name = '']) => name,
      ),
    )
    expect(proven.map((name) => cellNames[name] ?? name).sort()).toEqual(told.sort())
  })
})

/** What the contract's suites are called, in the words of the table. */
const cellNames: Readonly<Record<string, string>> = {
  'Node, SQLite': 'Node, PM2: SQLite file',
  'Node, Redis': 'Node, PM2: Redis',
  'Node, Upstash': 'Node, PM2: Upstash Redis',
  'wrangler dev of what is deployed, Durable Objects': 'Cloudflare Workers: Durable Object',
  'wrangler dev of what is deployed, Upstash': 'Cloudflare Workers: Upstash Redis',
}
