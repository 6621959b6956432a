import { type EventRecord, toRecord } from '../engine/record.ts'
import type { Event } from '../event.ts'
import type { Verdict } from '../refusal.ts'
import { ENTRY_LIMIT } from './store.ts'

/** An entry of the journal is a JSON array of its format's number and records, so that entries join without parsing. */
const FORMAT = 1

/** Characters around and between records. */
const BRACKETS = 8

/** Events as texts that `joinEntries` takes: each is the inside of a JSON array. */
export function encodeEvents(events: readonly (Event & Verdict)[]): string[] {
  const parts: string[] = []
  let part = ''
  for (const event of events) {
    const text = JSON.stringify(toRecord(event))
    if (part !== '' && part.length + text.length + BRACKETS > ENTRY_LIMIT) {
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
    if (entry !== '' && entry.length + part.length + BRACKETS > ENTRY_LIMIT) {
      entries.push(`[${FORMAT},${entry}]`)
      entry = ''
    }
    entry = entry === '' ? part : `${entry},${part}`
  }
  if (entry !== '') entries.push(`[${FORMAT},${entry}]`)
  return entries
}

export function decodeEntry(entry: string): readonly EventRecord[] {
  const [format, ...records] = JSON.parse(entry) as readonly [number, ...EventRecord[]]
  if (format !== FORMAT) throw new Error(`a journal entry of the unknown format ${format}`)
  return records
}
