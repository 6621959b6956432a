import { SkerryError } from '../errors.ts'
import { funnelLimits, type Within } from '../funnel.ts'
import { type Journeys, journeyLimits } from '../journeys.ts'
import { type RowFilter, readRowFilter, writeRowFilter } from './row-filter.ts'

/** Which funnel or journeys are looked at, all of it from the URL. */
export interface PathView {
  readonly steps: readonly RowFilter[]
  readonly within: Within
  readonly of: Journeys['of']
  /** What journeys begin or end with. */
  readonly door: 'start' | 'end'
  readonly at: RowFilter | undefined
  /** The longest journey. */
  readonly depth: number
}

export const blankPath: PathView = {
  steps: [],
  within: 'visit',
  of: 'page',
  door: 'start',
  at: undefined,
  depth: 4,
}

/** Names of what a form has just described: such an address is put in order first. */
export const pathForm = ['sd', 'jd'] as const

export function readPathView(params: URLSearchParams): PathView {
  const depth = Number(params.get('depth') || blankPath.depth)
  if (!Number.isInteger(depth) || depth < 2 || depth > journeyLimits.steps)
    throw new SkerryError('invalid_query', {
      detail: `A journey has from 2 to ${journeyLimits.steps} steps.`,
    })
  const said = readForm(params, 'jd', 'jo', 'jv')[0]
  const end = read(params, 'end')[0]
  const isEnd = end !== undefined || params.get('door') === 'end'
  return {
    steps: [...read(params, 'step'), ...readForm(params, 'sd', 'so', 'sv')].slice(0, funnelLimits.steps),
    within: params.get('within') === 'visitor' ? 'visitor' : 'visit',
    of: params.get('of') === 'event' ? 'event' : 'page',
    door: isEnd ? 'end' : 'start',
    at: said ?? end ?? read(params, 'start')[0],
    depth,
  }
}

/** The parameters of a path, in a fixed order; what is as usual is left out. */
export function pathParams({
  steps,
  within,
  of,
  door,
  at,
  depth,
}: PathView): readonly (readonly [string, string])[] {
  return [
    ...steps.map((step) => ['step', writeRowFilter(step)] as const),
    ...(within === blankPath.within ? [] : [['within', within] as const]),
    ...(of === blankPath.of ? [] : [['of', of] as const]),
    ...(at === undefined ? [] : [[door, writeRowFilter(at)] as const]),
    ...(depth === blankPath.depth ? [] : [['depth', String(depth)] as const]),
  ]
}

function read(params: URLSearchParams, name: string): readonly RowFilter[] {
  return params.getAll(name).map((text) => {
    const filter = readRowFilter(text)
    if (filter) return filter
    throw new SkerryError('invalid_query', { detail: `There is no step "${text.slice(0, 100)}".` })
  })
}

function readForm(params: URLSearchParams, dimension: string, operator: string, value: string): RowFilter[] {
  const [dimensions, operators] = [params.getAll(dimension), params.getAll(operator)]
  return params.getAll(value).flatMap((text, i) => {
    const filter = { isNegated: false, match: operators[i] === '~' ? 'contains' : 'is' } as const
    return text.trim() === '' ? [] : [{ ...filter, dimension: dimensions[i] ?? 'page', value: text.trim() }]
  })
}
