import type { CollectionDefinition } from '../collection.ts'
import { type Dimension, readDimension } from '../dimension.ts'
import { SkerryError } from '../errors.ts'
import { type Metric, numberMetricParts, revenueMetrics } from '../metric.ts'
import { type Clauses, type Filter, queryLimits } from '../query.ts'
import type { Span } from '../range.ts'
import { isFolded } from './axis.ts'
import type { ColumnName, Day, DaySource } from './day.ts'
import { type Days, readDays, withinDay } from './days.ts'
import { isSlot, type LabelContext, timeLabel } from './groups.ts'
import { sumsOfMetric } from './measure.ts'
import { type Breathe, columnsOf, type Scan, scanDay } from './scan.ts'
import { narrowed, summaryOf } from './summary.ts'
import { type SumLimits, type SumName, type SumTable, SumTotals } from './sums.ts'

export interface AnswerContext {
  readonly definition: CollectionDefinition
  readonly now: number
  readonly breathe: Breathe
}

/** What is to be added up. */
export interface Summing {
  readonly metrics: readonly Metric[]
  readonly dimensions: readonly Dimension[]
  readonly filters: readonly Filter[]
}

export interface Summed {
  readonly totals: SumTotals
  readonly folded: readonly string[]
}

/** Adds up groups over all days of a range. */
export async function sumUp(
  summing: Summing,
  span: Span,
  days: Days,
  { definition, breathe }: AnswerContext,
  labelContext: LabelContext,
): Promise<Summed> {
  const totals = new SumTotals(queryLimits, refuseTooMany)
  const folded = new Set<string>()
  const numbers = numbersOf(summing.metrics, definition)
  const scans = scansOf(summing, numbers, definition, labelContext)
  await readDays(
    span,
    days,
    (source) => readyDay(source, scans, withinDay(source, span, definition.timezone), breathe),
    async (day) => {
      for (const table of await day.tables()) totals.add(table)
      for (const dimension of [...summing.dimensions, ...numbers])
        if (isFolded(dimension, day.folded)) folded.add(dimension.name)
      await breathe()
    },
  )
  return { totals, folded: [...folded] }
}

/** A day that has been read, as far as the scans need it. */
interface ReadyDay {
  readonly folded: ReadonlySet<ColumnName>
  tables(): Promise<readonly SumTable[]>
}

async function readyDay(
  source: DaySource,
  scans: readonly LabelledScan[],
  within: Scan['within'],
  breathe: Breathe,
): Promise<ReadyDay> {
  const summary = await readSummary(source, scans, within)
  if (summary) return { folded: new Set(), tables: async () => summary }
  const day = await source.load(columnsOfAll(scans, within))
  return { folded: day.folded, tables: () => scanAll(day, scans, within, breathe) }
}

async function scanAll(
  day: Day,
  scans: readonly LabelledScan[],
  within: Scan['within'],
  breathe: Breathe,
): Promise<readonly SumTable[]> {
  const tables: SumTable[] = []
  for (const { scan, relabel } of scans)
    tables.push(...(await scanDay(day, { ...scan, within }, breathe)).map(relabel))
  return tables
}

/** What a day's summary says to the scans; undefined where it must be scanned. */
async function readSummary(
  source: DaySource,
  [only, ...others]: readonly LabelledScan[],
  within: Scan['within'],
): Promise<readonly SumTable[] | undefined> {
  const name = only && others.length === 0 ? summaryOf({ ...only.scan, within }) : undefined
  const tables = name === undefined ? undefined : await source.summary(name)
  if (!only || !tables) return undefined
  const { scan } = only
  const kept = narrowed(tables, scan)
  if (!scan.dimensions.some(({ kind }) => kind === 'time')) return kept
  return kept.map((table) => ({
    ...table,
    labels: table.labels.map((labels) => withTime(labels, source.date, scan)),
  }))
}

/** Puts the day's label where days, weeks or months are asked for beside the summary's dimension. */
function withTime(labels: readonly string[], date: string, scan: Scan): readonly string[] {
  const at = scan.dimensions.findIndex((one) => one.kind === 'time' && !isSlot(one))
  const dimension = scan.dimensions[at]
  if (dimension?.kind !== 'time') return labels
  return [...labels.slice(0, at), timeLabel(date, dimension.unit, scan), ...labels.slice(at)]
}

function refuseTooMany(what: keyof SumLimits): never {
  const things = what === 'groups' ? 'rows' : 'different numbers'
  const detail = `The query comes to more than ${queryLimits[what]} ${things}. Ask for fewer dimensions, or filter.`
  throw new SkerryError('invalid_query', { faults: [{ pointer: '/dimensions', detail }] })
}

/** The dimensions whose numbers metrics are told of. */
function numbersOf(metrics: readonly Metric[], definition: CollectionDefinition): readonly Dimension[] {
  const names = new Set(metrics.flatMap((metric) => numberMetricParts(metric)?.of ?? []))
  return [...names].flatMap((name) => readDimension(name, definition) ?? [])
}

function columnsOfAll(
  scans: readonly { readonly scan: Scan }[],
  within: Scan['within'],
): ReadonlySet<string> {
  return new Set(scans.flatMap(({ scan }) => [...columnsOf({ ...scan, within })]))
}

interface LabelledScan {
  readonly scan: Scan
  readonly relabel: (table: SumTable) => SumTable
}

/** The scans that a query needs of each day: one, or one for each goal. */
function scansOf(
  { metrics, dimensions, filters }: Summing,
  numbers: readonly Dimension[],
  { goals }: CollectionDefinition,
  context: LabelContext,
): readonly LabelledScan[] {
  const scan: Scan = {
    ...context,
    sums: new Set<SumName>(metrics.flatMap(sumsOfMetric)),
    numbers,
    wantsTakings: metrics.some((metric) => revenueMetrics.has(metric)),
    dimensions: dimensions.filter(({ kind }) => kind !== 'goal'),
    filters: withDoors(filters, dimensions),
    goals,
  }
  const goalAt = dimensions.findIndex(({ kind }) => kind === 'goal')
  if (goalAt < 0) return [{ scan, relabel: (table) => table }]
  return goals.map((goal) => ({
    scan: { ...scan, goal },
    relabel: (table) => ({
      ...table,
      labels: table.labels.map((labels) => [...labels.slice(0, goalAt), goal.name, ...labels.slice(goalAt)]),
    }),
  }))
}

/** A filter on hosts also holds for the hosts at which visits enter and leave, where those are asked for. */
function withDoors(filters: readonly Filter[], dimensions: readonly Dimension[]): readonly Filter[] {
  const doors = new Set(dimensions.flatMap((one) => (one.kind === 'door' ? [one.field.split('_')[0]] : [])))
  const hosts = filters.filter(
    (filter): filter is Clauses =>
      filter.is === 'clauses' && filter.dimension.kind === 'event' && filter.dimension.field === 'hostname',
  )
  const added = hosts.flatMap((filter): Filter[] =>
    [...doors].map((door) => ({
      ...filter,
      dimension: {
        kind: 'door',
        name: '',
        field: door === 'entry' ? 'entry_page_hostname' : 'exit_page_hostname',
      },
    })),
  )
  return [...filters, ...added]
}
