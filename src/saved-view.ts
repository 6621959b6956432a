import { SkerryError } from './errors.ts'
import { cleanText } from './text.ts'

/** An address of the dashboard that somebody gave a name. */
export interface SavedView {
  readonly name: string
  /** The address's parameters, but for the collection. */
  readonly search: string
}

/** How many a collection may have, and how many characters the name and the address may have. */
export const savedViewLimits = { most: 100, name: 100, search: 4096 } as const

/** The view of a name and an address. Throws `invalid_definition` that names what cannot be. */
export function makeSavedView(name: string, search: string): SavedView {
  const words = cleanText(name).trim()
  if (words === '' || words.length > savedViewLimits.name) {
    const detail = `must have 1 to ${savedViewLimits.name} characters`
    throw new SkerryError('invalid_definition', { faults: [{ pointer: '/name', detail }] })
  }
  if (search.length > savedViewLimits.search)
    throw new SkerryError('too_large', {
      detail: `The address of a saved view may have ${savedViewLimits.search} characters.`,
    })
  return { name: words, search }
}

/** Views as a shelf holds them, by name. */
export function savedViewsOf(kept: ReadonlyMap<string, string>): readonly SavedView[] {
  return [...kept].map(([name, search]) => ({ name, search })).sort((a, b) => (a.name < b.name ? -1 : 1))
}
