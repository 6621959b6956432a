import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { makeKey } from '../../src/key.ts'
import { settingTable } from '../../src/setting-table.ts'
import { readSettings, SettingError } from '../../src/settings.ts'
import { type Command, Failure, type Given, quietOption, UsageError } from './command.ts'
import { SETTINGS_FILE } from './settings-file.ts'
import { settingsFile } from './settings-text.ts'
import { print, tell } from './terminal.ts'

/** What is asked, in this order; an empty answer is the default. */
const questions: readonly (readonly [setting: string, question: string])[] = [
  ['PORT', 'Which port should it listen on? [4000]'],
  ['HOST', 'On which address? 127.0.0.1 if a proxy on this machine is in front [0.0.0.0]'],
  ['SKERRY_DATA', 'In which folder should the data be? [./data]'],
  ['REDIS_URL', 'Or in a Redis? Its URL [no, a file]'],
  ['TRUST_PROXY', 'What is in front? loopback, private, cloudflare, a number of proxies … [nothing]'],
  ['SKERRY_GEOIP', 'Path of an MMDB file that knows where addresses are [none]'],
]

const names: ReadonlySet<string> = new Set(settingTable.map(({ name }) => name))

export const init: Command = {
  summary: 'Writes a file of settings, every one of them explained.',
  usage: ['[FILE] [--set NAME=VALUE]... [--make-key]'],
  about: `On a terminal it asks a few questions first. FILE is skerry.env unless said; only you can read it.`,
  options: [
    {
      name: 'set',
      value: 'NAME=VALUE',
      many: true,
      meaning: 'a setting; may be repeated. Nothing is asked then',
    },
    { name: 'make-key', meaning: 'make an admin key and put it into the file' },
    { name: 'ask', meaning: 'ask, also when this is no terminal' },
    { name: 'force', meaning: 'replace a file that is there' },
    quietOption,
  ],
  examples: ['skerry init', 'skerry init --set PORT=8080 --set TRUST_PROXY=loopback --make-key'],
  words: [0, 1],
  async run(given): Promise<void> {
    const file = given.words[0] ?? SETTINGS_FILE
    const settings = new Map(given.list('set').map(readPair))
    const asks = given.has('ask') || (process.stdin.isTTY === true && settings.size === 0)
    if (asks) for (const [name, value] of await askAll()) settings.set(name, value)
    if (given.has('make-key') && !settings.has('SKERRY_KEY')) settings.set('SKERRY_KEY', newKey())
    readSettings(Object.fromEntries(settings))
    await create(file, settingsFile(settings), given)
    await print(file)
    const named = file === SETTINGS_FILE ? '' : ` --config ${file}`
    tell(given, `\`skerry doctor${named}\` looks whether all is well, \`skerry serve${named}\` starts.`)
  },
}

function readPair(text: string): readonly [name: string, value: string] {
  const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(text) ?? []
  if (names.has(name)) return [name, value]
  throw new UsageError(`--set "${text}" must be NAME=VALUE with a name of docs/settings.md`)
}

async function askAll(): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const lines = terminal[Symbol.asyncIterator]()
  try {
    for (const [name, question] of questions) {
      const answer = await askOne(name, question, lines)
      if (answer !== '') answers.set(name, answer)
    }
    return answers
  } finally {
    terminal.close()
  }
}

/** Asks until the answer is one that can be used. */
async function askOne(name: string, question: string, lines: AsyncIterator<string>): Promise<string> {
  for (;;) {
    process.stderr.write(`${question} `)
    const { value, done } = await lines.next()
    if (done === true) throw new Failure('there was no answer')
    const fault = value.trim() === '' ? undefined : faultOf(name, value.trim())
    if (fault === undefined) return value.trim()
    process.stderr.write(`${fault}\n`)
  }
}

function faultOf(name: string, value: string): string | undefined {
  try {
    readSettings({ [name]: value })
    return undefined
  } catch (error) {
    if (error instanceof SettingError) return error.message
    throw error
  }
}

function newKey(): string {
  return makeKey('admin', (bytes) => crypto.getRandomValues(new Uint8Array(bytes)))
}

async function create(file: string, text: string, given: Given): Promise<void> {
  try {
    const handle = await open(file, given.has('force') ? 'w' : 'wx', 0o600)
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.close()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') throw new Failure(`${file} is there already: --force replaces it`)
    if (code === undefined) throw error
    throw new Failure(`${file} cannot be written: ${code}`)
  }
}
