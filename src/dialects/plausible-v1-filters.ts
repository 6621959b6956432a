import type { Goal } from '../collection.ts'
import { quote, SkerryError } from '../errors.ts'
import { wrong } from './question.ts'

const FILTER = /^\s*((?:event|visit):[^=!~]+?)\s*([=!]=~?|!?~)\s*(.*\S)\s*$/s

/** Filters as `visit:browser==Firefox;event:page!=/a*`: all must hold, `|` stands between values, `*` for any characters. */
export function filtersOf(text: string, goals: readonly Goal[]): readonly unknown[] {
  return text
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, property = '', operator = '', value = ''] = FILTER.exec(part) ?? []
      if (property === '') throw wrong('filters', 'as visit:browser==Firefox;event:page==/a|/b')
      const values = value.split(/(?<!\\)\|/).map((one) => one.replaceAll('\\|', '|'))
      const not = operator.startsWith('!') ? '_not' : ''
      if (property === 'event:goal') return [`is${not}`, property, values.map((name) => goalOf(name, goals))]
      if (operator.endsWith('~')) return [`contains${not}`, property, values]
      if (value.includes('*')) return [`matches${not}`, property, values.map(patternOf)]
      return [`is${not}`, property, values]
    })
}

function patternOf(text: string): string {
  return `^${text.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll(/\*+/g, '.*')}$`
}

/** The name of a goal; Plausible calls a page goal `Visit /path` where its owner gave it no other name. */
function goalOf(name: string, goals: readonly Goal[]): string {
  const found =
    goals.find((goal) => goal.name === name) ??
    goals.find((goal) => 'page' in goal && `Visit ${goal.page}` === name)
  if (found) return found.name
  throw new SkerryError('invalid_query', { detail: `The site has no goal "${quote(name)}".` })
}
