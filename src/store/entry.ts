import type { Event } from '../event.ts'
import { ENTRY_LIMIT } from './store.ts'

/** An entry of the journal is a JSON array of events, so that entries join and split without parsing. */

/** Events as texts that `joinEntries` takes: each is the inside of a JSON array. */
export function encodeEvents(events: readonly Event[]): string[] {
  const parts: string[] = []
  let part = ''
  for (const event of events) {
    const text = JSON.stringify(event)
    if (part !== '' && part.length + text.length + 3 > ENTRY_LIMIT) {
      parts.push(part)
      part = ''
    }
    part = part === '' ? text : `${part},${text}`
  }
  if (part !== '') parts.push(part)
  return parts
}

/** As few entries as the limit allows, in order. */
export function joinEntries(parts: readonly string[]): string[] {
  const entries: string[] = []
  let entry = ''
  for (const part of parts) {
    if (entry !== '' && entry.length + part.length + 3 > ENTRY_LIMIT) {
      entries.push(`[${entry}]`)
      entry = ''
    }
    entry = entry === '' ? part : `${entry},${part}`
  }
  if (entry !== '') entries.push(`[${entry}]`)
  return entries
}

export function decodeEntry(entry: string): readonly Event[] {
  return JSON.parse(entry) as readonly Event[]
}
