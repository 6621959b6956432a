import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { cpus } from 'node:os'

/** A process that a benchmark started, and those that it started. */
export interface Process {
  readonly child: ChildProcess
  /** CPU time of all their threads so far, µs. */
  cpu(): number
  /** Resident memory, bytes. */
  memory(): number
  kill(): Promise<void>
}

const running = new Set<Process>()

/** Whether the generator and the servers have a core each. */
export const isPinned: boolean = cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0

const GENERATOR_CORE = '0'
const SERVER_CORE = '1'

/** Keeps this process to the generator's core. */
export function pinGenerator(): void {
  if (isPinned) spawnSync('taskset', ['-acp', GENERATOR_CORE, String(process.pid)])
}

/** Starts a process on the servers' core. `ipc`: it takes messages. */
export function startProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  ipc: 'ipc' | 'ignore' = 'ignore',
): Process {
  const [file = '', ...rest] = [...(isPinned ? ['taskset', '-c', SERVER_CORE] : []), command, ...args]
  const child = spawn(file, rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', ipc],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const pids = (): readonly number[] => (child.pid === undefined ? [] : treeOf(child.pid))
  const started: Process = {
    child,
    cpu: () => sum(pids().map(cpuOf)),
    memory: () => sum(pids().map(memoryOf)),
    async kill(): Promise<void> {
      running.delete(started)
      for (const pid of pids()) end(pid)
      await ended
    },
  }
  running.add(started)
  return started
}

/** Ends all that still run: a run that failed half way must not leave them behind. */
export function killAll(): void {
  for (const one of running) void one.kill()
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

/** A process and its children, theirs too. */
function treeOf(pid: number): readonly number[] {
  const children = tasksOf(pid).flatMap((task) => (read(`${task}/children`).match(/\d+/g) ?? []).map(Number))
  return [pid, ...children.flatMap(treeOf)]
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    return []
  }
}

/** What its threads have run, by the scheduler: /proc/PID/stat tells the same in steps of 10 ms. */
function cpuOf(pid: number): number {
  return sum(tasksOf(pid).map((task) => Number(read(`${task}/schedstat`).split(' ')[0]) / 1000))
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

/** Time that the servers' core has worked for anybody, since the machine started; µs. */
export function coreBusy(): number {
  const line = new RegExp(`^cpu${SERVER_CORE} (.*)$`, 'm').exec(read('/proc/stat'))?.[1] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number)
  return (user + nice + system + irq + softirq + steal) * 10_000
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Resolves with the first byte that a server sends to this text; until it listens it is tried every ms. */
export async function firstAnswer(port: number, text: string, withinMs = 20_000): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; ) {
    if (await answers(port, text)) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`nobody answers on port ${port}`)
}

function answers(port: number, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    const settle = (result: boolean): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('data', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('close', () => settle(false))
  })
}
