import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A process that a test started: its own process group, so that all it started ends with it. */
export interface Child {
  readonly process: ChildProcess
  /** Everything it wrote so far. */
  output(): string
  /** Resolves with the first match in what it wrote; rejects if the process ends first. */
  until(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** Asks it to end, insists after 10 s. */
  stop(): Promise<void>
}

/** Process groups that still run: a test that failed half way must not leave them behind. */
const running = new Set<number>()
process.on('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGKILL')
})

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {
    // The group is gone already.
  }
}

export function startChild(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))

  const { pid } = child
  if (pid !== undefined) running.add(pid)
  const signal = (name: NodeJS.Signals): void => {
    if (pid !== undefined) signalGroup(pid, name)
  }

  return {
    process: child,
    output: () => output,
    ended,
    signal,
    until(pattern, withinMs = 30_000): Promise<RegExpExecArray> {
      return new Promise((resolve, reject) => {
        const fail = (why: string) =>
          reject(new Error(`${command} ${args.join(' ')}: ${why} before ${pattern}\n${output}`))
        const timer = setTimeout(() => fail('too slow'), withinMs)
        const look = (): void => {
          const match = pattern.exec(output)
          if (!match) return
          clearTimeout(timer)
          listeners.delete(look)
          resolve(match)
        }
        listeners.add(look)
        void ended.then(() => fail('ended'))
        look()
      })
    },
    async stop(): Promise<void> {
      signal('SIGTERM')
      const timer = setTimeout(() => signal('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
      signal('SIGKILL')
      if (pid !== undefined) running.delete(pid)
    },
  }
}

/** A port of this machine that nobody uses, below those that connections going out are given meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

export interface Folder {
  readonly path: string
  remove(): Promise<void>
}

export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'skerry-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
