import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { settingTable } from '../../src/setting-table.ts'
import { SettingError } from '../../src/settings.ts'
import type { Environment } from './command.ts'

/** Read where nobody names another. */
export const SETTINGS_FILE = 'skerry.env'

const OURS = /^SKERRY_/
const names: ReadonlySet<string> = new Set(settingTable.map(({ name }) => name))

/** The environment, and what a file of `NAME=value` lines adds to it. Throws `SettingError`. */
export function withSettingsFile(environment: Environment, file: string | undefined): Environment {
  const text = readText(file ?? SETTINGS_FILE, file !== undefined)
  if (text === undefined) return environment
  const read = parseEnv(text)
  const unknown = Object.keys(read).find((name) => OURS.test(name) && !names.has(name))
  if (unknown !== undefined) throw new SettingError(`${unknown} is no setting (see docs/settings.md)`)
  const said = Object.entries(environment).filter(([, value]) => value?.trim())
  return { ...read, ...Object.fromEntries(said) }
}

function readText(file: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT' && !isNamed) return undefined
    throw new SettingError(`the settings file ${file} cannot be read: ${code}`)
  }
}
