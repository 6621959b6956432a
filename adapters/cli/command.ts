import { parseArgs } from 'node:util'

/** One word of the command line and all that `--help` tells of it. */
export interface Command {
  readonly summary: string
  /** What follows `skerry NAME`, one way a line. */
  readonly usage: readonly string[]
  /** Paragraphs, as they are to be printed. */
  readonly about?: string
  readonly options: readonly Option[]
  readonly examples: readonly string[]
  /** How many words may stand beside the options. */
  readonly words: readonly [least: number, most: number]
  run(given: Given): Promise<void>
}

export interface Option {
  readonly name: string
  readonly short?: string
  /** What stands for its value; absent: it has none. */
  readonly value?: string
  /** It may stand more than once. */
  readonly many?: true
  readonly meaning: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What somebody typed. */
export interface Given {
  readonly words: readonly string[]
  has(option: string): boolean
  text(option: string): string | undefined
  list(option: string): readonly string[]
  /** The environment, and what the settings file adds to it. */
  readonly environment: Environment
}

/** The command cannot be understood: exit status 2. */
export class UsageError extends Error {}

/** The command was understood and could not be done: exit status 1. The message is for whoever typed it. */
export class Failure extends Error {}

export const configOption: Option = {
  name: 'config',
  value: 'FILE',
  meaning: 'file of settings, as `skerry init` writes it; the environment comes first (default: skerry.env)',
}
export const quietOption: Option = { name: 'quiet', short: 'q', meaning: 'print results only' }
export const helpOption: Option = { name: 'help', short: 'h', meaning: 'this text' }

/** Options of all commands that speak to a server or a store. */
export const storeOptions: readonly Option[] = [
  { name: 'url', value: 'URL', meaning: 'ask the server there instead of the store of the settings' },
  {
    name: 'key',
    value: 'KEY',
    meaning: 'the key for --url; better in SKERRY_KEY, since others can see what was typed',
  },
  configOption,
  quietOption,
]

/** Reads what follows a command's name. Throws `UsageError`. */
export function readArguments(
  command: Pick<Command, 'options' | 'words'>,
  argv: readonly string[],
): Omit<Given, 'environment'> {
  const { values, positionals } = parse(command.options, argv)
  const [least, most] = command.words
  if (positionals.length < least) throw new UsageError('something is missing')
  if (positionals.length > most) throw new UsageError(`"${positionals[most]}" is one word too many`)
  return {
    words: positionals,
    has: (name) => values[name] !== undefined,
    text: (name) => [values[name] ?? []].flat().map(String).at(-1),
    list: (name) => [values[name] ?? []].flat().map(String),
  }
}

/** A whole number that an option gives. Throws `UsageError`. */
export function numberOf<T>(given: Pick<Given, 'text'>, option: string, otherwise: T): number | T {
  const text = given.text(option)
  if (text === undefined) return otherwise
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new UsageError(`--${option} must be a whole number`)
}

function parse(options: readonly Option[], argv: readonly string[]) {
  const known = [...options, helpOption].map(({ name, short, value, many }) => {
    const type: 'string' | 'boolean' = value === undefined ? 'boolean' : 'string'
    return [name, { type, multiple: many ?? false, ...(short !== undefined && { short }) }] as const
  })
  try {
    return parseArgs({ args: [...argv], options: Object.fromEntries(known), allowPositionals: true })
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split(/\. (?=To )/)
    throw new UsageError(first.charAt(0).toLowerCase() + first.slice(1))
  }
}
