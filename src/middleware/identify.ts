import { createCalendar } from '../calendar.ts'
import type { Layer, ValidBeacon } from '../context.ts'
import type { Salts } from '../salt.ts'
import { type Identity, visitorId } from '../visitor.ts'

export interface IdentifyOptions {
  readonly salts: Salts
}

/** Gives each event its visitor of the day: an id that cannot be led back to address and agent. */
export function identify({ salts }: IdentifyOptions): Layer {
  const calendars = new Map<string, ReturnType<typeof createCalendar>>()

  async function tell({ collection, events, identities }: ValidBeacon): Promise<void> {
    const { name, timezone } = collection.definition
    const calendar = calendars.get(timezone) ?? createCalendar(timezone)
    calendars.set(timezone, calendar)
    const dates = events.map(({ time }) => calendar(time).date)
    const secrets = await salts.of(name, dates)
    for (const [i, event] of events.entries()) {
      const secret = secrets.get(dates[i] as string)
      const visitor = secret && visitorId(identities[i] as Identity, name, secret)
      if (visitor !== undefined) event.visitor = visitor
    }
  }

  return async function identify(c, next): Promise<void> {
    for (const beacon of c.get('beacons')) await tell(beacon)
    await next()
  }
}
