import { bodyLimits, readBody } from '../body.ts'
import type { InvalidItem, Layer, SkerryContext, ValidBeacon } from '../context.ts'
import { SkerryError } from '../errors.ts'
import type { Event } from '../event.ts'
import { type Beacon, fromQuery, readBeacon } from '../ingest/beacon.ts'
import { type RequestFacts, readEvent } from '../ingest/event.ts'
import type { Identity } from '../visitor.ts'

export interface ValidateOptions {
  readonly now: () => number
  readonly newId: () => string
}

/** Reads a beacon and judges its events one by one; those further in find them in the context. */
export function validate({ now, newId }: ValidateOptions): Layer {
  return async function validate(c, next): Promise<void> {
    const isTrusted = c.get('principal').kind !== 'write'
    const beacon = await take(c, isTrusted)
    const { definition } = c.get('collection')
    const facts = { definition, now: now(), trusted: isTrusted, fromText: beacon.fromText, newId }
    c.set('beacon', judge(beacon, facts))
    await next()
  }
}

async function take(c: SkerryContext, isTrusted: boolean): Promise<Beacon> {
  const query = (): URLSearchParams => new URL(c.req.url).searchParams
  if (c.req.method !== 'POST') return fromQuery(query())
  const bytes = await readBody(c.req, isTrusted ? bodyLimits.trusted : bodyLimits.beacon)
  return readBeacon(bytes, c.req.header('content-type') ?? '', query)
}

/** Throws `invalid_event` for a single event; a batch goes on with its valid ones, even if there are none. */
function judge({ items, isBatch }: Beacon, facts: RequestFacts): ValidBeacon {
  const events: Event[] = []
  const identities: Identity[] = []
  const invalid: InvalidItem[] = []
  for (const [index, item] of items.entries()) {
    const { event, identity, faults } = readEvent(item, facts)
    if (event) {
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
  return { events, identities, isBatch, invalid }
}
