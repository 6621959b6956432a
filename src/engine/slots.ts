import { localTime, nextDate, startOfDay } from '../zone.ts'

/** The hours or minutes of one day, as a clock on the wall shows them. */
export interface Slots {
  /** The slot of each minute since the day's start. */
  readonly ofMinute: Uint16Array
  readonly labels: readonly string[]
}

const MINUTE = 60_000
const HOUR = 3_600_000
/** All clocks that are set are set by quarters of an hour. */
const STEP = 15 * MINUTE

const known: Map<string, Slots> = new Map()
const KNOWN_LIMIT = 500

/**
 * Cuts a day of `ownZone` into hours or minutes of `timezone`. An hour that clocks skip is not there;
 * one that they strike twice is one slot.
 */
export function slotsOf(date: string, ownZone: string, timezone: string, unit: 'hour' | 'minute'): Slots {
  const key = `${date} ${ownZone} ${timezone} ${unit}`
  const before = known.get(key)
  if (before) return before
  if (known.size >= KNOWN_LIMIT) known.clear()
  const made = makeSlots(date, ownZone, timezone, unit)
  known.set(key, made)
  return made
}

function makeSlots(date: string, ownZone: string, timezone: string, unit: 'hour' | 'minute'): Slots {
  const start = startOfDay(date, ownZone)
  const minutes = Math.ceil((startOfDay(nextDate(date), ownZone) - start) / MINUTE)
  const ofMinute = new Uint16Array(minutes)
  const slots = new Map<number, number>()
  for (let minute = 0; minute < minutes; minute += STEP / MINUTE) {
    const local = localTime(start + minute * MINUTE, timezone)
    for (let i = minute; i < Math.min(minutes, minute + STEP / MINUTE); i++) {
      const at = floor(local + (i - minute) * MINUTE, unit === 'hour' ? HOUR : MINUTE)
      const slot = slots.get(at) ?? slots.size
      slots.set(at, slot)
      ofMinute[i] = slot
    }
  }
  return { ofMinute, labels: [...slots.keys()].map(slotLabel) }
}

/** YYYY-MM-DD HH:MM:00 of a time that is written as if it were UTC. */
function slotLabel(local: number): string {
  return `${new Date(local).toISOString().slice(0, 16).replace('T', ' ')}:00`
}

function floor(time: number, unit: number): number {
  return Math.floor(time / unit) * unit
}
