import type { Goal } from '../collection.ts'
import type { Dimension } from '../dimension.ts'
import type { Filter } from '../query.ts'
import { columnsOfDimension } from './axis.ts'
import type { ColumnName, Day } from './day.ts'
import { columnsOfFilter, goalRows, intersect, type Masks, masksOf } from './filter.ts'
import type { LabelContext } from './groups.ts'
import { numbersPass } from './numbers-pass.ts'
import { countsByEvents, type Facts } from './pass.ts'
import { readingPass } from './reading-pass.ts'
import { rowsPass } from './rows-pass.ts'
import type { SumName, SumTable } from './sums.ts'
import { takingsPass } from './takings-pass.ts'
import { enteredPass, visitsPass } from './visits-pass.ts'

/** What is to be added up of a day. */
export interface Scan extends LabelContext {
  readonly sums: ReadonlySet<SumName>
  readonly wantsTakings: boolean
  /** Properties or attributes whose numbers are asked for. */
  readonly numbers: readonly Dimension[]
  /** Without `event:goal`: each goal is a scan of its own. */
  readonly dimensions: readonly Dimension[]
  readonly filters: readonly Filter[]
  readonly goals: readonly Goal[]
  /** Only events that reach this goal. */
  readonly goal?: Goal | undefined
  /** Instants, `to` not included; undefined: the whole day. */
  readonly within?: { readonly from: number; readonly to: number } | undefined
}

/** Lets other work of the process go on. */
export type Breathe = () => Promise<void>

/** Visits that are looked at before others may go on: about a millisecond. */
const SLICE = 16_384

/** The columns that a scan reads. */
export function columnsOf(scan: Scan): ReadonlySet<ColumnName> {
  const { sums } = scan
  return new Set<ColumnName>([
    'name',
    'interactive',
    ...scan.dimensions.flatMap(columnsOfDimension),
    ...scan.filters.flatMap(columnsOfFilter),
    ...(scan.goal ? ['page'] : []),
    ...(scan.within || sums.has('durations') ? ['time'] : []),
    ...(sums.has('engaged') ? ['ms'] : []),
    ...(sums.has('depths') ? ['depth', 'page'] : []),
    ...(scan.wantsTakings ? ['revenue'] : []),
    ...scan.numbers.flatMap(columnsOfDimension),
  ])
}

/** Scans one day: the groups there are, once for each way of counting that was asked for. */
export async function scanDay(day: Day, scan: Scan, breathe: Breathe): Promise<readonly SumTable[]> {
  const facts = factsOf(day, scan)
  const tables: SumTable[] = []
  const passes = [
    visitsPass,
    rowsPass,
    enteredPass,
    readingPass,
    takingsPass,
    ...scan.numbers.map(numbersPass),
  ]
  for (const begin of passes) {
    const pass = begin(facts)
    if (!pass) continue
    const visits = pass.visits?.length ?? day.visits
    for (let from = 0; from < visits; from += SLICE) {
      pass.look(from, Math.min(visits, from + SLICE))
      if (from + SLICE < visits) await breathe()
    }
    tables.push(pass.table())
  }
  return tables
}

function factsOf(day: Day, scan: Scan): Facts {
  const masks = masksOf(scan.filters, day, { goals: scan.goals, byEntry: false })
  const goal = scan.goal && goalRows([scan.goal], day)
  const { rows: rowsInRange, visits: visitsInRange } = rangeOf(day, scan)
  return {
    day,
    scan,
    visits: masks.visits,
    rows: intersect(intersect(masks.rows, goal), rowsInRange),
    rowsInRange,
    visitsInRange,
    byEvents: countsByEvents(scan),
  }
}

/** A range that cuts the day lets rows pass by their time, and visits if they overlap it. */
function rangeOf({ start, time, first, rows, visits }: Day, { within }: Scan): Masks {
  if (!within) return { rows: undefined, visits: undefined }
  const [from, to] = [within.from - start, within.to - start]
  const inRange = new Uint8Array(rows)
  for (let row = 0; row < rows; row++)
    inRange[row] = (time[row] as number) >= from && (time[row] as number) < to ? 1 : 0
  const overlapping = new Uint8Array(visits)
  for (let visit = 0; visit < visits; visit++) {
    const begin = time[first[visit] as number] as number
    const end = time[(first[visit + 1] as number) - 1] as number
    overlapping[visit] = begin < to && end >= from ? 1 : 0
  }
  return { rows: inRange, visits: overlapping }
}
