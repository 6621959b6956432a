import { readSettings } from '../../src/settings.ts'
import { StoreFormatError } from '../../src/store-format.ts'
import { type Api, hasStore, openApi } from './api.ts'
import { type Command, Failure, type Given, storeOptions } from './command.ts'
import { checkOfMachine } from './doctor-machine.ts'
import { checkOfServer } from './doctor-server.ts'
import { plain, print } from './terminal.ts'

/** What was looked at, and what to do where it is not well. */
export interface Finding {
  readonly state: 'ok' | 'note' | 'bad'
  readonly of: string
  readonly says: string
}

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', note: 'note', bad: 'BAD ' }

export const doctor: Command = {
  summary: 'Looks whether all is well, and says what to do.',
  usage: ['', '--url URL'],
  about: `Without --url: settings, the machine, the store of the settings and how durable it is. With --url: the server
there, what stands in front of it, its clock. Ends with 1 if anything is bad; notes are for you to judge.`,
  options: [{ name: 'json', meaning: 'print JSON' }, ...storeOptions],
  examples: ['skerry doctor', 'skerry doctor --url https://collect.example'],
  words: [0, 0],
  async run(given): Promise<void> {
    const findings = given.has('url') ? await lookAtServer(given) : await lookAtSettings(given)
    if (given.has('json')) await print(JSON.stringify(findings, null, 2))
    else for (const { state, of, says } of findings) await print(plain(`${MARKS[state]}  ${of}: ${says}`))
    const bad = findings.filter(({ state }) => state === 'bad').length
    if (bad > 0) throw new Failure(`${bad} of ${findings.length} are bad`)
  },
}

async function lookAtServer(given: Given): Promise<readonly Finding[]> {
  const api = await openApi(given)
  return [...(await checkOfServer(api)), ...(await checkOfStore(api))]
}

async function lookAtSettings(given: Given): Promise<readonly Finding[]> {
  const settings = readSettings(given.environment)
  const found = [...checkOfMachine(settings)]
  if (found.some(({ state }) => state === 'bad')) return found
  if (!hasStore(settings))
    return [...found, { of: 'store', state: 'note', says: 'none yet: the first start makes it' }]
  return [...found, ...(await lookAtStore(given))]
}

async function lookAtStore(given: Given): Promise<readonly Finding[]> {
  try {
    const api = await openApi(given)
    try {
      return await checkOfStore(api)
    } finally {
      await api.close()
    }
  } catch (error) {
    if (!(error instanceof Failure || error instanceof StoreFormatError)) throw error
    return [{ of: 'store', state: 'bad', says: error.message }]
  }
}

/** What can be asked of every store. */
async function checkOfStore(api: Api): Promise<readonly Finding[]> {
  return [await durability(api), ...(await origins(api))]
}

const DURABILITY: Readonly<Record<string, Omit<Finding, 'of'>>> = {
  always: { state: 'ok', says: 'what is acknowledged is on disk' },
  everysec: {
    state: 'note',
    says: 'Redis writes to disk each second: a power cut may take the last second. appendfsync always would not',
  },
  memory: {
    state: 'bad',
    says: 'Redis has no append-only file: everything is gone with it. Set appendonly yes, appendfsync everysec or always',
  },
}

async function durability(api: Api): Promise<Finding> {
  const of = 'store'
  const response = await api.fetch('/health/ready')
  const answer = (await response.json().catch(() => ({}))) as { durability?: string }
  const known = DURABILITY[answer.durability ?? '']
  return known
    ? { of, ...known }
    : { of, state: 'bad', says: 'it cannot be written and read: is it up, and is the address right?' }
}

interface Definitions {
  readonly collections: readonly { readonly name: string; readonly origins: readonly string[] }[]
}

async function origins(api: Api): Promise<readonly Finding[]> {
  const of = 'collections'
  const response = await api.fetch('/api/collections')
  if (!response.ok) {
    const why = response.status === 401 ? 'the key is not known there' : 'only an admin key may list them'
    return [{ of, state: response.status === 401 ? 'bad' : 'note', says: why }]
  }
  const { collections } = (await response.json()) as Definitions
  const open = collections.filter((one) => one.origins.length === 0).map(({ name }) => name)
  if (open.length === 0) return [{ of, state: 'ok', says: `${collections.length}, each with its origins` }]
  const says = `pages of any site may send to ${open.join(', ')}: skerry collections set NAME --origin https://…`
  return [{ of, state: 'note', says }]
}
