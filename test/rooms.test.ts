import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))

/** The rooms of the house, and the rooms (or packages) each may import from. A room may always import from itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  nouns: ['zod'],
  agent: ['nouns', 'isbot'],
  engine: ['nouns'],
  asking: ['nouns'],
  ingest: ['nouns', 'agent'],
  dialects: ['nouns', 'ingest'],
  export: ['nouns'],
  telemetry: ['nouns'],
  store: ['nouns', 'asking', 'engine', 'telemetry'],
  import: ['nouns', 'agent'],
  dashboard: ['nouns', 'asking', 'export', 'hono'],
  middleware: ['nouns', 'ingest', 'dialects', 'hono', 'zod'],
  routes: [
    'nouns',
    'agent',
    'asking',
    'dashboard',
    'dialects',
    'ingest',
    'export',
    'middleware',
    'telemetry',
    'hono',
    'zod',
  ],
  app: ['nouns', 'dialects', 'middleware', 'routes', 'telemetry', 'hono'],
  client: ['nouns'],
  'store adapters': ['nouns', 'store', 'drivers', 'platform'],
  'geoip adapters': ['nouns', 'drivers', 'platform'],
  'runtime adapters': [
    'nouns',
    'app',
    'engine',
    'store',
    'telemetry',
    'store adapters',
    'geoip adapters',
    'drivers',
    'platform',
  ],
  'cli adapters': ['nouns', 'import', 'export', 'store adapters', 'runtime adapters', 'platform'],
}

/** Files at the root of `src` that are more than a noun: they put the rooms together. */
const appFiles = new Set(['app.ts', 'program.ts', 'public.ts', 'context.ts', 'first-start.ts'])
const drivers = new Set(['ioredis', '@upstash/redis', '@hono/node-server'])

function roomOf(path: string): string {
  const [top, second = '', third] = path.split('/')
  if (top === 'adapters') return `${second} adapters`
  if (top === 'client') return 'client'
  return third === undefined ? (appFiles.has(second) ? 'app' : 'nouns') : second
}

function roomOfImport(specifier: string, from: string): string {
  if (specifier.startsWith('.')) return roomOf(relative(root, join(root, dirname(from), specifier)))
  const [first = '', second] = specifier.split('/')
  const name = first.startsWith('@') ? `${first}/${second}` : first
  if (name.startsWith('node:') || name.startsWith('cloudflare:')) return 'platform'
  if (drivers.has(name)) return 'drivers'
  return name === '@hono/zod-validator' ? 'hono' : name
}

function offences(path: string, text: string): string[] {
  const room = roomOf(path)
  const allowed = rooms[room] ?? []
  return [...text.matchAll(/^(?:import|export) (?:(?:type )?[\w$*{}\s,]*? from )?'([^'\n]+)'/gm)]
    .filter(([line]) => !isTypeOfContext(line))
    .map(([, specifier = '']) => [specifier, roomOfImport(specifier, path)] as const)
    .filter(([, target]) => target !== room && !allowed.includes(target))
    .map(([specifier, target]) => `${path} (${room}) imports ${specifier} (${target})`)
}

/** The words that layers leave for each other are types only, so every layer may know them. */
function isTypeOfContext(line: string): boolean {
  return /^import type .*context\.ts['"]$/ms.test(line)
}

const files = ['src', 'adapters', 'client'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${top}/${name}`),
)

test('imports go one way only', () => {
  expect(files.length).toBeGreaterThan(30)
  expect(files.flatMap((path) => offences(path, readFileSync(join(root, path), 'utf8')))).toEqual([])
})

test('an import that goes the wrong way is named', () => {
  const wrong = {
    'src/event.ts': "import { scanDay } from './engine/scan.ts'",
    'src/engine/scan.ts': "import { Hono } from 'hono'",
    'src/routes/count.ts': "import { sqlite } from '../../adapters/store/sqlite.ts'",
    'src/ingest/event.ts': "import {\n  memoryStore,\n} from '../store/memory.ts'",
    'src/store/sql/sql-store.ts': "import { Redis } from 'ioredis'",
    'src/page.ts': "import { readFileSync } from 'node:fs'",
  }
  for (const [path, text] of Object.entries(wrong)) {
    expect(offences(path, text)).toEqual([expect.stringContaining(path)])
  }
})

test('src asks nobody for the time, chance, settings or a platform', () => {
  const forbidden =
    /\b(?:Date\.now\(\)|new Date\(\)|Math\.random|performance\.now|crypto\.(?:getRandomValues|randomUUID)|process\.|Buffer\.|setTimeout|setInterval|setImmediate|console\.|globalThis)/
  const found = files
    .filter((path) => path.startsWith('src/'))
    .filter((path) =>
      forbidden.test(readFileSync(join(root, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
    )
  expect(found).toEqual([])
})
