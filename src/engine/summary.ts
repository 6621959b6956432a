import { type Dimension, doorFields, readDimension } from '../dimension.ts'
import { textFields } from '../event.ts'
import { isFolded } from './axis.ts'
import type { Day } from './day.ts'
import { isSlot } from './groups.ts'
import { presentGroups, type ReadSum } from './pass.ts'
import { type Breathe, type Scan, scanDay } from './scan.ts'
import type { SumName, SumTable } from './sums.ts'

/**
 * What questions without filters come to on a sealed day, worked out when it is sealed: the sums of the day
 * and of each single dimension. Such questions, most of a dashboard, then read a few kilobytes of a day and
 * look at no event; all others scan its columns, with the same result.
 */
export interface Summary {
  /** Name of its part. */
  readonly name: string
  readonly tables: readonly SumTable[]
}

/** Days with fewer events are scanned as fast as their summaries are read. */
export const SUMMARY_FROM = 2000

const summedUp: ReadonlySet<SumName> = new Set<SumName>([
  'visitors',
  'visits',
  'pageviews',
  'events',
  'entered',
  'bounces',
  'durations',
  'views',
])

/** Titles are as many as pages, and hardly asked for without one. */
const summedDimensions: readonly string[] = [
  'time:hour',
  'event:name',
  ...textFields.filter((field) => field !== 'title' && field !== 'zone'),
  ...doorFields,
]

/** The summaries of a day. Of a dimension with `(other)` there is none: it would have to be told by other names. */
export async function summarize(
  day: Day,
  timezone: string,
  isTooMany: (dimension: Dimension) => boolean,
  breathe: Breathe,
): Promise<readonly Summary[]> {
  const scan: Scan = {
    timezone,
    labelZone: timezone,
    firstDate: day.date,
    sums: summedUp,
    wantsTakings: false,
    numbers: [],
    dimensions: [],
    filters: [],
    goals: [],
  }
  const summaries: Summary[] = [{ name: nameOf([]), tables: await scanDay(day, scan, breathe) }]
  for (const name of summedDimensions) {
    const dimension = readDimension(name, { attributes: [] })
    if (!dimension || isTooMany(dimension) || isFolded(dimension, day.folded)) continue
    const dimensions = [dimension]
    summaries.push({ name: nameOf(dimensions), tables: await scanDay(day, { ...scan, dimensions }, breathe) })
    await breathe()
  }
  return summaries
}

/** The name of the summary that has the answer to a scan of a whole day; undefined: the day must be scanned. */
export function summaryOf(scan: Scan): string | undefined {
  const { sums, filters, wantsTakings, numbers, goal, within, labelZone, timezone } = scan
  const varied = scan.dimensions.filter((one) => one.kind !== 'time' || isSlot(one))
  const isOfSums = !wantsTakings && numbers.length === 0
  const isSimple = filters.length === 0 && isOfSums && !goal && !within && varied.length <= 1
  if (!isSimple || [...sums].some((name) => !summedUp.has(name))) return undefined
  const isOwnClock = varied.every((one) => one.kind !== 'time' || labelZone === timezone)
  return isOwnClock ? nameOf(varied) : undefined
}

function nameOf([dimension]: readonly Dimension[]): string {
  return `by/${dimension?.name ?? 'nothing'}`
}

/** A summary's tables as a scan would have given them: only the sums and groups that were asked for. */
export function narrowed(tables: readonly SumTable[], { sums }: Pick<Scan, 'sums'>): readonly SumTable[] {
  return tables.flatMap((table) => {
    const names = (Object.keys(table.sums) as SumName[]).filter((name) => sums.has(name))
    if (names.length === 0) return []
    const readers = names.map((name): [SumName, ReadSum] => [name, (group) => table.sums[name]?.[group] ?? 0])
    const kept = presentGroups(new Map(readers), table.labels.length)
    const isWhole = kept.length === table.labels.length
    const pick = <T>(list: readonly T[]): readonly T[] =>
      isWhole ? list : kept.map((group) => list[group] as T)
    return [
      {
        labels: pick(table.labels),
        sums: Object.fromEntries(names.map((name) => [name, pick(table.sums[name] ?? [])])),
      },
    ]
  })
}
