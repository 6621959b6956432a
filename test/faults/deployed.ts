import { readFileSync } from 'node:fs'

/** What deploy/skerry.service tells glibc, for tests that look at a server's memory. */
export function deployedMemory(): Readonly<Record<string, string>> {
  const unit = readFileSync(new URL('../../deploy/skerry.service', import.meta.url), 'utf8')
  const [, settings] = /^Environment=(MALLOC_\S+=.*)$/m.exec(unit) ?? []
  if (settings === undefined) throw new Error('deploy/skerry.service tells glibc nothing')
  return Object.fromEntries(settings.split(' ').map((setting) => setting.split('=')))
}
