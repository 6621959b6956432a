import type { CollectionDefinition } from '../collection.ts'
import { matchesOrigin } from '../origin.ts'

/** Why an event that could be read is not counted. */
export type RefusalCode = 'origin'

/** What policies look at. They judge only what comes with a public key: a secret key vouches for its events. */
export interface Sender {
  readonly isTrusted: boolean
  /** The `Origin` header, which browsers send and pages cannot forge. */
  readonly origin: string | undefined
}

/** The policy that turns a sender's events away; undefined: none does. */
export function refusalOf(
  { isTrusted, origin }: Sender,
  { origins }: CollectionDefinition,
): RefusalCode | undefined {
  if (isTrusted || origin === undefined || origins.length === 0) return undefined
  return matchesOrigin(origin, origins) ? undefined : 'origin'
}
