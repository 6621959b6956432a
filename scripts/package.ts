import { execFileSync } from 'node:child_process'
import { cp, glob, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { billOfMaterials } from './sbom.ts'

/**
 * What `npm pack` packs: JavaScript and types of every file that the package's exports reach, in the same folders as
 * the sources, the lists that are read at run time, and a bill of what others made of it.
 *
 *     npm run build:package
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const BUILT = join(ROOT, 'dist/package')

/** The compiler rewrites imports of `.ts` files in JavaScript only. */
async function rewriteTypes(): Promise<void> {
  for await (const name of glob('**/*.d.ts', { cwd: BUILT })) {
    const file = join(BUILT, name)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replaceAll(/(from '|import\(["'])(\.[^'"]+)\.ts(?=['"])/g, '$1$2.js'))
  }
}

/** What the program reads of its manifest, where it looks for it. */
async function manifest(): Promise<Readonly<Record<string, unknown>>> {
  const { name, version, type } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  return { name, version, type }
}

export async function buildPackage(): Promise<void> {
  await rm(BUILT, { recursive: true, force: true })
  for (const runtime of ['node', 'worker']) {
    const args = ['--project', join(ROOT, `scripts/tsconfig.${runtime}.json`)]
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], {
      stdio: 'inherit',
    })
  }
  await rewriteTypes()
  await writeFile(join(BUILT, 'package.json'), JSON.stringify(await manifest()))
  await writeFile(join(BUILT, 'sbom.cdx.json'), `${JSON.stringify(await billOfMaterials(), null, 2)}\n`)
  await cp(join(ROOT, 'assets'), join(BUILT, 'assets'), { recursive: true })
}

if (import.meta.main) await buildPackage()
