import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { minify } from 'terser'

/**
 * The script of the dashboard's pages, from `web/dashboard/` to `assets/`.
 *
 *     npm run build:dashboard
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Builds the script, and gives its text. */
export async function buildDashboard(): Promise<string> {
  const { output } = await build({
    input: join(ROOT, 'web/dashboard/main.ts'),
    platform: 'browser',
    write: false,
    onLog(level, log): void {
      if (level === 'warn') throw new Error(log.message)
    },
    output: { format: 'esm' },
  })
  const { code = '' } = await minify(output[0].code, {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
  })
  return `${code}\n`
}

if (import.meta.main) await writeFile(join(ROOT, 'assets/dashboard.js'), await buildDashboard())
