import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Folder, startChild, temporaryFolder } from '../support/child.ts'
import { commandOf } from '../support/debian-package.ts'
import { type Disk, diskOf } from './disk-model.ts'
import { isLong } from './scale.ts'
import { type Step, stepsOf, traceArguments } from './trace.ts'
import { type Account, type Beacon, newAccount, sendAgain, sendTraffic } from './traffic.ts'

/** Beacons of a run, and connections that bring them. */
export const BEACONS = isLong ? 600 : 50
export const CONNECTIONS = 8

/** How often, and how long after, what was turned away is sent again. */
const RETRIES = 50
const RETRY_MS = 100

/** Ids of beacons (`b7`, `b7.1`) in any text. */
export function idsIn(text: string): readonly string[] {
  return [...text.matchAll(/"(b\d+(?:\.\d+)?)"/g)].map(([, id = '']) => id)
}

/** Sends them all, those again that were not taken, and has them acknowledged. */
export async function sendAll(url: string, beacon: (n: number) => Beacon): Promise<Account> {
  const account = newAccount()
  const enough = new AbortController()
  const counting = (n: number): Beacon => {
    if (n === BEACONS - 1) enough.abort()
    return beacon(n)
  }
  await sendTraffic(url, account, { connections: CONNECTIONS, until: enough.signal, beacon: counting })
  // Under strace a server is so slow that it may have to turn some away.
  for (let times = 0; account.unknown.length > 0 && times < RETRIES; times++) {
    await wait(RETRY_MS)
    await sendAgain(url, account)
  }
  expect(account.answers.get(201)).toBe(BEACONS)
  expect([...account.answers.keys()].filter((status) => status !== 201 && status !== 503)).toEqual([])
  return account
}

/** What a process did while beacons were collected. */
export interface Run {
  readonly folder: Folder
  /** The folder of what it keeps, as the process names it. */
  readonly data: string
  readonly steps: readonly Step[]
  readonly account: Account
}

/**
 * Runs a command under strace while something is done with it.
 * `data`: see `Run`, made of the run's folder; `text`: what the thread writes whose steps are wanted.
 */
export async function traceRun(given: {
  readonly command: (folder: string) => readonly string[]
  readonly env?: (folder: string) => NodeJS.ProcessEnv
  readonly until: RegExp
  readonly data: (folder: string) => string
  readonly text: string
  readonly work: (match: RegExpExecArray) => Promise<Account>
}): Promise<Run> {
  const folder = await temporaryFolder()
  const traces = join(folder.path, 'traces')
  await mkdir(traces)
  const command = [...traceArguments(traces), ...given.command(folder.path)]
  const child = startChild(commandOf('strace', 'strace'), command, given.env?.(folder.path))
  try {
    const account = await given.work(await child.until(given.until))
    await child.stop()
    return { folder, data: given.data(folder.path), steps: stepsOf(traces, given.text), account }
  } finally {
    await child.stop()
  }
}

/** What happens to a disk, and which ids were acknowledged by then. */
export interface Moment {
  readonly step: Step
  readonly disk: Disk
  readonly acknowledged: ReadonlySet<string>
  /** Those that this step acknowledges. */
  readonly now: readonly string[]
}

/** How a process answers on its sockets: what begins an answer, and what an answer that acknowledges. */
export interface Protocol {
  readonly answer: RegExp
  readonly acknowledgement: RegExp
}

/** Follows the steps: an acknowledgement is for all that was read from its socket since the answer before. */
export function* moments(
  { data, steps }: Pick<Run, 'data' | 'steps'>,
  { answer, acknowledgement }: Protocol,
): Generator<Moment> {
  const disk = diskOf(data)
  const asked = new Map<number, string>()
  const acknowledged = new Set<string>()
  for (const step of steps) {
    let now: readonly string[] = []
    const isOfDisk = disk.apply(step)
    if (!isOfDisk && step.kind === 'read')
      asked.set(step.fd, (asked.get(step.fd) ?? '') + step.bytes.toString('latin1'))
    if (!isOfDisk && step.kind === 'write') {
      const said = step.bytes.toString('latin1', 0, 20)
      if (acknowledgement.test(said)) now = idsIn(asked.get(step.fd) ?? '')
      if (answer.test(said)) asked.delete(step.fd)
      for (const id of now) acknowledged.add(id)
    }
    yield { step, disk, acknowledged, now }
  }
}
