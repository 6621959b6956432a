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
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
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
