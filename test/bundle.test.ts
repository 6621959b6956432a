import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorker } from '../scripts/worker.ts'
import { type Folder, temporaryFolder } from './support/child.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Bytes of the Worker, minified and gzipped. */
const BUDGET = 135_000

describe('the Worker as it is deployed', () => {
  let folder: Folder
  let output: string
  let modules: readonly string[]
  let code: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    const built = await buildWorker(join(folder.path, 'built'))
    const args = ['deploy', built, '--no-bundle', '--dry-run', '--config', `${root}wrangler.toml`]
    const out = join(folder.path, 'uploaded')
    output = execFileSync(
      process.execPath,
      [`${root}node_modules/wrangler/bin/wrangler.js`, ...args, '--outdir', out],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          WRANGLER_SEND_METRICS: 'false',
          WRANGLER_HIDE_BANNER: 'true',
          CI: '1',
          NO_COLOR: '1',
        },
      },
    )
    modules = readdirSync(out).filter((name) => name !== 'README.md')
    code = readFileSync(join(out, 'cloudflare.js'), 'utf8')
  }, 60_000)
  afterAll(() => folder?.remove())

  test('bundles without a warning, with Node compatibility switched off', () => {
    expect(readFileSync(`${root}wrangler.toml`, 'utf8')).toContain(
      '"no_nodejs_compat", "no_nodejs_compat_v2"',
    )
    expect(output).toContain('--dry-run: exiting now')
    expect(output).not.toMatch(/warn/i)
  })

  test('is one module, which `npm run deploy` uploads', () => {
    expect(modules).toEqual(['cloudflare.js'])
    expect(readFileSync(`${root}package.json`, 'utf8')).toContain(
      '"deploy": "node scripts/worker.ts && wrangler deploy dist/worker/cloudflare.js --no-bundle"',
    )
  })

  test(`weighs at most ${BUDGET} bytes gzipped`, () => {
    const bytes = gzipSync(code, { level: 9 }).length
    console.log(`Worker bundle: ${code.length} bytes minified, ${bytes} gzipped`)
    expect(bytes).toBeLessThanOrEqual(BUDGET)
  })

  test('holds nothing of Node, of other drivers, or of the languages zod speaks', () => {
    expect(code).not.toMatch(/["']node:/)
    expect(code).not.toContain('ioredis')
    expect(code).not.toContain('Upstash-Telemetry-Sdk')
    expect(code).not.toContain('Ungültige Eingabe')
  })
})
