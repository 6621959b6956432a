import { type Fault, quote, SkerryError } from '../errors.ts'

/** What is wrong with a query, gathered while it is read, so that all of it is told at once. */
export class Faults {
  readonly #all: Fault[] = []

  add(pointer: string, detail: string): undefined {
    this.#all.push({ pointer, detail })
  }

  /** An array of at most so many items; empty where it is none. */
  list(value: unknown, pointer: string, most: number): readonly unknown[] {
    if (!Array.isArray(value)) this.add(pointer, 'must be an array')
    else if (value.length > most) this.add(pointer, `may have ${most} items`)
    else return value
    return []
  }

  /** Throws `invalid_query` if there are any. */
  refuse(): void {
    if (this.#all.length > 0) throw new SkerryError('invalid_query', { faults: this.#all })
  }
}

/** A value of a query as a message shows it. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${quote(value)}"` : quote(JSON.stringify(value) ?? 'undefined')
}
