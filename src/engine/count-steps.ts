import { type Funnel, type FunnelReport, type FunnelStep, unitOf } from '../funnel.ts'
import { spanOf } from '../range.ts'
import type { Day } from './day.ts'
import { type Days, readDays, withinDay } from './days.ts'
import { gaps } from './gaps.ts'
import { hundredths, percent } from './measure.ts'
import { shownFilter, shownRange } from './resolved-query.ts'
import { beginnings, columnsOfPaths, eventsThat } from './rows-in-order.ts'
import type { Scan } from './scan.ts'
import { inSlices } from './slices.ts'
import type { AnswerContext } from './sum-up.ts'

/** Answers a funnel: how many took its steps one after the other, each with an event of its own. */
export async function countSteps(funnel: Funnel, days: Days, context: AnswerContext): Promise<FunnelReport> {
  const { definition, now } = context
  const { timezone } = definition
  const { steps, filters, within } = funnel
  const span = spanOf(funnel.dateRange, { now, timezone, since: days.all[0]?.date, trim: false })
  const looked = [...filters, ...steps.flat()]
  const reached = new Array<number>(steps.length).fill(0)
  await readDays(
    span,
    days,
    async (source) => {
      const part = withinDay(source, span, timezone)
      return { day: await source.load(columnsOfPaths(looked, part)), part }
    },
    ({ day, part }) => addDay(reached, day, part, funnel, context),
  )
  return {
    results: stepsOf(reached, funnel),
    meta: {
      visitors: span.firstDate === span.lastDate ? 'distinct' : 'sum_of_daily_visitors',
      ...gaps(span, days),
    },
    query: {
      steps: steps.map((step) => step.map(shownFilter)),
      within,
      date_range: shownRange(span, timezone),
      filters: filters.map(shownFilter),
    },
  }
}

/** Who takes the first event that will do for each step misses none that can be taken. */
async function addDay(
  reached: number[],
  day: Day,
  part: Scan['within'],
  { steps, filters, within }: Funnel,
  { definition: { goals }, breathe }: AnswerContext,
): Promise<void> {
  const allowed = eventsThat(filters, day, goals, part)
  /** Bit by bit the steps that a row may be. */
  const bits = new Uint16Array(day.rows)
  for (const [step, own] of steps.entries()) {
    const rows = eventsThat(own, day, goals)
    for (let row = 0; row < rows.length; row++)
      bits[row] = (bits[row] as number) | (((rows[row] as number) & (allowed[row] as number)) << step)
    await breathe()
  }
  const begins = beginnings(day, within)
  await inSlices(begins.length - 1, breathe, (from, to) => {
    for (let one = from; one < to; one++) {
      let taken = 0
      for (let row = begins[one] as number; row < (begins[one + 1] as number) && taken < steps.length; row++)
        taken += ((bits[row] as number) >> taken) & 1
      for (let step = 0; step < taken; step++) reached[step] = (reached[step] as number) + 1
    }
  })
}

function stepsOf(reached: readonly number[], { within }: Funnel): readonly FunnelStep[] {
  const [all = 0] = reached
  return reached.map((count, i) => {
    const before = reached[i - 1] ?? count
    return {
      step: i + 1,
      [unitOf(within)]: count,
      dropped: before - count,
      step_rate: hundredths(percent(count, before)),
      conversion_rate: hundredths(percent(count, all)),
    }
  })
}
