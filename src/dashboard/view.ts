import { SkerryError } from '../errors.ts'
import { isNamedMetric, type Metric, numberMetricParts } from '../metric.ts'
import type { Comparison, DateRange } from '../query.ts'
import { isDateRange } from '../range.ts'
import { blankPath, type PathView, pathParams, readPathView } from './path-view.ts'
import { type RowFilter, readRowFilter, writeRowFilter } from './row-filter.ts'

/** What of a collection is looked at, all of it from the URL. */
export interface View {
  readonly site: string | undefined
  /** The link that is followed: its id, or its token where no cookie would be kept. It names the collection. */
  readonly link: string | undefined
  /** A page beside the report. */
  readonly show: Show | undefined
  /** What the pages of funnels and journeys are about. */
  readonly path: PathView
  /** Undefined: whichever fits what is there. */
  readonly period: DateRange | undefined
  readonly comparison: Comparison | undefined
  /** Undefined: whichever fits the period. */
  readonly interval: Interval | undefined
  /** What the chart shows. */
  readonly metric: Metric
  readonly filters: readonly RowFilter[]
  /** Tabs that are open in their panels. */
  readonly tabs: readonly string[]
  /** Key of the property that is shown. */
  readonly property: string | undefined
  /** The tab that is shown in full, and what of it. */
  readonly detail: string | undefined
  readonly search: string
  readonly sort: Metric | undefined
  readonly offset: number
  /** The filter that is being edited. */
  readonly editing: number | undefined
  /** What is managed, where that is not to look. */
  readonly chapter: Chapter | undefined
}

/** Pages of an admin: to make a collection, and what there is to do with one. */
export const chapters = [
  'new',
  'settings',
  'keys',
  'snippet',
  'annotations',
  'refused',
  'erase',
  'delete',
] as const
export type Chapter = (typeof chapters)[number]
/** Pages of a collection beside the report. */
export const shows = ['live', 'funnel', 'journeys', 'links'] as const
export type Show = (typeof shows)[number]

export const intervals = ['hour', 'day', 'week', 'month'] as const
export type Interval = (typeof intervals)[number]

/** Of a URL at most this is read. */
export const viewLimits = { filters: 30, tabs: 12, text: 2048 } as const

const BLANK: View = {
  site: undefined,
  link: undefined,
  show: undefined,
  path: blankPath,
  period: undefined,
  comparison: 'previous_period',
  interval: undefined,
  metric: 'visitors',
  filters: [],
  tabs: [],
  property: undefined,
  detail: undefined,
  search: '',
  sort: undefined,
  offset: 0,
  editing: undefined,
  chapter: undefined,
}

/** A view of a collection with nothing chosen yet. */
export function viewOf(site: string | undefined): View {
  return { ...BLANK, site }
}

/** Reads a view. Throws `invalid_query` that names what cannot be. */
export function readView(params: URLSearchParams): View {
  const text = (name: string): string | undefined =>
    params.get(name)?.trim().slice(0, viewLimits.text) || undefined
  const metric = text('metric') ?? BLANK.metric
  const sort = text('sort')
  if (!isNamedMetric(metric) || (sort !== undefined && !isMetric(sort)))
    throw wrong('metric', isNamedMetric(metric) ? sort : metric)
  return {
    site: text('site'),
    link: text('view'),
    show: oneOf('page', text('show'), shows),
    path: readPathView(params),
    period: readPeriod(params),
    comparison: readComparison(text('compare')),
    interval: oneOf('by', text('by'), intervals),
    metric,
    filters: [...readFilters(params), ...readNewFilter(params)].slice(0, viewLimits.filters),
    tabs: params.getAll('tab').slice(0, viewLimits.tabs),
    property: text('prop'),
    detail: text('panel'),
    search: text('q') ?? '',
    sort,
    offset: readWhole(text('at')) ?? 0,
    editing: readWhole(text('edit')),
    chapter: oneOf('manage', text('manage'), chapters),
  }
}

function isMetric(text: string): text is Metric {
  return isNamedMetric(text) || numberMetricParts(text) !== undefined
}

function readPeriod(params: URLSearchParams): DateRange | undefined {
  const [from, to] = [params.get('from') ?? '', params.get('to') ?? '']
  const text = from !== '' && to !== '' ? `${from}_${to}` : (params.get('period') ?? '')
  if (text === '') return undefined
  const [first = '', last] = text.split('_')
  const range = last === undefined ? first : [first, last].sort()
  if (!isDateRange(range)) throw wrong('period', text)
  return range
}

function readComparison(text: string | undefined): Comparison | undefined {
  const read = oneOf('compare', text, ['previous_period', 'year_over_year', 'none'] as const)
  return read === 'none' ? undefined : (read ?? BLANK.comparison)
}

function readFilters(params: URLSearchParams): readonly RowFilter[] {
  return params.getAll('f').map((text) => readRowFilter(text) ?? fail('filter', text))
}

/** The filter that a form has just described. */
function readNewFilter(params: URLSearchParams): readonly RowFilter[] {
  const [dimension = '', operator = '', value = ''] = ['fd', 'fo', 'fv'].map((name) => params.get(name) ?? '')
  if (dimension === '' || value.trim() === '') return []
  const key = dimension === 'props' ? `props:${params.get('fk') ?? ''}` : dimension
  const match = operator.includes('~') ? 'contains' : 'is'
  return [{ isNegated: operator.startsWith('!'), match, dimension: key, value: value.trim() }]
}

function readWhole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined
}

function oneOf<T extends string>(
  what: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined
  return choices.find((choice) => choice === text) ?? fail(what, text)
}

function fail(what: string, text: string): never {
  throw wrong(what, text)
}

function wrong(what: string, text: string | undefined): SkerryError {
  return new SkerryError('invalid_query', { detail: `There is no ${what} "${(text ?? '').slice(0, 100)}".` })
}

/** The parameters of a view, in a fixed order; what is as usual is left out. */
export function paramsOf(view: View): readonly (readonly [name: string, value: string])[] {
  const one = (name: string, value: string | number | undefined, usual?: string | number) =>
    value === undefined || value === usual ? [] : [[name, String(value)] as const]
  const { period, comparison } = view
  return [
    ...(view.link === undefined ? one('site', view.site) : one('view', view.link)),
    ...one('show', view.show),
    ...one('manage', view.chapter),
    ...one('period', typeof period === 'object' ? period.join('_') : period),
    ...one('compare', comparison ?? 'none', BLANK.comparison),
    ...one('by', view.interval),
    ...one('metric', view.metric, BLANK.metric),
    ...view.filters.map((filter) => ['f', writeRowFilter(filter)] as const),
    ...view.tabs.map((tab) => ['tab', tab] as const),
    ...one('prop', view.property),
    ...one('panel', view.detail),
    ...one('q', view.search, ''),
    ...one('sort', view.sort),
    ...one('at', view.offset, 0),
    ...pathParams(view.path),
    ...one('edit', view.editing),
  ]
}

/** The address of a view. */
export function hrefOf(view: View): string {
  return `/?${new URLSearchParams(paramsOf(view).map(([name, value]) => [name, value]))}`
}

/** A view with one filter more, and without what only belonged to the page before. */
export function withFilter(view: View, filter: RowFilter): View {
  const text = writeRowFilter(filter)
  const others = view.filters.filter((one) => writeRowFilter(one) !== text)
  return { ...closed(view), filters: [...others, filter] }
}

/** A view without detail, search and place in a list. */
export function closed(view: View): View {
  return { ...view, detail: undefined, search: '', sort: undefined, offset: 0, editing: undefined }
}
