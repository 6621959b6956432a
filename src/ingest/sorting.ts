import type { Collection } from '../collection.ts'
import type { InvalidItem, RefusedItem, ValidBeacon } from '../context.ts'
import { SkerryError } from '../errors.ts'
import type { Event } from '../event.ts'
import type { Identity } from '../visitor.ts'
import type { EventReading } from './event.ts'

/** A beacon whose items are being judged. */
export interface OpenBeacon extends ValidBeacon {
  readonly events: Event[]
  readonly identities: Identity[]
  readonly refused: RefusedItem[]
  readonly invalid: InvalidItem[]
}

export function emptyBeacon(collection: Collection, isBatch: boolean): OpenBeacon {
  return { collection, isBatch, events: [], identities: [], refused: [], invalid: [] }
}

/** Throws `invalid_event` for a single event; a batch goes on with its valid ones, even if there are none. */
export function sortIn(
  { isBatch, events, identities, refused, invalid }: OpenBeacon,
  index: number,
  { event, identity, refusal, faults }: EventReading,
): void {
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
