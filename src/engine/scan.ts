import type { Goal } from '../collection.ts'
import { type Dimension, isOfEvents } from '../dimension.ts'
import type { Filter } from '../query.ts'
import { columnsOfDimension } from './axis.ts'
import { type ColumnName, type Day, kinds } from './day.ts'
import {
  columnsOfFilter,
  goalRows,
  intersect,
  looksAtEvents,
  type Masks,
  masksOf,
  rowsOf,
  visitsWith,
} from './filter.ts'
import { type Groups, groupRows, groupVisits, type LabelContext, slotAxis } from './groups.ts'
import { type SumName, type SumTable, sumNames, type Takings } from './sums.ts'
import { bouncesOf, countedVisits, durationsOf, entriesOf, kindsOf, pageviewsOf } from './visit.ts'

/** What is to be added up of a day. */
export interface Scan extends LabelContext {
  readonly sums: ReadonlySet<SumName>
  readonly wantsTakings: boolean
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

/** Visits that are looked at before others may go on: a few ms. */
const SLICE = 65_536

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
  ])
}

/** Whether visitors and visits are those of single events that match, or of visits as wholes. */
function countsByEvents({ dimensions, filters, goal }: Scan): boolean {
  return goal !== undefined || dimensions.some(isOfEvents) || filters.some(looksAtEvents)
}

/** Scans one day: the groups there are, once for each way of counting that was asked for. */
export async function scanDay(day: Day, scan: Scan, breathe: Breathe): Promise<readonly SumTable[]> {
  const facts = factsOf(day, scan)
  const tables: SumTable[] = []
  for (const begin of [visitsPart, rowsPart, enteredPart, readingPart, takingsPart]) {
    const part = begin(facts)
    for (let visit = 0; part && visit < day.visits; visit += SLICE) {
      part.look(visit, Math.min(day.visits, visit + SLICE))
      if (visit + SLICE < day.visits) await breathe()
    }
    if (part) tables.push(part.table())
  }
  return tables
}

/** What all parts of a scan share. */
interface Facts {
  readonly day: Day
  readonly scan: Scan
  /** What passes the filters, and lies in the range. */
  readonly visits: Uint8Array | undefined
  readonly rows: Uint8Array | undefined
  readonly rowsInRange: Uint8Array | undefined
  readonly visitsInRange: Uint8Array | undefined
  readonly byEvents: boolean
}

