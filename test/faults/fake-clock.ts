import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandOf } from '../support/debian-package.ts'

/** The clock of a process, as its operator or NTP may set it while it runs. Clocks that only measure go on. */
export interface FakeClock {
  /** Environment of a process that goes by it. */
  readonly env: NodeJS.ProcessEnv
  /** What it shows; ms since 1970. */
  now(): number
  /** Sets it; ms since 1970. From then on it runs as others do. */
  set(time: number): void
}

/** `folder`: where its setting is kept. */
export function createFakeClock(folder: string, time: number): FakeClock {
  const file = join(folder, 'clock')
  let offset = 0
  const clock: FakeClock = {
    env: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    now: () => Date.now() + offset,
    set(to): void {
      // Whole seconds are what both sides understand alike.
      const seconds = Math.round((to - Date.now()) / 1000)
      offset = 1000 * seconds
      writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}`)
      renameSync(`${file}.new`, file)
    },
  }
  clock.set(time)
  return clock
}

function library(): string {
  commandOf('faketime', 'faketime')
  const places = ['/usr/lib', ...['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu`)]
  const paths = places.map((place) => `${place}/faketime/libfaketimeMT.so.1`)
  const found = paths.find((path) => existsSync(path))
  if (!found) throw new Error(`faketime has no library at ${paths.join(', ')}`)
  return found
}
