import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SkerryError } from '../../src/errors.ts'
import { makeKey } from '../../src/key.ts'
import { readSettings, type Settings } from '../../src/settings.ts'
import { refuseNewer } from '../../src/store-format.ts'
import { Failure, type Given, UsageError } from './command.ts'
import { plain } from './terminal.ts'

/** Somebody who answers requests as docs/api.md says: a server far away, or the program in this process. */
export interface Api {
  /** For people: a URL, or what is kept where. */
  readonly where: string
  readonly isRemote: boolean
  /** The answer, whatever it is. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** How often what may be sent again is, and how long a first wait is; ms. */
const ATTEMPTS = 6
const WAIT_MS = 500

/**
 * The server of `--url`, or else the program over the store of the settings, with an admin key that nobody else
 * knows. `mayCreate`: whether the store may be a new one.
 */
export async function openApi(given: Given, { mayCreate = false } = {}): Promise<Api> {
  const url = given.text('url')
  if (url !== undefined) return remote(url, given.text('key') ?? given.environment.SKERRY_KEY)
  if (given.has('key')) throw new UsageError('--key is for --url: the store of the settings needs none')
  return local(readSettings(given.environment), mayCreate)
}

function remote(url: string, key: string | undefined): Api {
  const base = URL.parse(url)
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:')
    throw new UsageError('--url must begin with http:// or https://')
  if (base.username !== '' || base.search !== '') throw new UsageError('--url must not hold a key')
  if (key === undefined) throw new UsageError('--url needs a key: set SKERRY_KEY')
  const root = base.href.replace(/\/+$/, '')
  return {
    where: root,
    isRemote: true,
    async fetch(path, init = {}): Promise<Response> {
      try {
        return await fetch(root + path, { redirect: 'error', ...init, headers: authorized(init, key) })
      } catch (error) {
        throw new Failure(`${root} cannot be reached: ${causeOf(error)}`)
      }
    },
    async close(): Promise<void> {},
  }
}

/** Whether there is a store already; of one in a Redis that is not known here. */
export function hasStore(settings: Settings): boolean {
  return !isFileStore(settings) || existsSync(join(settings.data, 'skerry.db'))
}

export function isFileStore({ redisUrl, upstash }: Settings): boolean {
  return redisUrl === undefined && upstash === undefined
}

async function local(settings: Settings, mayCreate: boolean): Promise<Api> {
  if (!mayCreate && !hasStore(settings))
    throw new Failure(
      `there is no store in ${settings.data}: start the server once, name the folder (SKERRY_DATA), or a server (--url)`,
    )
  const { openProgram } = await import('../runtime/node-program.ts')
  const key = makeKey('admin', (bytes) => crypto.getRandomValues(new Uint8Array(bytes)))
  const { app, store, close } = await openProgram({ ...settings, adminKey: key })
  const where = isFileStore(settings) ? settings.data : settings.redisUrl !== undefined ? 'Redis' : 'Upstash'
  try {
    refuseNewer(await store.documents('setup'))
  } catch (error) {
    await close()
    if (error instanceof SkerryError)
      throw new Failure(`the store (${where}) cannot be reached: ${error.cause ?? error.message}`)
    throw error
  }
  return {
    where,
    isRemote: false,
    fetch: async (path, init = {}) =>
      app.fetch(new Request(`http://localhost${path}`, { ...init, headers: authorized(init, key) }), {}),
    close,
  }
}

function authorized({ headers }: RequestInit, key: string): Headers {
  const all = new Headers(headers)
  all.set('Authorization', `Key ${key}`)
  return all
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && cause.message === '' ? String(cause.code) : cause.message
}

/** The answer to a request, or `Failure` with what is wrong. */
export async function ask(api: Api, path: string, init?: RequestInit): Promise<Response> {
  const response = await api.fetch(path, init)
  if (response.ok) return response
  throw new Failure(await problemOf(response))
}

/** The JSON of an answer. */
export async function askJson<T>(api: Api, path: string, init?: RequestInit): Promise<T> {
  return (await (await ask(api, path, init)).json()) as T
}

/** Sends something that may be sent again, and does that while the other end is too busy or away. */
export async function askAgain(api: Api, path: string, init: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await api.fetch(path, init).catch((error: unknown) => {
      if (attempt === ATTEMPTS) throw error
      return undefined
    })
    const isBusy = response === undefined || response.status === 429 || response.status === 503
    if (response && (!isBusy || attempt === ATTEMPTS)) return response
    await response?.body?.cancel()
    const seconds = Number(response?.headers.get('Retry-After') ?? 0)
    await new Promise((resolve) => setTimeout(resolve, Math.max(seconds * 1000, WAIT_MS * 2 ** attempt)))
  }
}

interface Problem {
  readonly detail?: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** What a problem document says, for people. */
export async function problemOf(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const { detail, errors = [] } = JSON.parse(text) as Problem
    const faults = errors.map((fault) => `\n  ${fault.pointer} ${fault.detail}`).join('')
    return (
      plain(`${response.status}: ${detail ?? 'no reason given'}`) + faults.split('\n').map(plain).join('\n')
    )
  } catch {
    return `${response.status}: not an answer of Skerry; is the URL right?`
  }
}
