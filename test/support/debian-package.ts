import { execFileSync, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The path of a command; installs Debian's package for it where that can be done, else says what to install. */
export function commandOf(command: string, debianPackage: string): string {
  const found = which(command)
  if (found) return found
  if (process.getuid?.() === 0 && which('apt-get')) {
    // One at a time: test files run side by side, and apt refuses to.
    const install = `apt-get update; apt-get install -y --no-install-recommends ${debianPackage}`
    const lock = join(tmpdir(), 'skerry-test-apt.lock')
    spawnSync('flock', [lock, '/bin/sh', '-c', install], { stdio: 'ignore' })
  }
  const installed = which(command)
  if (installed) return installed
  throw new Error(`The tests need ${command}. Install it: apt-get install ${debianPackage}`)
}

function which(command: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
