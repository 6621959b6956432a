import { SettingError } from '../../src/settings.ts'
import { StoreFormatError } from '../../src/store-format.ts'
import { type Command, type Environment, Failure, readArguments, UsageError } from './command.ts'
import { withSettingsFile } from './settings-file.ts'

/** Commands by name. Only the one that is asked for is loaded. */
const commands: ReadonlyMap<string, readonly [summary: string, load: () => Promise<Command>]> = new Map([
  ['serve', ['collect and answer: the server', async () => (await import('./serve.ts')).serve]],
  ['init', ['write a file of settings', async () => (await import('./init.ts')).init]],
  [
    'collections',
    ['list, show, make, change, remove', async () => (await import('./collections.ts')).collections],
  ],
  ['keys', ['of a collection: list, make, remove', async () => (await import('./keys.ts')).keys]],
  ['query', ['ask', async () => (await import('./query.ts')).query]],
  ['tail', ['events as they come', async () => (await import('./tail.ts')).tail]],
  ['export', ['events as NDJSON, CSV, Parquet', async () => (await import('./export.ts')).exportEvents]],
  ['import', ['logs, exports of others, NDJSON', async () => (await import('./import.ts')).importEvents]],
  ['backup', ['copy the SQLite store into a file', async () => (await import('./backup.ts')).backup]],
  ['doctor', ['look whether all is well', async () => (await import('./doctor.ts')).doctor]],
  ['demo', ['fill a collection with made-up visitors', async () => (await import('./demo.ts')).demo]],
  ['bench', ['measure how much a server takes', async () => (await import('./bench.ts')).bench]],
  ['erase', ['remove events for good', async () => (await import('./erase.ts')).erase]],
])

/** Does what was typed, and sets the exit status: 0, 1 (failed) or 2 (not understood). */
export async function main(argv: readonly string[], environment: Environment): Promise<void> {
  process.stdout.on('error', leaveWithoutReader)
  const [name, rest] = commandOf(argv)
  try {
    await run(name, rest, environment)
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1
    if (error instanceof UsageError)
      process.stderr.write(`skerry: ${error.message} (try: skerry ${name === '' ? '' : `${name} `}--help)\n`)
    else if (isForPeople(error)) process.stderr.write(`skerry: ${error.message}\n`)
    else throw error
  }
}

function isForPeople(error: unknown): error is Error {
  return [Failure, SettingError, StoreFormatError].some((kind) => error instanceof kind)
}

/** `skerry`, and `skerry --option`, serve. */
function commandOf(argv: readonly string[]): readonly [name: string, rest: readonly string[]] {
  const [first = ''] = argv
  return first === '' || first.startsWith('-') ? ['', argv] : [first, argv.slice(1)]
}

async function run(name: string, argv: readonly string[], environment: Environment): Promise<void> {
  const asksHelp = argv.includes('--help') || argv.includes('-h')
  if (name === 'help' || (name === '' && asksHelp)) return help(argv[0] ?? '')
  if (name === '' && (argv.includes('--version') || argv.includes('-v'))) return version()
  const [, load] = commands.get(name === '' ? 'serve' : name) ?? []
  if (!load) throw new UsageError(`there is no command "${name}"`)
  if (asksHelp) return help(name)
  const command = await load()
  const given = readArguments(command, argv)
  await command.run({ ...given, environment: withSettingsFile(environment, given.text('config')) })
}

async function help(name: string): Promise<void> {
  const { helpOf, overview } = await import('./help.ts')
  const [, load] = commands.get(name) ?? []
  const all = [...commands].map(([one, [summary]]) => [one, summary] as const)
  process.stdout.write(load ? helpOf(name, await load()) : overview(all))
}

async function version(): Promise<void> {
  const { default: about } = await import('../../package.json', { with: { type: 'json' } })
  process.stdout.write(`${about.version}\n`)
}

/** Whoever reads the results may have seen enough, as `head` has. */
function leaveWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}
