import type { CollectionDefinition } from '../../src/collection.ts'
import { defineCollection, definitionSchema } from '../../src/definition.ts'
import type { Event } from '../../src/event.ts'

let made = 0

/** A name no other test uses, so that tests may share a store. */
export function freshName(prefix = 'c'): string {
  made++
  return `${prefix}-${Date.now().toString(36)}-${Math.floor(performance.now() * 1000).toString(36)}-${made}`
}

export function definition(settings: Readonly<Record<string, unknown>> = {}): CollectionDefinition {
  return defineCollection(freshName(), definitionSchema.parse(settings))
}

/** A page view of `/`, with whatever is said of it. */
export function event(fields: Partial<Event> = {}): Event {
  made++
  return {
    id: `e${made}`,
    name: 'pageview',
    time: 1_700_000_000_000 + made,
    received: 1_700_000_000_000,
    page: '/',
    ...fields,
  }
}
