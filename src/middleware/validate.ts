import { bodyLimits, readBody } from '../body.ts'
import type { Client } from '../client.ts'
import type { InvalidItem, Layer, RefusedItem, SkerryContext, ValidBeacon } from '../context.ts'
import { SkerryError } from '../errors.ts'
import type { Event } from '../event.ts'
import { type Beacon, fromQuery, readBeacon } from '../ingest/beacon.ts'
import { type RequestFacts, readEvent } from '../ingest/event.ts'
import { senderOf } from '../ingest/sender.ts'
import type { Lists } from '../lists.ts'
import type { Locate } from '../place.ts'
import type { Identity } from '../visitor.ts'

export interface ValidateOptions {
  readonly now: () => number
  readonly newId: () => string
  /** Who sends a request. */
  readonly client: (c: SkerryContext) => Client
  readonly lists: () => Lists | Promise<Lists>
  /** Where an address is that an event brings with it. */
  readonly locate: Locate
}

/** Reads a beacon and judges its events one by one; those further in find them in the context. */
export function validate({ now, newId, client, lists, locate }: ValidateOptions): Layer {
  return async function validate(c, next): Promise<void> {
    const isTrusted = c.get('principal').kind !== 'write'
    const beacon = await take(c, isTrusted)
    const { definition } = c.get('collection')
    const sender = senderOf((name) => c.req.header(name), client(c), isTrusted, definition)
    const { fromText } = beacon
    const facts = { definition, now: now(), fromText, newId, sender, lists: await lists(), locate }
    c.set('beacon', judge(beacon, facts))
    await next()
  }
}

async function take(c: SkerryContext, isTrusted: boolean): Promise<Beacon> {
  const query = (): URLSearchParams => new URL(c.req.url).searchParams
  if (c.req.method !== 'POST') return fromQuery(query())
  const bytes = await readBody(c.req, isTrusted ? bodyLimits.trusted : bodyLimits.beacon)
  const { query: keptQuery } = c.get('collection').definition
  return readBeacon({ bytes, header: (name) => c.req.header(name), query, keptQuery })
}

/** Throws `invalid_event` for a single event; a batch goes on with its valid ones, even if there are none. */
function judge({ items, isBatch }: Beacon, facts: RequestFacts): ValidBeacon {
  const events: Event[] = []
  const identities: Identity[] = []
  const refused: RefusedItem[] = []
  const invalid: InvalidItem[] = []
  for (const [index, item] of items.entries()) {
    const { event, identity, refusal, faults } = readEvent(item, facts)
    if (event && refusal) refused.push({ index, event, ...refusal })
    else if (event) {
      events.push(event)
      identities.push(identity)
    } else if (!isBatch) throw new SkerryError('invalid_event', { faults })
    else
      invalid.push({
        index,
        code: 'invalid_event',
        detail: faults[0]?.detail ?? '',
        pointer: faults[0]?.pointer ?? '',
      })
  }
  return { events, identities, refused, isBatch, invalid }
}
