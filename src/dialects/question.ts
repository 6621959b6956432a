import type { CollectionDefinition } from '../collection.ts'
import { SkerryError } from '../errors.ts'
import type { Report } from '../report.ts'

/** What somebody asks one collection in the words of another product. */
export interface Question {
  /** Of the URL. */
  readonly params: URLSearchParams
  /** The JSON of the body; undefined where the product asks by the URL. */
  readonly body: unknown
  readonly definition: CollectionDefinition
  /** ms since 1970. */
  readonly now: number
  /** Asks a query of ours, as our own clients send it. Throws `invalid_query`. */
  readonly ask: (query: Readonly<Record<string, unknown>>) => Promise<Report>
}

/** Puts a question as queries of ours, and our reports as the product would answer. Throws `invalid_query`. */
export type Answer = (question: Question) => Promise<unknown>

/** What is wrong with a parameter of a question. */
export function wrong(name: string, what: string): SkerryError {
  return new SkerryError('invalid_query', { detail: `The parameter ${name} must be ${what}.` })
}
