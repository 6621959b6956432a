import { bodyLimits, readBody } from '../body.ts'
import type { Client } from '../client.ts'
import type { Collection } from '../collection.ts'
import type { Layer, SkerryContext, ValidBeacon } from '../context.ts'
import { type Beacon, fromQuery, readBeacon } from '../ingest/beacon.ts'
import { type RequestFacts, readEvent } from '../ingest/event.ts'
import { senderOf } from '../ingest/sender.ts'
import { emptyBeacon, sortIn } from '../ingest/sorting.ts'
import type { Lists } from '../lists.ts'
import type { Locate } from '../place.ts'

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
    const collection = c.get('collection')
    const { definition } = collection
    const sender = senderOf((name) => c.req.header(name), client(c), isTrusted, definition)
    const { fromText } = beacon
    const facts = { definition, now: now(), fromText, newId, sender, lists: await lists(), locate }
    c.set('beacons', [judge(beacon, collection, facts)])
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

function judge({ items, isBatch }: Beacon, collection: Collection, facts: RequestFacts): ValidBeacon {
  const beacon = emptyBeacon(collection, isBatch)
  for (const [index, item] of items.entries()) sortIn(beacon, index, readEvent(item, facts))
  return beacon
}
