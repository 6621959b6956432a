import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { billOfMaterials, lockedPackages, shippedParts } from '../scripts/sbom.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (path: string): string => readFileSync(root + path, 'utf8')
const manifest = JSON.parse(read('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}

/** Licences that ask for a notice, and for nothing of whoever uses what is under them. */
const PERMISSIVE = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense']

/** Package and licence of each row of the table in docs/security.md. */
function told(): readonly (readonly [name: string, licence: string])[] {
  const rows = read('docs/security.md').matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\| (\S+) +\|/gm)
  return [...rows].flatMap(([, names = '', licence = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, licence] as const),
  )
}

describe('what others made of what we ship', () => {
  test('is told, with its licence, in docs/security.md', async () => {
    const parts = (await shippedParts()).map(({ name, license }) => [name, license])
    expect(parts.length).toBeGreaterThanOrEqual(Object.keys(manifest.dependencies).length)
    expect([...told()].sort()).toEqual(parts.sort())
  })

  test('asks for no more than a notice, and is what its author packed', async () => {
    for (const { name, license, integrity, hasInstallScript } of await shippedParts()) {
      expect([name, PERMISSIVE.includes(license ?? ''), hasInstallScript]).toEqual([name, true, undefined])
      expect([name, integrity]).toEqual([name, expect.stringMatching(/^sha512-/)])
    }
  })

  test('has its reason in docs/decisions, whoever asked for it', () => {
    const reasons = read('docs/decisions/001-dependencies.md')
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const without = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !reasons.includes(`**${name}**`),
    )
    expect(without).toEqual([])
  })

  test('is billed: each part once, with its hash and what it needs', async () => {
    const bill = (await billOfMaterials()) as {
      readonly components: readonly {
        readonly name: string
        readonly purl: string
        readonly hashes: unknown
      }[]
      readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
    }
    const refs = bill.components.map(({ purl }) => purl)
    expect(bill.components.map(({ name }) => name)).toEqual((await shippedParts()).map(({ name }) => name))
    expect(new Set(refs).size).toBe(refs.length)
    expect(bill.components[0]?.hashes).toEqual([
      { alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) },
    ])
    const needed = new Set(bill.dependencies.flatMap(({ dependsOn }) => dependsOn))
    expect([...needed].sort()).toEqual([...refs].sort())
  })
})

test('only packages that are named may run a script when they are installed', async () => {
  const scripted = [...(await lockedPackages())].filter(([, { hasInstallScript }]) => hasInstallScript)
  const names = scripted.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13))
  expect(names.sort()).toEqual(Object.keys(manifest.allowScripts).sort())
})
