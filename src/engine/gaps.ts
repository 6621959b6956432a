import type { Span } from '../range.ts'
import type { ReportMeta } from '../report.ts'
import { nextDate } from '../zone.ts'
import type { Days } from './days.ts'

/** What part of the range has no data, and from which of its days events were erased. */
export function gaps(
  { firstDate, lastDate }: Span,
  { all, erased, droppedBefore = '' }: Days,
): Pick<ReportMeta, 'no_data' | 'erased'> {
  const there = new Set(all.map(({ date }) => date))
  const gone = new Set(erased)
  return {
    no_data: stretches(firstDate, lastDate, (date) => !there.has(date)),
    erased: stretches(firstDate, lastDate, (date) => gone.has(date) || date < droppedBefore),
  }
}

/** The stretches of days of a range for which something holds, both ends inclusive. */
function stretches(
  firstDate: string,
  lastDate: string,
  holds: (date: string) => boolean,
): readonly (readonly [from: string, to: string])[] {
  const ranges: [string, string][] = []
  for (let date = firstDate; date <= lastDate; date = nextDate(date)) {
    if (!holds(date)) continue
    const last = ranges.at(-1)
    if (last && nextDate(last[1]) === date) last[1] = date
    else ranges.push([date, date])
  }
  return ranges
}
