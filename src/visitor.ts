import { networkOf } from './ip.ts'
import { type SipKey, sipHash } from './siphash.ts'

/** By what a visitor is told from others. It is hashed at once, and kept nowhere. */
export interface Identity {
  /** As a trusted sender knows the visitor; then address and agent do not matter. */
  readonly visitor?: string | undefined
  readonly address?: string | undefined
  readonly agent?: string | undefined
}

/**
 * A visitor's id on one day: 16 hex digits, of use with that day's secret only. Undefined where nothing tells
 * him from others. Parts go by their length, so that no two sets of parts read alike.
 */
export function visitorId(
  { visitor, address = '', agent = '' }: Identity,
  collection: string,
  secret: SipKey,
): string | undefined {
  if (visitor !== undefined) return sipHash(secret, joined(['known', collection, visitor]))
  if (address === '' && agent === '') return undefined
  return sipHash(secret, joined(['seen', collection, networkOf(address), agent]))
}

function joined(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('')
}
