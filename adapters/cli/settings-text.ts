import { type Setting, settingTable } from '../../src/setting-table.ts'

/** The file that `skerry init` writes: every setting explained, those that are given set. */
export function settingsFile(given: ReadonlyMap<string, string>): string {
  const parts = settingTable.map((setting) => {
    const { name, meaning, example } = setting
    const value = given.get(name)
    const line = value === undefined ? `# ${name}=${quoted(example)}` : `${name}=${quoted(value)}`
    return `# ${unlinked(meaning)} Default: ${defaultOf(setting)}.\n${line}\n`
  })
  return [
    '# Settings of Skerry. What the environment says comes first; a line that begins with # says nothing.\n',
    ...parts,
  ].join('\n')
}

/** `docs/settings.md`. */
export function settingsDocument(): string {
  const rows = settingTable.map((setting) => {
    const { name, meaning, example, runtime } = setting
    const on = runtime === 'Node' ? 'Node' : 'Node, Workers'
    return `| \`${name}\` | ${meaning.replaceAll('|', '\\|')} | ${defaultOf(setting)} | \`${example}\` | ${on} |`
  })
  return `# Settings

<!-- Made of src/setting-table.ts by \`npm run build:settings\`. -->

Settings come from the environment; on Node also from a file of \`NAME=value\` lines: the one that \`--config\` names, else \`skerry.env\` in the folder in which \`skerry\` is started, if it is there. What the environment says comes first, and an empty value is as good as none. \`skerry init\` writes such a file with everything explained. On Workers they are variables and secrets of the same names.

A wrong value is one line that names it, and exit status 1. So is a name in the file that begins with \`SKERRY_\` and is none of these. \`skerry doctor\` looks at the rest.

| setting | means | default | example | where |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function defaultOf({ fallback }: Setting): string {
  return fallback ?? 'not set'
}

/** Links are for the document. */
function unlinked(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, 'docs/$1')
}

/** Quotes keep `#` and spaces in a value. */
function quoted(value: string): string {
  if (!/[\s#'"`]/.test(value)) return value
  return value.includes("'") ? `"${value}"` : `'${value}'`
}
