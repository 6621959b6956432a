import { execFileSync } from 'node:child_process'
import { cp, glob, readFile, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
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

/** As it is but for its types: the compiler would wrap its `import()`, which bundlers are told to leave alone. */
async function writeTracker(): Promise<void> {
  const name = 'web/tracker/track.ts'
  const text = stripTypeScriptTypes(await readFile(join(ROOT, name), 'utf8'))
  await writeFile(join(BUILT, name.replace('.ts', '.js')), text)
}

/** What the program reads of its manifest, where it looks for it. */
async function manifest(): Promise<Readonly<Record<string, unknown>>> {
  const { name, version, type } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  return { name, version, type }
}

export async function buildPackage(): Promise<void> {
  await rm(BUILT, { recursive: true, force: true })
  for (const runtime of ['node', 'worker', 'tracker']) {
    const args = ['--project', join(ROOT, `scripts/tsconfig.${runtime}.json`)]
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], {
      stdio: 'inherit',
    })
  }
  await rewriteTypes()
  await writeTracker()
  await writeFile(join(BUILT, 'package.json'), JSON.stringify(await manifest()))
  await writeFile(join(BUILT, 'sbom.cdx.json'), `${JSON.stringify(await billOfMaterials(), null, 2)}\n`)
  await cp(join(ROOT, 'assets'), join(BUILT, 'assets'), { recursive: true })
}

if (import.meta.main) await buildPackage()
