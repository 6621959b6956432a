import type { TextField } from '../event.ts'
import type { Lists } from '../lists.ts'
import type { Page } from '../page.ts'
import type { Locate } from '../place.ts'
import type { Referrer } from './referrer.ts'
import type { Sender } from './sender.ts'

/** An event's text fields in the making. */
export interface Making {
  /** What the sender says of a field, read and within its limit. */
  readonly given: (name: TextField) => string | undefined
  readonly page: Page | undefined
  /** Of whom the event is: the sender himself, or whom a trusted one names. Undefined: nobody knows. */
  readonly agent: string | undefined
  readonly address: string | undefined
  /** The sender himself is the visitor, so what his request says of him holds. */
  readonly isOwn: boolean
  referrer: Referrer | undefined
  /** Text fields so far; blank ones are left out. */
  readonly fields: Partial<Record<TextField, string>>
}

/** What steps may look at beside the event. */
export interface StepFacts {
  readonly sender: Sender
  readonly lists: Lists
  readonly locate: Locate
}

/** One step of making an event: later ones see what earlier ones made. */
export type Step = (making: Making, facts: StepFacts) => void

export function put({ fields }: Making, name: TextField, value: string | undefined): void {
  if (value !== undefined && value !== '') fields[name] = value
}
