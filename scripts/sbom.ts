import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Packages that are built into what browsers get, although only the build needs them. */
const built: readonly string[] = ['web-vitals']

interface Locked {
  readonly version: string
  readonly license?: string | undefined
  /** Subresource Integrity of the packed file. */
  readonly integrity?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

/** A package that is part of what we ship. */
export interface Part extends Locked {
  readonly name: string
}

/** All that the lock file locks, by its path in `node_modules`. */
export async function lockedPackages(): Promise<ReadonlyMap<string, Locked>> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  return new Map(Object.entries(packages).filter(([path]) => path !== ''))
}

/** What we ship of others, in the order of names: dependencies, what these need, and what is built in. */
export async function shippedParts(): Promise<readonly Part[]> {
  return [...(await lockedPackages())]
    .map(([path, locked]) => ({ ...locked, name: path.slice(path.lastIndexOf('node_modules/') + 13) }))
    .filter(({ name, dev }) => !dev || built.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A bill of materials (CycloneDX 1.6) of the package, the same for the same lock file. */
export async function billOfMaterials(): Promise<unknown> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Part
  const parts = await shippedParts()
  const own = componentOf({ name: manifest.name, version: manifest.version, license: manifest.license })
  const needsOf = ({ dependencies = {} }: Locked, more: readonly string[] = []): readonly string[] =>
    parts.filter(({ name }) => Object.hasOwn(dependencies, name) || more.includes(name)).map(refOf)
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: { component: { ...own, type: 'application' } },
    components: parts.map(componentOf),
    dependencies: [
      { ref: own['bom-ref'], dependsOn: needsOf(manifest, built) },
      ...parts.map((part) => ({ ref: refOf(part), dependsOn: needsOf(part) })),
    ],
  }
}

/** The package's URL (purl), by which it is also referred to. */
function refOf({ name, version }: Pick<Part, 'name' | 'version'>): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

function componentOf(part: Part) {
  const { name, version, license, integrity } = part
  return {
    ...{ type: 'library', 'bom-ref': refOf(part), name, version, purl: refOf(part) },
    ...(license !== undefined && { licenses: [{ license: { id: license } }] }),
    ...(integrity !== undefined && { hashes: [hashOf(integrity)] }),
  }
}

function hashOf(integrity: string): { readonly alg: string; readonly content: string } {
  const [algorithm = '', digest = ''] = integrity.split('-')
  return {
    alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
    content: Buffer.from(digest, 'base64').toString('hex'),
  }
}
