import { type Given, type Option, UsageError } from './command.ts'

/** Options by which events are chosen. */
export const selectionOptions: readonly Option[] = [
  {
    name: 'from',
    value: 'DATE',
    meaning: 'from this day (YYYY-MM-DD) or moment (ISO 8601 with an offset) on',
  },
  { name: 'to', value: 'DATE', meaning: 'up to the end of this day, or this moment' },
  {
    name: 'where',
    value: 'FILTER',
    many: true,
    meaning: 'page=/a, source!=Google, page~/blog (contains), page!~/x, page=/a|/b; all of them must hold',
  },
  { name: 'filters', value: 'JSON', meaning: 'filters as docs/query.md has them' },
]

const OPERATORS: Readonly<Record<string, string>> = {
  '=': 'is',
  '!=': 'is_not',
  '~': 'contains',
  '!~': 'contains_not',
}

/** The filters of `--where` and `--filters`. Throws `UsageError`. */
export function filtersOf(given: Given): readonly unknown[] {
  const json = given.text('filters')
  return [
    ...given.list('where').map(readFilter),
    ...(json === undefined ? [] : readJsonArray('--filters', json)),
  ]
}

function readFilter(text: string): readonly unknown[] {
  const [, dimension = '', operator = '', values = ''] = /^([^=!~]+)(!?[=~])(.*)$/s.exec(text) ?? []
  if (operator === '') throw new UsageError(`--where "${text}" must be as page=/a or page~/blog`)
  return [OPERATORS[operator], dimension, values.split('|')]
}

function readJsonArray(option: string, text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value
  } catch {
    // Told below, like an array that is none.
  }
  throw new UsageError(`${option} must be a JSON array`)
}

/** A query string of what was given, where it was. */
export function searchOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, value)
  return search.size === 0 ? '' : `?${search}`
}
