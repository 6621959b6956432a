/** Clocks of time zones, by `Intl` and its own data. All instants are ms since 1970 UTC. */

const formats: Map<string, Intl.DateTimeFormat> = new Map()

/** The clock on the wall at an instant, written as if it were UTC. */
export function localTime(instant: number, timezone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timezone).formatToParts(instant)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/**
 * The first instant of a calendar day (YYYY-MM-DD). Where clocks skip midnight the day begins when
 * they have, where they strike it twice at the first time.
 */
export function startOfDay(date: string, timezone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const offsets = [midnight - DAY_MS, midnight + DAY_MS].map(
    (instant) => localTime(instant, timezone) - instant,
  )
  const candidates = offsets.map((offset) => midnight - offset).sort((a, b) => a - b)
  return candidates.find((instant) => dateOf(instant, timezone) === date) ?? midnight
}

/** The calendar day of an instant, YYYY-MM-DD. */
export function dateOf(instant: number, timezone: string): string {
  return new Date(localTime(instant, timezone)).toISOString().slice(0, 10)
}

/** The calendar day after, YYYY-MM-DD. */
export function nextDate(date: string): string {
  return addDays(date, 1)
}

/** A calendar day so many days later, or earlier if they are negative. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** The same day of the month so many months later or earlier; a month that is too short ends with its last day. */
export function addMonths(date: string, months: number): string {
  const first = new Date(`${date.slice(0, 7)}-01T00:00:00Z`)
  first.setUTCMonth(first.getUTCMonth() + months)
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  return `${first.toISOString().slice(0, 8)}${String(Math.min(Number(date.slice(8)), last)).padStart(2, '0')}`
}

/** How many days from one calendar day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS)
}

/** An instant as the clocks of a zone show it, with their offset: 2026-03-29T03:00:00+02:00. */
export function isoIn(instant: number, timezone: string): string {
  const local = localTime(instant, timezone)
  const minutes = Math.round((local - Math.floor(instant / 1000) * 1000) / 60_000)
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
  return new Date(local).toISOString().slice(0, 19) + offset
}

const DAY_MS = 86_400_000

export function isTimezone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(timezone, format)
  return format
}
