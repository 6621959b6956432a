import { type Command, helpOption, type Option } from './command.ts'

/** All that there is to know of a command. */
export function helpOf(name: string, { summary, usage, about, options, examples }: Command): string {
  const ways = usage.map((way) => `  skerry ${name} ${way}`.trimEnd())
  const parts = [`${summary}\n`, 'Usage', ...ways, '']
  if (about !== undefined) parts.push(about.trim(), '')
  parts.push('Options', ...columns([...options, helpOption].map(optionLine)), '')
  if (examples.length > 0) parts.push('Examples', ...examples.map((example) => `  ${example}`), '')
  return parts.join('\n')
}

/** What `skerry --help` says. */
export function overview(commands: readonly (readonly [name: string, summary: string])[]): string {
  return [
    'Skerry collects beacons and answers questions about them.\n',
    'Usage',
    '  skerry [COMMAND] [options]      without a command: serve\n',
    'Commands',
    ...columns(commands),
    '',
    'Commands work on the store of the settings (SKERRY_DATA, REDIS_URL …), beside a running server or without one,',
    'or with --url on a server anywhere, with a key in SKERRY_KEY. `skerry COMMAND --help` tells more.',
    'Exit status: 0, 1 when something failed, 2 when the command cannot be understood.',
    '',
  ].join('\n')
}

function optionLine({ name, short, value, meaning }: Option): readonly [string, string] {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`
  return [short === undefined ? `    ${long}` : `-${short}, ${long}`, meaning]
}

function columns(lines: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...lines.map(([left]) => left.length))
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
