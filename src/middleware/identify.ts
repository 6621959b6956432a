import { createCalendar } from '../calendar.ts'
import type { Layer } from '../context.ts'
import type { Salts } from '../salt.ts'
import { visitorId } from '../visitor.ts'

export interface IdentifyOptions {
  readonly salts: Salts
}

/** Gives each event its visitor of the day: an id that cannot be led back to address and agent. */
export function identify({ salts }: IdentifyOptions): Layer {
  const calendars = new Map<string, ReturnType<typeof createCalendar>>()
  return async function identify(c, next): Promise<void> {
    const beacon = c.get('beacon')
    const { name, timezone } = c.get('collection').definition
    const calendar = calendars.get(timezone) ?? createCalendar(timezone)
    calendars.set(timezone, calendar)
    const dates = beacon.events.map(({ time }) => calendar(time).date)
    const secrets = await salts.of(name, new Set(dates))
    const events = beacon.events.map((event, i) => {
      const secret = secrets.get(dates[i] ?? '')
      const visitor = secret && visitorId(beacon.identities[i] ?? {}, name, secret)
      return visitor === undefined ? event : { ...event, visitor }
    })
    c.set('beacon', { ...beacon, events })
    await next()
  }
}
