import { builtinFields } from '../event.ts'
import type { Metric } from '../metric.ts'
import type { Markup, ReportScene } from './scene.ts'
import type { Texts } from './texts.ts'
import { ofVitals, VITAL_EVENT, vitalMetric, vitalsTable } from './vitals.ts'

/** One list of a panel: a dimension, and what is told of each of its values. */
export interface Tab {
  /** In URLs. */
  readonly key: string
  /** Without prefix. */
  readonly dimension: string
  readonly metrics: readonly Metric[]
  /** Of the full list. */
  readonly moreMetrics: readonly Metric[]
  readonly filters?: readonly unknown[]
  /** Of refused events, which are not counted elsewhere. */
  readonly isRefused?: boolean
  /** What is shown in place of a list; undefined: nothing. Such a tab is not seen in full. */
  readonly draw?: (scene: ReportScene) => Promise<Markup | undefined>
}

export interface Panel {
  readonly key: keyof Texts
  readonly tabs: readonly Tab[]
}

const visit = (dimension: string): Tab => ({
  key: dimension,
  dimension,
  metrics: ['visitors'],
  moreMetrics: ['visitors', 'visits', 'pageviews', 'bounce_rate', 'visit_duration'],
})

const door = (dimension: string): Tab => ({
  key: dimension,
  dimension,
  metrics: ['visitors'],
  moreMetrics: ['visitors', 'visits', 'bounce_rate', 'visit_duration'],
})

const event = (dimension: string, more: readonly Metric[] = []): Tab => ({
  key: dimension,
  dimension,
  metrics: ['visitors'],
  moreMetrics: ['visitors', 'pageviews', ...more],
})

const EVENT_METRICS: readonly Metric[] = ['visitors', 'events']

/** Reports that browsers send of their own accord (Reporting API, NEL, CSP). */
const reportNames = [
  'csp-violation',
  'network-error',
  'deprecation',
  'intervention',
  'crash',
  'coep',
  'coop',
  'permissions-policy-violation',
  'document-policy-violation',
] as const

/** Name of the events in which the tracker tells what went wrong in a page. */
const ERROR_EVENT = 'js-error'

const notPeople: readonly string[] = ['pageview', VITAL_EVENT, ERROR_EVENT, ...reportNames]

const refusals = (dimension: string, key: string = dimension): Tab => ({
  key,
  dimension,
  metrics: ['events'],
  moreMetrics: ['events'],
  isRefused: true,
})

const page: Tab = event('page', ['bounce_rate', 'time_on_page', 'scroll_depth'])

/** Properties that have a tab of their own. */
const PROPERTY_TABS = 5

/** Properties that other panels are made of. */
const ownProps: ReadonlySet<string> = new Set(
  'lcp inp cls fcp ttfb rating message source line blockedURL effectiveDirective type'.split(' '),
)

/** All panels of a collection, in their order. `property`: the key that is asked for before all others. */
export function panelsOf(
  { collection, properties, hidesDoors }: ReportScene,
  property: string | undefined,
): readonly Panel[] {
  const { goals, attributes } = collection.definition
  const goal: Tab = {
    key: 'goal',
    dimension: 'goal',
    metrics: ['visitors', 'conversion_rate'],
    moreMetrics: ['visitors', 'events', 'conversion_rate', 'total_revenue'],
  }
  const name: Tab = {
    key: 'name',
    dimension: 'name',
    metrics: EVENT_METRICS,
    moreMetrics: EVENT_METRICS,
    filters: [['is_not', 'event:name', notPeople]],
  }
  const declared = attributes.filter((key) => !builtinFields.has(key))
  const doors = hidesDoors ? [] : [door('entry_page'), door('exit_page')]
  const found = properties.filter((key) => !ownProps.has(key))
  const asked = property === undefined ? [] : [property]
  const keys = [...new Set([...asked, ...declared, ...found])].slice(0, PROPERTY_TABS)
  return [
    { key: 'pages', tabs: [page, ...doors, event('hostname')] },
    { key: 'sources', tabs: ['source', 'channel', 'referrer', 'campaign', 'medium'].map(visit) },
    { key: 'places', tabs: ['country', 'region', 'city', 'language'].map(visit) },
    { key: 'devices', tabs: ['browser', 'os', 'device', 'screen'].map(visit) },
    { key: 'goals', tabs: [...(goals.length > 0 ? [goal] : []), name] },
    { key: 'properties', tabs: keys.map((key) => propertyTab(key)) },
    { key: 'vitals', tabs: [vitalsTab, vitalsOfPages] },
    {
      key: 'reports',
      tabs: [
        reports('report', 'name', [ERROR_EVENT, ...reportNames]),
        reports('error', 'props:message', [ERROR_EVENT], ['visitors']),
        reports('error_source', 'props:source', [ERROR_EVENT], ['visitors']),
        reports('blocked', 'props:blockedURL', ['csp-violation']),
        reports('directive', 'props:effectiveDirective', ['csp-violation']),
        reports('network', 'props:type', ['network-error']),
        reports('report_page', 'page', [ERROR_EVENT, ...reportNames]),
      ],
    },
    { key: 'refused', tabs: [refusals('refusal'), refusals('bot'), refusals('page', 'refused_page')] },
  ]
}

function propertyTab(key: string): Tab {
  const dimension = `props:${key}`
  const filters = [['is_not', `event:${dimension}`, ['(none)']]]
  return { key: dimension, dimension, metrics: EVENT_METRICS, moreMetrics: EVENT_METRICS, filters }
}

const vitalsTab: Tab = {
  key: 'vital',
  dimension: 'props:rating',
  metrics: [],
  moreMetrics: [],
  draw: vitalsTable,
}

const vitalsOfPages: Tab = {
  key: 'vital_page',
  dimension: 'page',
  metrics: ['events', vitalMetric('lcp'), vitalMetric('inp'), vitalMetric('cls')],
  moreMetrics: [
    'events',
    ...(['lcp', 'inp', 'cls', 'fcp', 'ttfb'] as const).map((vital) => vitalMetric(vital)),
  ],
  filters: ofVitals,
}

/** What pages and browsers tell: values of a dimension of the events of these names. */
function reports(
  key: string,
  dimension: string,
  names: readonly string[],
  more: readonly Metric[] = [],
): Tab {
  const isProperty = dimension.startsWith('props:')
  const filters = [
    ['is', 'event:name', names],
    ...(isProperty ? [['is_not', `event:${dimension}`, ['(none)']]] : []),
  ]
  const metrics = ['events', ...more] as const
  return { key, dimension, metrics, moreMetrics: metrics, filters }
}

/** The tab of a panel that a view has open. */
export function openTab({ tabs }: Panel, open: readonly string[]): Tab | undefined {
  return tabs.find(({ key }) => open.includes(key)) ?? tabs[0]
}
