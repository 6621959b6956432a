import { type Fault, SkerryError } from './errors.ts'
import { isDateRange } from './range.ts'
import { cleanText } from './text.ts'

/** What happened on a day of a collection, in its owner's words. */
export interface Annotation {
  /** Its name on the shelf: the same words of the same day are the same annotation. */
  readonly id: string
  /** YYYY-MM-DD. */
  readonly date: string
  readonly text: string
}

/** How many a collection may have, and how many characters one. */
export const annotationLimits = { most: 500, text: 200 } as const

const DATE_LENGTH = 10

/** The annotation of a day and a text. Throws `invalid_definition` that names what cannot be. */
export function makeAnnotation(date: string, text: string): Annotation {
  const words = cleanText(text).trim()
  const faults: Fault[] = []
  if (date.length !== DATE_LENGTH || !isDateRange([date, date]))
    faults.push({ pointer: '/date', detail: 'must be a date (YYYY-MM-DD)' })
  if (words === '' || words.length > annotationLimits.text)
    faults.push({ pointer: '/text', detail: `must have 1 to ${annotationLimits.text} characters` })
  if (faults.length > 0) throw new SkerryError('invalid_definition', { faults })
  return { id: `${date} ${words}`, date, text: words }
}

/** Annotations as a shelf holds them, in order of time. */
export function annotationsOf(kept: ReadonlyMap<string, string>): readonly Annotation[] {
  const all = [...kept.keys()].map((id) => ({
    ...{ id, date: id.slice(0, DATE_LENGTH) },
    text: id.slice(DATE_LENGTH + 1),
  }))
  return all.sort((a, b) => (a.id < b.id ? -1 : 1))
}
