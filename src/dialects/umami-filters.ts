import { blankOf, readDimension } from '../dimension.ts'
import { quote, SkerryError } from '../errors.ts'
import { type Question, wrong } from './question.ts'

/** Umami's names of what is counted and filtered by. */
export const DIMENSIONS: ReadonlyMap<string, string> = new Map([
  ['path', 'event:page'],
  ['url', 'event:page'],
  ['entry', 'visit:entry_page'],
  ['exit', 'visit:exit_page'],
  ['title', 'event:title'],
  ['hostname', 'event:hostname'],
  ['event', 'event:name'],
  ['tag', 'event:props:tag'],
  ['referrer', 'visit:referrer'],
  ['domain', 'visit:source'],
  ['channel', 'visit:channel'],
  ...['Source', 'Medium', 'Campaign', 'Content', 'Term'].map(
    (name) => [`utm${name}`, `visit:utm_${name.toLowerCase()}`] as const,
  ),
  ...['browser', 'os', 'device', 'screen', 'language', 'country', 'region', 'city'].map(
    (name) => [name, `visit:${name}`] as const,
  ),
])

/** Filters of Umami that have no counterpart here: to ignore them would answer another question. */
const UNKNOWN = /^(?:query|distinctId|segment|cohort|eventType|excludeBounce|pf_.*|[es]pf\d+)$/

/** Umami looks for texts in any case. */
export const ANY_CASE = { case_sensitive: false }

const FILTER = /^(eq|neq|s|ns|c|dnc|re|nre|gt|lt|gte|lte|bf|af|t|f)\.(.*)$/s

/** Filters as `path=c./blog`, `os=eq.Linux,Windows`, `os1=…`: all must hold, or with `match=any` any. */
export function filtersOf({ params, definition }: Question): readonly unknown[] {
  const filters = [...params].flatMap(([name, value]) => {
    if (UNKNOWN.test(name))
      throw new SkerryError('invalid_query', { detail: `There is no filter "${quote(name)}" here.` })
    const dimension = DIMENSIONS.get(name.replace(/\d+$/, ''))
    return dimension === undefined ? [] : [filterOf(dimension, value, definition)]
  })
  const match = params.get('match') ?? 'all'
  if (match !== 'all' && match !== 'any') throw wrong('match', 'all or any')
  return match === 'any' && filters.length > 1 ? [['or', filters]] : filters
}

function filterOf(name: string, text: string, definition: Question['definition']): readonly unknown[] {
  const [, operator = 'eq', value = text] = FILTER.exec(text) ?? []
  const dimension = readDimension(name, definition)
  const blank = [dimension ? blankOf(dimension) : '']
  switch (operator) {
    case 'eq':
      return ['is', name, value.split(',')]
    case 'neq':
      return ['is_not', name, value.split(',')]
    case 's':
      return ['is_not', name, blank]
    case 'ns':
      return ['is', name, blank]
    case 'c':
      return ['contains', name, [value], ANY_CASE]
    case 'dnc':
      return ['contains_not', name, [value], ANY_CASE]
    case 're':
      return ['matches', name, [value]]
    case 'nre':
      return ['matches_not', name, [value]]
    default:
      throw new SkerryError('invalid_query', { detail: `There is no operator "${operator}" here.` })
  }
}
