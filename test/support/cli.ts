import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inject, vi } from 'vitest'
import { type Folder, temporaryFolder } from './child.ts'
import { ADMIN_KEY, type Server, startNode, startWorker } from './server.ts'

const skerry = fileURLToPath(new URL('../../bin/skerry.js', import.meta.url))

/** Each command is a process, and a test runs many: on a busy machine that takes its time. */
vi.setConfig({ testTimeout: 90_000 })

/** What a command did. */
export interface Done {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command line as somebody at a terminal has it, in a folder of his own. */
export interface Shell {
  readonly folder: Folder
  /** Runs `skerry` with these words; `input` is what stands in its standard input. */
  run(words: readonly string[], input?: string): Promise<Done>
  stop(): Promise<void>
}

/** A shell with these settings and none else. */
export async function openShell(env: NodeJS.ProcessEnv, more: readonly string[] = []): Promise<Shell> {
  const folder = await temporaryFolder()
  const { PATH, HOME } = process.env
  const settings = { PATH, HOME, SKERRY_DATA: folder.path, ...env }
  return {
    folder,
    run: (words, input = '') => runIn(folder.path, [...words, ...more], settings, input),
    stop: () => folder.remove(),
  }
}

function runIn(cwd: string, words: readonly string[], env: NodeJS.ProcessEnv, input: string): Promise<Done> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [skerry, ...words], { cwd, env, timeout: 60_000 })
    const texts = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      texts.err += text
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.once('close', (code) => resolve({ code, ...texts }))
  })
}

/** Every way in which the command line reaches a store. */
export const ways: Readonly<Record<string, () => Promise<Shell>>> = {
  'the SQLite of the settings': () => openShell({}),
  'the Redis of the settings': () => openShell({ REDIS_URL: `${inject('redisUrl')}/15` }),
  'the Upstash of the settings (our gateway)': () => {
    const { url, token } = inject('upstash')
    return openShell({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token })
  },
  'a server': async () => openRemote(await startNode()),
  'a Worker': async () => openRemote(await startWorker()),
}

/** A shell whose commands go to a server, which ends with it. */
async function openRemote(server: Server): Promise<Shell> {
  const shell = await openShell({ SKERRY_KEY: ADMIN_KEY }, ['--url', server.url])
  return {
    ...shell,
    async stop(): Promise<void> {
      await shell.stop()
      await server.stop()
    },
  }
}
