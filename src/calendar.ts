import { dateOf, nextDate, startOfDay } from './zone.ts'

/** A calendar day and its instants, `end` not included. */
export interface CalendarDay {
  readonly date: string
  readonly start: number
  readonly end: number
}

const DAY_MS = 86_400_000
const KNOWN_LIMIT = 20_000

/** Finds the calendar day of an instant. Days that were looked up are remembered, since clocks of zones are slow to ask. */
export function createCalendar(timezone: string): (instant: number) => CalendarDay {
  /** The days that begin or go on in each day of UTC. */
  const known = new Map<number, CalendarDay[]>()
  let last: CalendarDay = { date: '', start: 0, end: 0 }
  return (instant) => {
    if (instant >= last.start && instant < last.end) return last
    const number = Math.floor(instant / DAY_MS)
    const days = known.get(number) ?? []
    last = days.find(({ start, end }) => instant >= start && instant < end) ?? dayOf(instant, timezone)
    if (known.size > KNOWN_LIMIT) known.clear()
    if (!days.includes(last)) known.set(number, [...days, last])
    return last
  }
}

function dayOf(instant: number, timezone: string): CalendarDay {
  const date = dateOf(instant, timezone)
  return { date, start: startOfDay(date, timezone), end: startOfDay(nextDate(date), timezone) }
}
