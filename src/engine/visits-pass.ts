import type { Day } from './day.ts'
import { intersect, looksAtEvents, masksOf, rowsOf, visitsWith } from './filter.ts'
import { type Groups, groupVisits, slotAxis } from './groups.ts'
import {
  add,
  asked,
  type Count,
  cellOf,
  createTally,
  type Facts,
  type Pass,
  passing,
  STRIDE,
  type Tally,
  tableOf,
  visitCounter,
} from './pass.ts'
import type { Scan } from './scan.ts'
import type { SumName } from './sums.ts'
import { bouncesOf, countedVisits, durationsOf, entriesOf, pageviewsOf } from './visit.ts'

/** Visitors and visits as wholes; and while nothing looks at single events, their events too. */
export function visitsPass(facts: Facts): Pass | undefined {
  const { day, scan, byEvents } = facts
  const sums = asked(scan, byEvents ? [] : ['visitors', 'visits'])
  if (sums.length === 0) return undefined
  const counted = countedVisits(day)
  const mask = intersect(intersect(facts.visits, facts.visitsInRange), counted)
  return eachVisit(facts, mask, sums, (tally) => visitCounter(day, tally))
}

/** Bounces, durations and views of whole visits. A filter on events is met by a visit that has one that passes, its page being where it entered. */
export function enteredPass(facts: Facts): Pass | undefined {
  const { day, scan } = facts
  const sums = asked(scan, ['entered', 'bounces', 'durations', 'views'])
  if (sums.length === 0) return undefined
  const mask = intersect(enteredMask(facts), intersect(facts.visitsInRange, countedVisits(day)))
  const bouncesByVisit = bouncesOf(day)
  const durationsByVisit = sums.includes('durations') ? durationsOf(day) : undefined
  const viewsByVisit = pageviewsOf(day)
  return eachVisit(facts, mask, sums, ({ cells, durations }) => (visit, group) => {
    const at = group * STRIDE
    if (cells[at + cellOf.lastVisit] === visit + 1) return
    cells[at + cellOf.lastVisit] = visit + 1
    add(cells, at + cellOf.entered, 1)
    add(cells, at + cellOf.bounces, bouncesByVisit[visit] as number)
    add(cells, at + cellOf.views, viewsByVisit[visit] as number)
    if (durationsByVisit) add(durations, group, durationsByVisit[visit] as number)
  })
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

/** Looks at each visit that passes, once in each of its groups. */
function eachVisit(
  { day, scan }: Facts,
  mask: Uint8Array | undefined,
  sums: readonly SumName[],
  makeCount: (tally: Tally) => Count,
): Pass {
  const base = groupVisits(day, scan.dimensions, scan)
  const slots = slotAxis(day, scan.dimensions, scan)
  const groups = slots ? withSlots(base, slots.labels, slots.at) : base
  const tally = createTally(groups.size, sums)
  const count = makeCount(tally)
  const { of } = base
  const eachSlot = slots && slotsOfVisit(day, scan, slots.ofMinute)
  const visits = passing(mask)
  return {
    visits,
    look(from, to): void {
      for (let i = from; i < to; i++) {
        const visit = visits ? (visits[i] as number) : i
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
