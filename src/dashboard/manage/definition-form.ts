import type { CollectionDefinition, Goal } from '../../collection.ts'
import { tryParse } from '../../json.ts'

/** Members of a definition that are lists of texts, a text a line. */
const listFields = ['origins', 'aliases', 'attributes', 'groupBy', 'query', 'embed'] as const
export type ListField = (typeof listFields)[number]

/** A goal as its row of the form has it. */
export interface GoalRow {
  readonly name: string
  readonly kind: string
  readonly match: string
}

/** A text on a line of its own: as it is, or as JSON where a line, or its reader, would change it. */
export function lineOf(text: string): string {
  const quoted = JSON.stringify(text)
  return quoted === `"${text}"` && text === text.trim() ? text : quoted
}

/** The text of a line. */
export function textOfLine(line: string): string {
  const read = line.startsWith('"') ? tryParse(line) : undefined
  return typeof read === 'string' ? read : line
}

/** A definition as its form has it. */
export function formOf(definition: CollectionDefinition): URLSearchParams {
  const { timezone, retention, goals, privacy, policies } = definition
  return new URLSearchParams([
    ['timezone', timezone],
    ['retention', retention === null ? '' : String(retention)],
    ['gpc', privacy.gpc],
    ['dnt', privacy.dnt],
    ['bots', policies.bots],
    ...(policies.dialects ? [['dialects', 'on']] : []),
    ...listFields.map((name) => [name, definition[name].map(lineOf).join('\n')]),
    ...goals.flatMap(pairsOfGoal),
  ])
}

function pairsOfGoal(goal: Goal): string[][] {
  const [kind, match] = 'event' in goal ? ['event', goal.event] : ['page', goal.page]
  return [
    ['goalName', lineOf(goal.name)],
    ['goalKind', kind],
    ['goalMatch', lineOf(match)],
  ]
}

/** What a form says, for the schema to judge: nothing is mended here. */
export function readForm(form: URLSearchParams): Readonly<Record<string, unknown>> {
  const text = (name: string): string => form.get(name)?.trim() ?? ''
  const retention = text('retention')
  return {
    timezone: text('timezone'),
    retention: retention === '' ? null : /^\d+$/.test(retention) ? Number(retention) : retention,
    privacy: { gpc: text('gpc'), dnt: text('dnt') },
    policies: { bots: text('bots'), dialects: form.has('dialects') },
    goals: goalRows(form).map(({ name, kind, match }) => ({
      name: textOfLine(name),
      [kind]: textOfLine(match),
    })),
    ...Object.fromEntries(listFields.map((name) => [name, linesOf(text(name)).map(textOfLine)])),
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
}

/** The goals of a form, without empty rows. A row that lost its name lost its goal. */
export function goalRows(form: URLSearchParams): readonly GoalRow[] {
  const [names, kinds, matches] = ['goalName', 'goalKind', 'goalMatch'].map((name) => form.getAll(name))
  return (names ?? []).flatMap((name, i) => {
    const row = { name: name.trim(), kind: kinds?.[i] ?? '', match: matches?.[i]?.trim() ?? '' }
    return row.name === '' ? [] : [row]
  })
}