/** One way of counting, on its way through a day. */
interface Part {
  look(from: number, to: number): void
  table(): SumTable
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

/** Visitors and visits as wholes; and while nothing looks at single events, their events too. */
function visitsPart(facts: Facts): Part | undefined {
  const { day, scan, byEvents } = facts
  const sums = asked(scan, byEvents ? [] : ['visitors', 'visits'])
  if (sums.length === 0) return undefined
  const counted = countedVisits(day)
  const mask = intersect(intersect(facts.visits, facts.visitsInRange), counted)
  return eachVisit(facts, mask, sums, (tally) => visitCounter(day, tally))
}

/** Bounces, durations and views of whole visits. A filter on events is met by a visit that has one that passes, its page being where it entered. */
function enteredPart(facts: Facts): Part | undefined {
  const { day, scan } = facts
  const sums = asked(scan, ['entered', 'bounces', 'durations', 'views'])
  if (sums.length === 0) return undefined
  const mask = intersect(enteredMask(facts), intersect(facts.visitsInRange, countedVisits(day)))
  const bouncesByVisit = bouncesOf(day)
  const durationsByVisit = sums.includes('durations') ? durationsOf(day) : new Uint32Array()
  const viewsByVisit = pageviewsOf(day)
  return eachVisit(
    facts,
    mask,
    sums,
    ({ entered, bounces, durations, views, lastVisit }) =>
      (visit, group) => {
        if (lastVisit[group] === visit + 1) return
        lastVisit[group] = visit + 1
        entered[group] = (entered[group] as number) + 1
        bounces[group] = (bounces[group] as number) + (bouncesByVisit[visit] as number)
        durations[group] = (durations[group] as number) + (durationsByVisit[visit] ?? 0)
        views[group] = (views[group] as number) + (viewsByVisit[visit] as number)
      },
  )
}

function enteredMask({ day, scan, visits, rowsInRange }: Facts): Uint8Array | undefined {
  const entered = scan.dimensions.some(({ kind }) => kind === 'event')
    ? Uint8Array.from(entriesOf(day), (row) => (row > 0 ? 1 : 0))
    : undefined
  if (!scan.filters.some(looksAtEvents)) return intersect(entered, visits)
  const masks = masksOf(scan.filters, day, { goals: scan.goals, byEntry: true })
  const rows = rowsOf({ visits: masks.visits, rows: intersect(masks.rows, rowsInRange) }, day)
  return intersect(entered, visitsWith(rows, day))
}

type Count = (visit: number, group: number) => void

/** Looks at each visit that passes, once in each of its groups. */
function eachVisit(
  { day, scan }: Facts,
  mask: Uint8Array | undefined,
  sums: readonly SumName[],
  makeCount: (tally: Tally) => Count,
): Part {
  const base = groupVisits(day, scan.dimensions, scan)
  const slots = slotAxis(day, scan.dimensions, scan)
  const groups = slots ? withSlots(base, slots.labels, slots.at) : base
  const tally = createTally(groups.size)
  const count = makeCount(tally)
  const { of } = base
  const eachSlot = slots && slotsOfVisit(day, scan, slots.ofMinute)
  return {
    look(from, to): void {
      for (let visit = from; visit < to; visit++) {
        if (mask && mask[visit] === 0) continue
        const group = of ? (of[visit] as number) : 0
        if (eachSlot) eachSlot(visit, (slot) => count(visit, group * (slots?.labels.length ?? 1) + slot))
        else count(visit, group)
      }
    },
    table: () => tableOf(groups, tally, sums),
  }
}

function withSlots(base: Groups, slotLabels: readonly string[], at: number): Groups {
  const slots = slotLabels.length
  return {
    of: undefined,
    size: base.size * slots,
    labels(group): readonly string[] {
      const labels = base.labels(Math.floor(group / slots))
      return [...labels.slice(0, at), slotLabels[group % slots] as string, ...labels.slice(at)]
    },
  }
}

/** The hours or minutes in which a visit was active, from its first to its last event in the range. */
function slotsOfVisit(
  { start, time, first }: Day,
  { within }: Scan,
  ofMinute: Uint16Array,
): (visit: number, look: (slot: number) => void) => void {
  const from = within ? within.from - start : 0
  const to = within ? within.to - start - 1 : Infinity
  return (visit, look) => {
    const begin = Math.max(from, time[first[visit] as number] as number)
    const end = Math.min(to, time[(first[visit + 1] as number) - 1] as number)
    let last = -1
    for (let minute = Math.floor(begin / 60_000); minute <= Math.floor(end / 60_000); minute++) {
      const slot = ofMinute[minute] as number
      if (slot !== last) look(slot)
      last = slot
    }
  }
}

/** Events that match; and where events are asked by, the visits and visitors that have them. */
function rowsPart({ day, scan, visits: visitMask, rows: rowMask, byEvents }: Facts): Part | undefined {
  const sums = asked(scan, byEvents ? ['visitors', 'visits', 'pageviews', 'events'] : ['pageviews', 'events'])
  if (sums.length === 0) return undefined
  const groups = groupRows(day, scan.dimensions, scan)
  const tally = createTally(groups.size)
  const { pageviews, events } = tally
  const { first, named } = day
  const kind = kindsOf(day)
  const { of } = groups
  const countVisit = visitCounter(day, tally)
  return {
    look(from, to): void {
      for (let visit = from; visit < to; visit++) {
        if (visitMask && visitMask[visit] === 0) continue
        const end = first[visit + 1] as number
        for (let row = first[visit] as number; row < end; row++) {
          if ((rowMask && rowMask[row] === 0) || kind[row] === kinds.engagement) continue
          const group = of ? (of[row] as number) : 0
          events[group] = (events[group] as number) + 1
          if (kind[row] === kinds.pageview) pageviews[group] = (pageviews[group] as number) + 1
          if (visit < named) countVisit(visit, group)
        }
      }
    },
    table: () => tableOf(groups, tally, sums),
  }
}

/**
 * Counts a visit and its visitor in a group, once each, however often it is told of them. Visits come in order
 * of their visitors, so a look at the last one is a look at all.
 */
function visitCounter({ visitorOf }: Day, { visitors, visits, lastVisit, lastVisitor }: Tally): Count {
  return (visit, group) => {
    if (lastVisit[group] === visit + 1) return
    lastVisit[group] = visit + 1
    visits[group] = (visits[group] as number) + 1
    const visitor = (visitorOf[visit] as number) + 1
    if (lastVisitor[group] === visitor) return
    lastVisitor[group] = visitor
    visitors[group] = (visitors[group] as number) + 1
  }
}

/** How pages were read: engaged time of each visit, and the deepest scroll of each visit and page. */
function readingPart({ day, scan, visits: visitMask, rows: rowMask }: Facts): Part | undefined {
  const sums = asked(scan, ['engaged', 'readers', 'depths', 'readings'])
  if (sums.length === 0) return undefined
  const groups = groupRows(day, scan.dimensions, scan)
  const tally = createTally(groups.size)
  const { first } = day
  const kind = kindsOf(day)
  const look = readRow(day, tally)
  const { of } = groups
  return {
    look(from, to): void {
      for (let visit = from; visit < to; visit++) {
        if (visitMask && visitMask[visit] === 0) continue
        for (let row = first[visit] as number; row < (first[visit + 1] as number); row++) {
          if (kind[row] === kinds.engagement && (!rowMask || rowMask[row] === 1))
            look(row, visit, of ? (of[row] as number) : 0)
        }
      }
    },
    table: () => tableOf(groups, tally, sums),
  }
}

/** Looks at one engagement event. Rows come visit by visit, so what is remembered is of one visit only. */
function readRow(day: Day, tally: Tally): (row: number, visit: number, group: number) => void {
  const { engaged, readers, depths, readings, lastVisit } = tally
  const depthColumn = day.column('depth')
  const percents = depthColumn ? Float64Array.from(depthColumn.values, Number) : new Float64Array()
  const page = day.column('page')?.codes
  const deepest = new Map<string, number>()
  let current = -1
  return (row, visit, group) => {
    if (visit !== current) deepest.clear()
    current = visit
    const ms = day.ms?.[row] ?? 0
    if (ms > 0) {
      engaged[group] = (engaged[group] as number) + ms - 1
      if (lastVisit[group] !== visit + 1) readers[group] = (readers[group] as number) + 1
      lastVisit[group] = visit + 1
    }
    const code = depthColumn?.codes[row] ?? 0
    if (code === 0) return
    const key = `${group} ${page?.[row] ?? 0}`
    const before = deepest.get(key)
    const depth = Math.max(before ?? 0, percents[code] as number)
    deepest.set(key, depth)
    depths[group] = (depths[group] as number) + depth - (before ?? 0)
    if (before === undefined) readings[group] = (readings[group] as number) + 1
  }
}

/** Revenue by currency. */
function takingsPart({ day, scan, visits: visitMask, rows: rowMask }: Facts): Part | undefined {
  const column = scan.wantsTakings ? day.column('revenue') : undefined
  if (!column) return undefined
  const groups = groupRows(day, scan.dimensions, scan)
  const money = column.values.map((value) => readMoney(String(value)))
  const takings = new Map<number, Takings>()
  const kind = kindsOf(day)
  const { first } = day
  const look = (row: number): void => {
    const { micros, currency } = money[column.codes[row] as number] as Money
    const group = groups.of ? (groups.of[row] as number) : 0
    const mine = takings.get(group) ?? new Map()
    takings.set(group, mine)
    const before = mine.get(currency) ?? { micros: 0n, events: 0 }
    mine.set(currency, { micros: before.micros + micros, events: before.events + 1 })
  }
  return {
    look(from, to): void {
      for (let visit = from; visit < to; visit++) {
        if (visitMask && visitMask[visit] === 0) continue
        for (let row = first[visit] as number; row < (first[visit + 1] as number); row++) {
          const isMeant = column.codes[row] !== 0 && kind[row] !== kinds.engagement
          if (isMeant && (!rowMask || rowMask[row] === 1)) look(row)
        }
      }
    },
    table: () => ({
      labels: [...takings.keys()].map((group) => groups.labels(group)),
      sums: {},
      takings: [...takings.values()],
    }),
  }
}

interface Money {
  readonly micros: bigint
  readonly currency: string
}

/** As "12.50 EUR": a decimal of at most six places, and the currency. */
function readMoney(text: string): Money {
  const [amount = '0', currency = ''] = text.split(' ')
  const [whole = '0', fraction = ''] = amount.split('.')
  const digits = whole.replace('-', '') + fraction.padEnd(6, '0').slice(0, 6)
  const micros = /^\d+$/.test(digits) ? BigInt(digits) : 0n
  return { micros: amount.startsWith('-') ? -micros : micros, currency }
}

type Tally = Readonly<Record<SumName, Float64Array>> & {
  /** Of each group the visit and the visitor that were last counted, 1 more than they are. */
  readonly lastVisit: Uint32Array
  readonly lastVisitor: Uint32Array
}

function createTally(size: number): Tally {
  const sums = Object.fromEntries(sumNames.map((name) => [name, new Float64Array(size)]))
  return {
    ...(sums as Record<SumName, Float64Array>),
    lastVisit: new Uint32Array(size),
    lastVisitor: new Uint32Array(size),
  }
}

function asked({ sums }: Scan, ofPart: readonly SumName[]): readonly SumName[] {
  return ofPart.filter((name) => sums.has(name))
}

/** The sums by which a group is there at all. */
const PRESENCE: ReadonlySet<SumName> = new Set<SumName>([
  'visitors',
  'visits',
  'pageviews',
  'events',
  'entered',
  'readers',
  'readings',
])

function tableOf(groups: Groups, tally: Tally, sums: readonly SumName[]): SumTable {
  const signs = sums.filter((name) => PRESENCE.has(name)).map((name) => tally[name])
  const present: number[] = []
  for (let group = 0; group < groups.size; group++)
    if (signs.some((sign) => (sign[group] as number) > 0)) present.push(group)
  return {
    labels: present.map((group) => groups.labels(group)),
    sums: Object.fromEntries(
      sums.map((name) => [name, present.map((group) => tally[name][group] as number)]),
    ),
  }
}
