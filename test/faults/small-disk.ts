import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../support/child.ts'
import type { Outage } from './outage.ts'

/** A process whose folder is a small disk of its own, which goes with it. */
export interface OnSmallDisk {
  readonly child: Child
  /** The folder as others see it. */
  readonly path: string
  /** Something else takes all the space, and gives it back. */
  readonly outage: Outage
}

/** Why there can be no small disk here, if so. */
export function whyNoSmallDisk(): string | undefined {
  const { status, stderr } = spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/mnt'])
  return status === 0 ? undefined : `no disk can be mounted here: ${stderr ?? 'no unshare'}`
}

const NAMESPACE = ['--map-root-user', '--mount']

/** Starts a command, and again whenever it ends, with a disk of so many MB at a folder: nobody else sees that. */
export function startOnSmallDisk(
  folder: string,
  megabytes: number,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): OnSmallDisk {
  const script = `mount -t tmpfs -o size=${megabytes}m none "$0" && while :; do "$@"; sleep 0.2; done`
  const child = startChild('unshare', [...NAMESPACE, 'sh', '-c', script, folder, ...command], env)
  const path = `/proc/${child.process.pid}/root${folder}`
  return { child, path, outage: fullDisk(path) }
}

function fullDisk(path: string): Outage {
  const ballast = join(path, 'ballast')
  return { readable: true, begin: () => fill(ballast), end: () => rmSync(ballast) }
}

/** Writes until there is no room for another byte. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  for (let size = 65_536; size >= 1; ) {
    try {
      writeSync(descriptor, Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      size = size >> 1
    }
  }
  closeSync(descriptor)
}
