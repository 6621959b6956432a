import type { Event, KeptEvent } from '../event.ts'

/** An event as an export shows it: its fields as kept, its time in ISO 8601, its attributes beside them. */
export function toRow(event: KeptEvent): Readonly<Record<string, unknown>> {
  const { received, dated, visitor, attributes, props, ...kept }: KeptEvent & Partial<Event> = event
  return { ...kept, time: new Date(event.time).toISOString(), ...attributes, ...(props && { props }) }
}
