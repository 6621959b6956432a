import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { minify } from 'terser'

/**
 * The Worker as it is deployed: one module, smaller than wrangler's own bundler makes it.
 *
 *     npm run build:worker
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const NAME = 'cloudflare.js'

/** Builds into a folder, and says where the module is. */
export async function buildWorker(folder: string): Promise<string> {
  const file = join(folder, NAME)
  await build({
    input: join(ROOT, 'adapters/runtime/cloudflare.ts'),
    external: ['cloudflare:workers'],
    platform: 'neutral',
    resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import'], mainFields: ['module', 'main'] },
    treeshake: { propertyReadSideEffects: false, unknownGlobalSideEffects: false },
    // What cannot be found is not left for later.
    onLog(level, log): void {
      if (level === 'warn') throw new Error(log.message)
    },
    output: { file, format: 'esm', minify: true },
  })
  const { code = '' } = await minify(await readFile(file, 'utf8'), {
    module: true,
    ecma: 2020,
    compress: { passes: 3, unsafe_arrows: true },
  })
  await writeFile(file, code)
  return file
}

if (import.meta.main) {
  const folder = join(ROOT, 'dist/worker')
  // Whatever lies there is uploaded.
  await rm(folder, { recursive: true, force: true })
  console.log(await buildWorker(folder))
}
